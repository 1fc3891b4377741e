import { complain, say, send } from './app.js';

const $ = (id) => document.getElementById(id);
const number = new Intl.NumberFormat('en-GB');
const size = (bytes) => number.format(Math.round(bytes / 1024)) + ' KiB';
let stage = '', tenth = 0, waiting = false, notes = 0;

function show(state) {
  $('stage').textContent = state.stage || $('stage').textContent;
  if (state.total > 0) {
    $('bar').max = state.total;
    $('bar').value = Math.min(state.done, state.total);
  } else {
    $('bar').removeAttribute('value');
  }
  const write = state.bytes ? size : number.format;
  $('done').textContent = state.total > 0 ? `${write(state.done)} of ${write(state.total)}` : state.done ? write(state.done) : '';
  $('left').textContent = state.left;
  $('wait').textContent = state.wait;
  $('wait').hidden = !state.wait;
  $('counts').replaceChildren(...Object.entries(state.counts).map(([status, n]) => {
    const item = document.createElement('li');
    item.className = 's-' + status;
    const swatch = Object.assign(document.createElement('span'), { className: 'swatch' });
    item.append(swatch, Object.assign(document.createElement('b'), { textContent: number.format(n) }), ' ' + status.replaceAll('_', ' '));
    return item;
  }));
  $('notes').replaceChildren(...state.notes.map((text) => Object.assign(document.createElement('li'), { textContent: text })));
  if (state.stopping && $('stop-button').dataset.asked !== 'yes') asked();
  speak(state);
}

// speak says what matters to people who hear the page, and not every second.
function speak(state) {
  const now = state.total > 0 ? Math.floor(state.done * 10 / state.total) : 0;
  if (state.stage !== stage) {
    say(state.stage);
  } else if (!!state.wait !== waiting) {
    say(state.wait || 'Going on.');
  } else if (state.notes.length > notes) {
    say(state.notes.at(-1));
  } else if (now > tenth) {
    say(`${now * 10} percent done. ${state.left}`);
  }
  [stage, tenth, waiting, notes] = [state.stage, now, !!state.wait, state.notes.length];
}

function asked() {
  $('stop-button').dataset.asked = 'yes';
  $('stop-button').textContent = 'Stop at once';
  $('stop-help').textContent = 'Stopping: what is on its way is being finished. To stop at once leaves some records to be looked up later.';
}

$('stop').addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    await send($('stop').action);
    asked();
  } catch (trouble) {
    complain(trouble);
  }
});

async function ask() {
  try {
    const response = await fetch($('running').dataset.state);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

async function poll() {
  const state = await ask();
  if (state) show(state);
  if (!state || state.ending) {
    complain({ what: 'csvput has been ended.', hints: ['Nothing is lost. Start it again, then choose "Go on" under Recent runs.'] });
  } else if (state.next) {
    location.replace(state.next);
  } else {
    setTimeout(poll, 1000);
  }
}
poll();
