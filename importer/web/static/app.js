// What every page does: forms are sent without leaving the page, so that an error is said where one is.

const alertBox = document.getElementById('alert');
const said = document.getElementById('said');

// say speaks to people who hear the page.
export function say(text) {
  said.textContent = text;
}

// complain shows what went wrong, and moves the focus there.
export function complain(trouble) {
  const line = (text) => Object.assign(document.createElement('p'), { textContent: text });
  alertBox.replaceChildren(...[trouble.what, ...(trouble.hints ?? [])].map(line));
  alertBox.hidden = false;
  alertBox.focus();
}

// send asks the server to do something. It returns the response, or throws what went wrong.
export async function send(url, body) {
  let response;
  try {
    response = await fetch(url, { method: 'POST', body, headers: { Accept: 'application/json' } });
  } catch {
    throw { what: 'csvput does not answer: it has been ended. Nothing is lost.', hints: ['Start it again; what you did is under Recent runs.'] };
  }
  if (response.ok) return response;
  const text = await response.text();
  let trouble;
  try {
    trouble = JSON.parse(text);
  } catch {
    trouble = { what: text };
  }
  throw trouble;
}

// post is send for what answers with JSON.
export async function post(url, fields) {
  const body = fields instanceof FormData ? new URLSearchParams(fields) : new URLSearchParams(Object.entries(fields));
  return (await send(url, body)).json();
}

// follow does something, and goes where the answer leads.
export async function follow(url, body) {
  try {
    location.assign((await send(url, body)).url);
  } catch (trouble) {
    complain(trouble);
  }
}

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (form.method !== 'post' || 'own' in form.dataset) return;
  event.preventDefault();
  const buttons = [...form.querySelectorAll('button')];
  const fields = new FormData(form, event.submitter);
  buttons.forEach((b) => { b.disabled = true; });
  await follow(form.action, new URLSearchParams(fields));
  buttons.forEach((b) => { b.disabled = false; });
});

// A page that comes back from the browser's memory may show what is no longer so.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});

// The focus goes to what went wrong, or to the heading, so that a screen reader begins there.
const first = alertBox.hidden ? document.querySelector('h1') : alertBox;
if (first && !location.hash) {
  first.tabIndex = -1;
  first.focus({ preventScroll: true });
}
document.documentElement.dataset.ready = '';
