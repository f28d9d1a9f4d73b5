// Socle, the base script of every page. All of it is a help: pages work without it.
// It moves the focus, announces, saves a draft, sends files one by one, swaps a part of a page.
// It never validates alone, hides a rule or builds a page; any failure ends in the ordinary navigation.
// @ts-check

/** The one policy the headers allow: it hands over pages of this server, nothing else. */
const policy = window.trustedTypes?.createPolicy('socle', { createHTML: (/** @type {string} */ html) => html });

/**
 * @template {Element} [T=HTMLElement]
 * @param {string} selector @param {ParentNode} [root] @returns {T[]}
 */
const all = (selector, root = document) => /** @type {any} */ ([...root.querySelectorAll(selector)]);

/** @param {string} tag @param {Record<string, string>} [attributes] @param {...(Node|string)} children @returns {HTMLElement} */
const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

/* Announcements: one live region, emptied first so that the same sentence is said twice. */
const region = element('p', { class: 'vh', role: 'status' });
document.body.append(region);

/** Says a sentence to assistive technology. @param {string} sentence */
const announce = (sentence) => {
  region.textContent = '';
  setTimeout(() => { region.textContent = sentence; }, 60);
};

/** Moves the focus to any element. @param {HTMLElement} target */
const focusOn = (target) => {
  if (!target.matches('a[href],button,input,select,textarea,summary,[tabindex]')) target.tabIndex = -1;
  target.focus();
};

/** The page a response holds, as a document. @param {string} html */
const parse = (html) => new DOMParser().parseFromString(/** @type {string} */ (policy ? policy.createHTML(html) : html), 'text/html');

/**
 * Replaces a part of the page by the part of the same id in another page, and keeps the focus.
 * @param {HTMLElement} old @param {string} html @returns {HTMLElement|null}
 */
const replace = (old, html) => {
  const page = parse(html);
  const fresh = page.getElementById(old.id);
  if (!fresh) return null;
  const active = document.activeElement;
  const held = active && old.contains(active) ? active.id : null;
  old.replaceWith(document.adoptNode(fresh));
  if (page.title) document.title = page.title;
  const again = held && document.getElementById(held);
  if (again && fresh.contains(again)) again.focus();
  else if (held !== null) focusOn(fresh.querySelector('h1,h2,h3') ?? fresh);
  enhance(fresh);
  return fresh;
};

/**
 * Fetches a page of this site and swaps the part named by `selector`.
 * @param {string} url @param {string} selector
 * @param {{push?: boolean, quiet?: boolean}} [options] push: the address follows; quiet: nothing is said
 */
const swap = async (url, selector, { push = false, quiet = false } = {}) => {
  const old = /** @type {HTMLElement|null} */ (document.querySelector(selector));
  if (!old) return location.assign(url);
  old.setAttribute('aria-busy', 'true');
  const slow = setTimeout(() => announce('Toujours en cours…'), 3000);
  try {
    const response = await fetch(url, { headers: { Accept: 'text/html' } });
    const fresh = response.ok ? replace(old, await response.text()) : null;
    if (!fresh) return location.assign(url);
    if (push) {
      history.pushState(null, '', url);
      shown = address();
    }
    const said = fresh.querySelector('[data-say],h1,h2')?.textContent?.trim();
    if (said && !quiet) announce(said);
  } catch {
    location.assign(url);
  } finally {
    clearTimeout(slow);
    old.removeAttribute('aria-busy');
  }
};

/* Back to an address whose part was swapped: the page itself is fetched again; an anchor is not an address. */
const address = () => location.pathname + location.search;
let shown = address();
addEventListener('popstate', () => { if (address() !== shown) location.reload(); });

addEventListener('click', (event) => {
  if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = /** @type {HTMLAnchorElement|null} */ (event.target.closest('a[data-swap]'));
  if (link) {
    event.preventDefault();
    swap(link.href, /** @type {string} */ (link.dataset.swap), { push: !('quiet' in link.dataset) });
    return;
  }
  if (event.target.closest('[data-print]')) print();
  const wrong = event.target.closest('.errors a[href^="#"]');
  if (wrong) toField(event, wrong.getAttribute('href') ?? '');
  for (const open of all('details.drop-down[open]')) if (!open.contains(event.target)) open.removeAttribute('open');
});

