// The first rows are shown anew as soon as another way to read them is chosen.
import { complain } from './app.js';

const form = document.getElementById('reading');
const parser = new DOMParser();

form.addEventListener('change', async (event) => {
  if (event.target.id === 'sheet') form.elements['header-line'].value = ''; // which is another sheet's
  try {
    const response = await fetch('?' + new URLSearchParams(new FormData(form)), { headers: { Accept: 'text/html' } });
    const page = parser.parseFromString(await response.text(), 'text/html');
    document.getElementById('preview').replaceChildren(...page.getElementById('preview').childNodes);
  } catch {
    complain({ what: 'csvput does not answer: it has been ended. Nothing is lost.', hints: ['Start it again.'] });
  }
});
