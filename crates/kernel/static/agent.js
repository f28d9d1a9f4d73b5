// The agents' script: keys in a list, the panel beside it, the selection for bulk actions.
// Every list works without it: rows hold links and boxes, the panel has its own address.
// @ts-check
/** Loaded after the base script, which hands these over. @type {{all: Function, announce: Function, swap: Function}} */
const { all, announce, swap } = /** @type {any} */ (window).socle;

/** Kept on this device only: keys can be switched off (they could trouble speech input). */
const OFF = 'raccourcis-coupes';
const isOff = () => localStorage.getItem(OFF) === '1';

/** @returns {HTMLTableElement|null} */
const list = () => document.querySelector('table[data-list]');
/** @returns {HTMLTableRowElement[]} */
const rows = () => /** @type {any} */ (all('tbody > tr', list() ?? document.createElement('table')));
const current = () => rows().findIndex((row) => row.contains(document.activeElement) || row.classList.contains('open'));

/** @type {ReturnType<typeof setTimeout>|undefined} */ let waiting;

/** Goes to a row: its link takes the focus, the panel follows. @param {number} index */
const goTo = (index) => {
  const row = rows()[index];
  if (!row) return;
  for (const other of rows()) other.classList.toggle('open', other === row);
  /** @type {HTMLElement|null} */ (row.querySelector('th a, td a'))?.focus();
  row.scrollIntoView({ block: 'nearest' });
  const panel = /** @type {HTMLElement|null} */ (document.querySelector(list()?.dataset.list || '#apercu'));
  const url = row.dataset.preview;
  clearTimeout(waiting);
  if (url && panel && matchMedia('(min-width: 75rem)').matches) waiting = setTimeout(() => swap(url, `#${panel.id}`, { quiet: true }), 150);
};

/** @param {HTMLElement|null} box */
const isField = (box) => !!box?.closest('input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]');

addEventListener('keydown', (event) => {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (event.ctrlKey || event.altKey || event.metaKey || isOff() || isField(target) || document.querySelector('dialog[open]')) return;
  const act = {
    j: () => goTo(current() + 1),
    k: () => goTo(Math.max(0, current() - 1)),
    x: () => /** @type {HTMLElement|null} */ (rows()[current()]?.querySelector('[type=checkbox]'))?.click(),
    '/': () => /** @type {HTMLElement|null} */ (document.querySelector('.find input'))?.focus(),
    '?': () => /** @type {HTMLDialogElement|null} */ (document.querySelector('#raccourcis'))?.showModal(),
  }[event.key];
  if (!act || ('jkx'.includes(event.key) && !list())) return;
  event.preventDefault();
  act();
});

/* The selection: all, a range with Maj, none; the bar says how many. */
/** @type {HTMLInputElement|null} */ let last = null;

addEventListener('click', (event) => {
  if (!(event.target instanceof HTMLElement)) return;
  const opener = event.target.closest('[data-open]');
  if (opener instanceof HTMLElement) /** @type {HTMLDialogElement|null} */ (document.getElementById(opener.dataset.open ?? ''))?.showModal();
  const form = /** @type {HTMLElement|null} */ (event.target.closest('[data-bulk]'));
  if (!form) return;
  if (event.target.closest('[data-none]')) {
    event.preventDefault();
    choose(form, () => false);
  }
  const box = event.target instanceof HTMLInputElement && event.target.closest('.pick') ? event.target : null;
  if (!box) return;
  if (event.shiftKey && last) {
    const all = boxes(form), [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    all.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
  }
  last = box;
  tell(form);
});

/** @param {HTMLElement} form @returns {HTMLInputElement[]} */
const boxes = (form) => /** @type {any} */ (all('.pick [type=checkbox]', form));

/** @param {HTMLElement} form @param {(box: HTMLInputElement) => boolean} isChosen */
const choose = (form, isChosen) => {
  for (const box of boxes(form)) box.checked = isChosen(box);
  tell(form);
};

/** @param {HTMLElement} form */
const tell = (form) => {
  const chosen = boxes(form).filter((box) => box.checked).length;
  const line = form.querySelector('[data-chosen]');
  const sentence = chosen === 0 ? 'Aucun dossier choisi' : chosen === 1 ? '1 dossier choisi' : `${chosen} dossiers choisis`;
  if (line) line.textContent = sentence;
  const every = /** @type {HTMLInputElement|null} */ (form.querySelector('[data-all]'));
  if (every) {
    every.checked = chosen > 0 && chosen === boxes(form).length;
    every.indeterminate = chosen > 0 && !every.checked;
  }
  announce(sentence);
};

addEventListener('change', (event) => {
  const box = event.target instanceof HTMLInputElement ? event.target : null;
  const form = /** @type {HTMLElement|null} */ (box?.closest('[data-bulk]') ?? null);
  if (box?.matches('[data-all]') && form) choose(form, () => box.checked);
  if (box?.matches('[data-keys]')) localStorage.setItem(OFF, box.checked ? '0' : '1');
});

for (const box of /** @type {HTMLInputElement[]} */ (all('[data-keys]'))) box.checked = !isOff();