/** From the summary of errors to the first control of the field. @param {Event} event @param {string} href */
const toField = (event, href) => {
  const named = document.getElementById(decodeURIComponent(href.slice(1)));
  const control = named?.matches('input,select,textarea') ? named : named?.querySelector('input,select,textarea');
  if (!(control instanceof HTMLElement)) return;
  event.preventDefault();
  control.closest('.field')?.scrollIntoView({ block: 'center' });
  control.focus({ preventScroll: true });
};

addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !(event.target instanceof Element)) return;
  const open = event.target.closest('details.drop-down[open]');
  open?.removeAttribute('open');
  open?.querySelector('summary')?.focus();
});

/* A form that is on its way is not sent again; a form marked data-swap replaces a part of the page. */
addEventListener('submit', (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (event.defaultPrevented) return;
  if (form.dataset.swap && form.method === 'get') {
    event.preventDefault();
    const fields = new URLSearchParams(/** @type {any} */ (new FormData(form)));
    return void swap(`${form.action.split('?')[0]}?${fields}`, form.dataset.swap, { push: true });
  }
  if (form.dataset.sent) {
    event.preventDefault();
    announce('Envoi en cours, un instant.');
    return;
  }
  form.dataset.sent = 'yes';
  for (const button of all('button:not([type=button])', form)) button.setAttribute('aria-disabled', 'true');
  setTimeout(() => release(form), 15000);
});

/** @param {HTMLFormElement} form */
const release = (form) => {
  delete form.dataset.sent;
  for (const button of all('[aria-disabled=true]', form)) button.removeAttribute('aria-disabled');
};
addEventListener('pageshow', () => /** @type {HTMLFormElement[]} */ (all('form[data-sent]')).forEach(release));

/* Draft: the whole form is sent two seconds after the last change. */
const OFFLINE = 'Hors ligne, vos réponses restent à l’écran.';
const hour = () => new Date().toLocaleTimeString('fr-FR', { hour: 'numeric', minute: '2-digit' }).replace(/^0?(\d+):/, '$1\u00a0h\u00a0');

/** @param {HTMLFormElement} form */
const autosave = (form) => {
  const url = /** @type {string} */ (form.dataset.autosave);
  const line = form.querySelector('[role=status] > span') ?? form.querySelector('[role=status]');
  const say = (/** @type {string} */ sentence) => { if (line && line.textContent !== sentence) line.textContent = sentence; };
  /** @type {ReturnType<typeof setTimeout>|undefined} */ let timer;
  let dirty = false, turn = 0;
  const body = () => new URLSearchParams(/** @type {any} */ ([...new FormData(form)].filter(([, value]) => typeof value === 'string')));
  const save = async () => {
    clearTimeout(timer);
    if (!dirty || form.dataset.sent) return;
    dirty = false;
    const mine = ++turn;
    try {
      const response = await fetch(url, { method: 'POST', body: body(), headers: { Accept: 'text/plain' }, redirect: 'manual' });
      if (mine !== turn) return;
      const text = response.ok && response.headers.get('content-type')?.startsWith('text/plain') ? (await response.text()).trim() : '';
      if (response.ok) return say(text || `Brouillon enregistré à ${hour()}.`);
      dirty = true;
      say('Brouillon non enregistré, vos réponses restent à l’écran. Appuyez sur Continuer pour les garder.');
    } catch {
      dirty = true;
      say(OFFLINE);
      timer = setTimeout(save, 15000);
    }
  };
  form.addEventListener('input', () => { dirty = true; clearTimeout(timer); timer = setTimeout(save, 2000); });
  addEventListener('online', save);
  addEventListener('offline', () => say(OFFLINE));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && dirty && !form.dataset.sent && navigator.sendBeacon(url, body())) dirty = false;
  });
};

