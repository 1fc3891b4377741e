// Cells are checked as they are typed, and written down when the person leaves them.
import { complain, post, say } from './app.js';
import { put, skip, table } from './rows.js';

const pause = 150; // milliseconds without a key before a cell is checked
const waiting = new WeakMap();

function show(row, verdict) {
  row.classList.toggle('problem', verdict.problem && !verdict.leftOut);
  row.querySelector('.why').textContent = verdict.message;
  row.querySelector('.advice').textContent = verdict.hint;
  row.querySelector('.read-as').textContent = verdict.readAs ? 'Read as ' + verdict.readAs : '';
}

const words = (row, verdict) => 'Line ' + row.dataset.line + ': ' + (verdict.problem ? verdict.message : verdict.readAs ? 'read as ' + verdict.readAs : 'in order');

function check(input) {
  clearTimeout(waiting.get(input));
  const row = input.closest('tr');
  waiting.set(input, setTimeout(async () => {
    const text = input.value;
    try {
      const verdict = await post(table.dataset.run + '/try/' + row.dataset.line, { field: input.dataset.field, text });
      if (input.value === text) show(row, verdict);
    } catch (trouble) {
      complain(trouble);
    }
  }, pause));
}

async function keep(input) {
  clearTimeout(waiting.get(input));
  const row = input.closest('tr');
  try {
    const text = input.value;
    const verdict = await put(row, input.dataset.field, text, { before: input.dataset.kept ?? input.getAttribute('value') });
    input.dataset.kept = text;
    show(row, verdict);
    say(words(row, verdict) + '. Kept.');
  } catch (trouble) {
    complain(trouble);
  }
}

table?.addEventListener('input', (event) => event.target.dataset.field && check(event.target));
table?.addEventListener('change', (event) => event.target.dataset.field && keep(event.target));
table?.addEventListener('keydown', (event) => {
  const input = event.target;
  if (!input.dataset.field || event.key !== 'Escape') return;
  input.value = input.dataset.kept ?? input.defaultValue;
  check(input);
});
table?.addEventListener('click', async (event) => {
  const skipped = event.target.closest('[data-skip]');
  const whole = event.target.closest('[data-whole]');
  const taken = event.target.closest('[data-id]');
  if (skipped) skip(skipped, show);
  if (whole) {
    try {
      const row = whole.closest('tr');
      const verdict = await put(row, 'csvput_whole', 'yes');
      show(row, verdict);
      say(words(row, verdict) + '. Kept.');
    } catch (trouble) {
      complain(trouble);
    }
  }
  if (taken) {
    const input = taken.closest('tr').querySelector('[data-field=id]');
    input.value = taken.dataset.id;
    keep(input);
  }
});
