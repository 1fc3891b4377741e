// Rows that can be left out, on Check and on Changes.
import { complain, post, say } from './app.js';

export const table = document.getElementById('rows');

// put writes a change of a row down, and returns what the row is now.
// before is what the page shows of a cell: it is not written over what another tab has made of it.
export const put = (row, field, text, more) => post(table.dataset.run + '/rows/' + row.dataset.line, { field, text, ...more });

export async function skip(button, changed) {
  const row = button.closest('tr');
  const out = button.dataset.skip === 'yes';
  button.disabled = true;
  try {
    const verdict = await put(row, 'csvput_skip', button.dataset.skip);
    button.dataset.skip = out ? '' : 'yes';
    button.firstElementChild.textContent = out ? 'Take in again' : 'Leave out';
    row.classList.toggle('out', out);
    say('Line ' + row.dataset.line + (out ? ' is left out' : ' is taken in again'));
    changed?.(row, verdict, out);
  } catch (trouble) {
    complain(trouble);
  }
  button.disabled = false;
  button.focus();
}