/** Without a network, "Continuer" would end on the browser's own page: said beside the button instead. @param {HTMLFormElement} form */
const offline = (form) => {
  form.addEventListener('submit', (event) => {
    if (navigator.onLine || event.defaultPrevented) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = /** @type {HTMLElement|null} */ (/** @type {SubmitEvent} */ (event).submitter ?? form.querySelector('[type=submit]'));
    form.querySelector('[data-offline]')?.remove();
    const text = element('span', {}, 'Vous n’avez plus de réseau. Rien n’est perdu : vos réponses restent à l’écran, envoyez-les quand il revient.');
    const line = element('p', { class: 'err', 'data-offline': '', role: 'alert' }, text);
    const place = button?.closest('.row') ?? button;
    if (place && form.contains(place)) place.before(line); else form.append(line);
    addEventListener('online', () => {
      if (!line.isConnected) return;
      const again = element('button', { type: 'button', class: 'btn' }, 'Réessayer');
      again.addEventListener('click', () => { line.remove(); box.remove(); form.requestSubmit(button instanceof HTMLButtonElement && button.form === form ? button : undefined); });
      const box = element('p', { class: 'row', 'data-offline': '' }, again);
      text.textContent = 'Le réseau est revenu.';
      line.className = 'status';
      line.after(box);
    }, { once: true });
  }, { capture: true });
};

/** How many signs are left; the limit itself is the server's. @param {HTMLTextAreaElement} area */
const count = (area) => {
  const line = document.getElementById(`${area.id}-c`);
  const limit = Number(area.dataset.count);
  if (!line || !limit) return;
  const tell = () => {
    const left = limit - [...area.value].length;
    const plural = Math.abs(left) > 1 ? 's' : '';
    line.textContent = left < 0 ? `Trop long de ${-left} caractère${plural}.` : `Encore ${left} caractère${plural}.`;
    return left;
  };
  /** @type {ReturnType<typeof setTimeout>|undefined} */ let timer;
  area.addEventListener('input', () => {
    clearTimeout(timer);
    if (tell() < limit / 10) timer = setTimeout(() => announce(line.textContent ?? ''), 1000);
  });
  tell();
};

/* Files: one request each, one after the other, so that a cut costs one file. */
/** @typedef {{file: File, key: string, row: HTMLElement, say: HTMLElement, bar: HTMLElement, button: HTMLElement, request?: XMLHttpRequest}} Sending */
/** @type {Sending[]} */ const queue = [];
let sending = false;

