// The page of one run. It reads the rows out of the page itself, never from a network.
'use strict';
document.documentElement.classList.add('js');

document.addEventListener('DOMContentLoaded', () => {
  const PAGE = 100;
  const $ = (id) => document.getElementById(id);
  const number = new Intl.NumberFormat('en-GB');
  const plural = (n, word) => number.format(n) + ' ' + word + (n === 1 ? '' : 's');

  // Columns of a packed row: the order in which rows.go writes them.
  const [LINE, STATUS, CODE, ID, TYPE, COUNTRY, NAME_OLD, NAME, VALUE_OLD, VALUE, NATIONAL, MESSAGE,
    HTTP, ATTEMPTS, MS, AT, OWNERS_OLD, OWNERS, PRIMARY_OLD, PRIMARY, MATCHED_BY] = Array(21).keys();
  const SHARED = [STATUS, CODE, TYPE, COUNTRY, NAME_OLD, NAME, MESSAGE, OWNERS_OLD, OWNERS, PRIMARY_OLD, PRIMARY, MATCHED_BY];

  const config = JSON.parse($('config').textContent);
  const rows = unpack();
  const state = { statuses: new Set(), code: '', words: '', hits: rows, page: 0 };
  let haystack = null;

  // unpack parses the blocks of rows. A text that comes again is written as its place in the list of those seen before.
  function unpack() {
    const all = [], seen = [''];
    for (const block of document.querySelectorAll('script.rows')) {
      for (const row of JSON.parse(block.textContent)) {
        for (const column of SHARED) {
          const cell = row[column];
          if (typeof cell === 'string') {
            if (seen.length < config.shared) seen.push(cell);
          } else {
            row[column] = seen[cell || 0];
          }
        }
        for (const column of [VALUE_OLD, VALUE, NATIONAL]) row[column] ||= '';
        all.push(row);
      }
      block.remove();
    }
    return all;
  }

  const uuid = (s) => s.startsWith('=') ? s.slice(1) : s.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

  // search finds the rows that contain the words; a number is found however it is punctuated.
  function search(words) {
    const line = /^line\s*(\d+)$/.exec(words);
    if (line) return rows.map((row) => row[LINE] === Number(line[1]));
    haystack ??= rows.map((row) => [
      uuid(row[ID]), row[NAME_OLD], row[NAME], row[VALUE_OLD], row[VALUE], row[NATIONAL],
      row[NATIONAL].replace(/\D/g, ''), row[MESSAGE], row[CODE],
    ].join('\n').toLowerCase());
    const digits = /^[+\d\s().-]+$/.test(words) ? words.replace(/[\s().-]/g, '') : '';
    return haystack.map((text) => text.includes(words) || (digits.length > 2 && text.includes(digits)));
  }

  function apply() {
    const { statuses, code, words } = state;
    const found = words ? search(words) : null;
    state.hits = rows.filter((row, i) => (!statuses.size || statuses.has(row[STATUS])) &&
      (!code || row[CODE] === code) && (!found || found[i]));
    state.page = 0;
    $('clear').hidden = !(statuses.size || code || words);
    render();
  }

  function render() {
    const { hits, page } = state;
    const pages = Math.max(1, Math.ceil(hits.length / PAGE));
    const first = page * PAGE;
    const shown = hits.slice(first, first + PAGE);
    $('rows').replaceChildren(...shown.map((row, i) => tableRow(row, first + i + 2)));
    $('table').setAttribute('aria-rowcount', hits.length + 1);
    $('table').hidden = !hits.length;
    $('none').hidden = !!hits.length;
    $('pager').hidden = pages === 1;
    $('page').max = pages;
    $('page').value = page + 1;
    $('pages').textContent = number.format(pages);
    for (const b of document.querySelectorAll('[data-go]')) {
      b.disabled = /first|previous/.test(b.dataset.go) ? page === 0 : page === pages - 1;
    }
    $('shown').textContent = hits.length
      ? plural(hits.length, 'row') + (hits.length === rows.length ? '' : ' of ' + number.format(rows.length)) +
        (pages > 1 ? `, showing ${number.format(first + 1)} to ${number.format(first + shown.length)}` : '')
      : 'No row matches.';
  }

  function goTo(page) {
    const last = Math.max(0, Math.ceil(state.hits.length / PAGE) - 1);
    state.page = Math.min(Math.max(0, page || 0), last);
    render();
    $('all-rows').scrollIntoView();
  }

  // el builds an element; texts among its children become text nodes, so that no value is ever read as HTML.
  function el(tag, className, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    node.append(...children.filter((child) => child !== '' && child != null));
    return node;
  }
  function cell(label, ...children) {
    const td = el('td', '', ...children);
    td.setAttribute('role', 'cell');
    td.dataset.label = label;
    return td;
  }
  function hidden(text) { return el('span', 'visually-hidden', text); }
  function value(tag, className, text) {
    const node = el(tag, className, text);
    node.dir = 'auto';
    return node;
  }

  // change shows one field. What was asked for and not done is said so to those who cannot see that it is not bold.
  function change(label, before, after, asked, note) {
    if (!before && !after) return '';
    const words = el('span', '');
    if (!after) {
      words.append(value('span', 'same', before));
    } else if (!before) {
      words.append(value('ins', '', after));
    } else {
      const arrow = el('span', 'arrow', ' → ');
      arrow.setAttribute('aria-hidden', 'true');
      words.append(hidden('from '), value('del', '', before), arrow, hidden(asked ? ', asked for: ' : ' to '), value('ins', '', after));
    }
    if (note) words.append(' ', el('span', 'national', note));
    return el('div', 'change', el('span', 'what', label + ' '), words);
  }

  function tableRow(row, index) {
    const label = config.statuses[row[STATUS]] || row[STATUS];
    const facts = [
      row[MATCHED_BY] ? 'matched by ' + row[MATCHED_BY] : '',
      row[HTTP] >= 300 ? 'HTTP ' + row[HTTP] : '',
      row[ATTEMPTS] > 1 ? row[ATTEMPTS] + ' attempts' : '',
      row[MS] ? number.format(row[MS]) + ' ms' : '',
      row[AT] ? clock(row[AT]) : '',
    ].filter(Boolean).join(' · ');
    const asked = config.problems.includes(row[STATUS]);
    const tr = el('tr', asked ? 'asked' : '',
      cell('Line', String(row[LINE])),
      cell('Status', el('span', 'status s-' + row[STATUS], label), row[CODE] ? el('code', 'code', row[CODE]) : ''),
      cell('Contact detail', el('span', 'type', config.types[row[TYPE]] || row[TYPE]), el('code', 'id', uuid(row[ID]))),
      cell('Change',
        change('Value', row[VALUE_OLD], row[VALUE], asked, row[NATIONAL] && [row[NATIONAL], row[COUNTRY]].join(' · ')),
        change('Name', row[NAME_OLD], row[NAME], asked),
        row[OWNERS] ? change('Owners', row[OWNERS_OLD], row[OWNERS], asked) : '',
        row[PRIMARY] ? change('Primary for', row[PRIMARY_OLD], row[PRIMARY], asked) : ''),
      cell('Message', row[MESSAGE] ? value('span', 'message', row[MESSAGE]) : '', facts ? el('div', 'facts-line', facts) : ''));
    tr.setAttribute('role', 'row');
    tr.setAttribute('aria-rowindex', index);
    return tr;
  }

  // clock writes seconds after config.start as a time of day in UTC, with the date when it is another day.
  function clock(seconds) {
    const day = (s) => new Date(s * 1000).toISOString().slice(0, 10);
    const at = config.start + seconds;
    return (day(at) === day(config.start) ? '' : day(at) + ' ') + new Date(at * 1000).toISOString().slice(11, 19) + ' UTC';
  }

  let pause;
  $('search').addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      state.words = $('search').value.trim().toLowerCase();
      apply();
    }, 120);
  });
  $('statuses').addEventListener('change', () => {
    const boxes = [...document.querySelectorAll('#statuses input:checked')];
    state.statuses = new Set(boxes.flatMap((box) => box.value.split(' ')));
    apply();
  });
  $('code').addEventListener('change', () => {
    state.code = $('code').value;
    apply();
  });
  function reset() {
    for (const box of document.querySelectorAll('#statuses input')) box.checked = false;
    $('search').value = $('code').value = state.words = state.code = '';
    state.statuses.clear();
  }
  $('clear').addEventListener('click', () => {
    reset();
    apply();
    $('search').focus();
  });
  for (const button of document.querySelectorAll('[data-show-code]')) {
    button.addEventListener('click', () => {
      reset();
      state.code = $('code').value = button.dataset.showCode;
      apply();
      $('all-rows').scrollIntoView();
      $('code').focus({ preventScroll: true });
    });
  }
  for (const button of document.querySelectorAll('[data-go]')) {
    button.addEventListener('click', () => goTo({
      first: 0, previous: state.page - 1, next: state.page + 1, last: Infinity,
    }[button.dataset.go]));
  }
  $('page').addEventListener('change', () => goTo(Number($('page').value) - 1));

  const countries = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  for (const node of document.querySelectorAll('[data-country]')) {
    let name;
    try { name = countries.of(node.dataset.country); } catch { /* not a country code: it stands for itself */ }
    if (name) node.replaceChildren(name + ' ', el('span', 'region', node.dataset.country));
  }

  apply();
  document.documentElement.dataset.ready = 'true';
});
