import { complain, follow, say } from './app.js';

const form = document.getElementById('drop');
const input = document.getElementById('file');

async function take(files) {
  if (files.length !== 1) {
    complain({ what: files.length ? 'One file at a time, please.' : 'That was no file.' });
    return;
  }
  say('Reading ' + files[0].name);
  form.classList.add('busy');
  input.disabled = true;
  await follow('/files?name=' + encodeURIComponent(files[0].name), files[0]);
  form.classList.remove('busy');
  input.disabled = false;
  input.value = '';
}

input.addEventListener('change', () => input.files.length && take(input.files));
form.addEventListener('submit', (event) => event.preventDefault());

// A file may be dropped anywhere on the page: next to the area, the browser would open it instead.
for (const kind of ['dragover', 'dragenter']) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    form.classList.add('over');
  });
}
document.addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) form.classList.remove('over');
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  form.classList.remove('over');
  take(event.dataTransfer.files);
});