const size = (/** @type {number} */ bytes) => bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))}\u00a0Ko` : `${(bytes / 1e6).toFixed(1).replace('.', ',')}\u00a0Mo`;

/** @param {HTMLElement} field */
const upload = (field) => {
  const input = /** @type {HTMLInputElement|null} */ (field.querySelector('input[type=file]'));
  if (!input) return;
  // Files leave as soon as they are chosen: the button that serves without script would send nothing.
  for (const alone of all('[data-alone]', field.closest('form') ?? field)) alone.hidden = true;
  input.addEventListener('change', () => {
    const list = field.querySelector('[data-sending]') ?? element('ul', { class: 'rows', 'data-sending': '' });
    input.closest('.drop')?.before(list);
    for (const file of input.files ?? []) list.append(line(file, field, input.name));
    input.value = '';
    next(field);
  });
};

/** @param {File} file @param {HTMLElement} field @param {string} name */
const line = (file, field, name) => {
  const bar = element('progress', { max: '100', value: '0', 'aria-label': `Envoi de ${file.name}` });
  const say = element('p', { class: 'say' }, 'En attente');
  const button = element('button', { type: 'button', class: 'btn quiet' }, 'Annuler', element('span', { class: 'vh' }, ` l’envoi de ${file.name}`));
  const row = element('li', { 'data-name': name }, element('div', {}, element('b', {}, file.name), bar, say), button);
  const it = /** @type {Sending} */ ({ file, key: crypto.randomUUID(), row, say, bar, button });
  const limit = Number(field.dataset.max);
  if (limit && file.size > limit) fail(it, `Non envoyé : ${size(file.size)}, la limite est de ${size(limit)}.`, 'Retirer');
  else if (!file.size) fail(it, 'Non envoyé : ce fichier est vide.', 'Retirer');
  else queue.push(it);
  button.addEventListener('click', () => {
    if (button.dataset.retry) return retry(it, field);
    it.request?.abort();
    queue.splice(queue.indexOf(it) >>> 0, 1);
    row.remove();
    focusOn(/** @type {HTMLElement} */ (document.getElementById(field.id)?.querySelector('input[type=file]') ?? field));
  });
  return row;
};

/** @param {Sending} it @param {string} sentence @param {string} label */
const fail = (it, sentence, label) => {
  it.bar.hidden = true;
  it.say.className = 'say bad';
  it.say.textContent = sentence;
  if (it.button.firstChild) it.button.firstChild.textContent = label;
  if (label === 'Réessayer') it.button.dataset.retry = 'yes';
  announce(`${it.file.name}. ${sentence}`);
};

/** @param {Sending} it @param {HTMLElement} field */
const retry = (it, field) => {
  delete it.button.dataset.retry;
  if (it.button.firstChild) it.button.firstChild.textContent = 'Annuler';
  it.bar.hidden = false;
  it.say.className = 'say';
  it.say.textContent = 'En attente';
  queue.push(it);
  next(field);
};

/** Sends the next file of the queue. @param {HTMLElement} was */
const next = (was) => {
  const it = sending ? undefined : queue.shift();
  if (!it) return;
  sending = true;
  const field = document.getElementById(was.id) ?? was;
  const request = it.request = new XMLHttpRequest();
  const form = new FormData();
  form.append('_cle', it.key);
  form.append(it.row.dataset.name ?? 'fichier', it.file);
  request.open('POST', /** @type {string} */ (field.dataset.upload));
  request.setRequestHeader('Accept', 'text/html');
  request.upload.onprogress = (event) => {
    const part = Math.round(event.loaded / event.total * 100);
    it.bar.setAttribute('value', String(part));
    it.say.textContent = part < 100 ? `${part}\u00a0%` : 'Reçu, vérification en cours…';
  };
  request.onloadend = () => {
    sending = false;
    arrived(it, request, field);
    next(field);
  };
  request.send(form);
};

/** The server answered with its page: the field is taken from it. @param {Sending} it @param {XMLHttpRequest} request @param {HTMLElement} field */
const arrived = (it, request, field) => {
  if (!it.row.isConnected) return;
  if (!request.status || request.status >= 500 || request.status === 429) return fail(it, 'Coupé en route. Vos autres fichiers sont gardés.', 'Réessayer');
  const rest = field.querySelector('[data-sending]');
  it.row.remove();
  const fresh = replace(field, request.responseText);
  if (!fresh) return location.reload();
  if (rest?.childElementCount) fresh.querySelector('.drop')?.before(rest);
  announce(fresh.querySelector('.err')?.textContent?.trim() || `${it.file.name} est reçu.`);
};

/** Binds what a page, or a part of it, holds. @param {HTMLElement|Document} root */
const enhance = (root) => {
  const found = (/** @type {string} */ selector) => [...(root instanceof Element && root.matches(selector) ? [root] : []), ...all(selector, root)];
  for (const form of found('form[method=post]')) offline(/** @type {HTMLFormElement} */ (form));
  for (const form of found('form[data-autosave]')) autosave(/** @type {HTMLFormElement} */ (form));
  for (const area of found('textarea[data-count]')) count(/** @type {HTMLTextAreaElement} */ (area));
  for (const field of found('[data-upload]')) upload(/** @type {HTMLElement} */ (field));
};

enhance(document);
const summary = all('.errors')[0];
if (summary) focusOn(summary);

// Handed to the other scripts: an import would name this file without its hash.
/** @type {any} */ (window).socle = { all, announce, swap };
