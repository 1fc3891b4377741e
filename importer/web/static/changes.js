import { skip, table } from './rows.js';

const heading = document.getElementById('records');

function count(out) {
  const left = Number(heading.dataset.records) + (out ? -1 : 1);
  heading.dataset.records = left;
  heading.textContent = left === 0 ? 'Nothing would change' : left.toLocaleString('en') + (left === 1 ? ' record' : ' records') + ' would change';
}

table?.addEventListener('click', (event) => {
  const button = event.target.closest('[data-skip]');
  if (button) skip(button, (row, verdict, out) => count(out));
});
