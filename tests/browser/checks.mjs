// What every page must be, whatever it says. Each check gives the faults that it found, in words.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { HtmlValidate } from 'html-validate';

const require = createRequire(import.meta.url);
const axeSource = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
const french = JSON.parse(await readFile(require.resolve('axe-core/locales/fr.json'), 'utf8'));
const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:document', 'html-validate:a11y'],
  rules: {
    // Several boxes share a name on purpose, and so do the buttons of a list.
    'form-dup-name': 'off',
    // Matters of taste that change nothing to who reads.
    'void-style': 'off', 'attribute-boolean-style': 'off', 'doctype-style': 'off', 'no-trailing-whitespace': 'off',
    'long-title': 'off', 'no-implicit-button-type': 'error', 'attr-quotes': 'off', 'no-raw-characters': 'off',
    // A table that turns into cards on a phone says its roles again, for the readers that lose them.
    'no-redundant-role': 'off', 'prefer-native-element': 'off',
    // Everything comes from our own host, whose address already says what the file holds.
    'require-sri': 'off',
    // Spaces of numbers are made unbreakable by the filter of the templates; the hours beside them are not numbers.
    'tel-non-breaking': 'off',
    // A control is named after its question and its part, as its field of the form: a dot stands between them.
    'valid-id': ['error', { relaxed: true }],
    // The summary of errors comes first, and takes the focus, before the title of the page.
    'heading-level': ['error', { minInitialRank: 'h2' }],
    // The drawings are made by the server and are hidden from readers.
    'svg-focusable': 'off',
  },
});

/** The checks of a mode: without script, the behaviour of scripts is not looked at again. */
export const of = (mode) => (mode.script
  ? { axe, html, overflow, spacing, focus, tab, motion, size }
  : { overflow, size });

/** axe, told by RGAA criterion. */
const axe = async ({ page }) => {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate((locale) => {
    window.axe.configure({ locale });
    return window.axe.run(document, {
      runOnly: { type: 'tag', values: ['RGAAv4', 'wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
      resultTypes: ['violations'],
    });
  }, french);
  return violations.map((rule) => {
    const criteria = rule.tags.filter((tag) => /^RGAA-/.test(tag)).map((tag) => tag.slice(5)).join(', ');
    return `${rule.id}${criteria ? ` (RGAA ${criteria})` : ''}: ${rule.help} — ${rule.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(' | ')}`;
  });
};

/** The HTML as it was sent. */
const html = async (visitor) => {
  if (!visitor.html.startsWith('<!')) return [];
  const report = await validator.validateString(visitor.html);
  const found = report.results.flatMap((result) => result.messages).filter((message) => message.severity === 2);
  return [...new Set(found.map((message) => `${message.ruleId}: ${message.message} (${message.selector ?? ''})`))];
};

/** No sideways scroll, at 320 and 640 px and as it is; nothing cut inside. */
const overflow = async ({ page, mode }) => {
  const faults = [];
  for (const width of [320, 640, mode.width]) {
    await page.setViewportSize({ width, height: mode.height });
    faults.push(...(await page.evaluate(cut)).map((fault) => `${width} px: ${fault}`));
  }
  return faults;
};

/** The same with the spacing of text that WCAG 1.4.12 allows anybody to want. */
const spacing = async ({ page }) => {
  const put = (on) => page.evaluate((wanted) => {
    if (!wanted) { document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== window.spacing); return; }
    window.spacing = new CSSStyleSheet();
    window.spacing.replaceSync('*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-bottom:2em!important}');
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, window.spacing];
  }, on);
  await put(true);
  const faults = await page.evaluate(cut);
  await put(false);
  return faults;
};

/** What goes beyond the page, and the boxes that hide a part of their words. Runs in the page. */
const cut = () => {
  const faults = [];
  const name = (node) => `${node.localName}${node.id ? `#${node.id}` : ''}${node.className?.baseVal === undefined && node.className ? `.${String(node.className).split(' ').join('.')}` : ''}`;
  const root = document.scrollingElement;
  if (root.scrollWidth > root.clientWidth + 1) {
    const wide = [...document.body.querySelectorAll('*')].filter((node) => {
      const box = node.getBoundingClientRect();
      return box.width && box.right > root.clientWidth + 1 && !node.closest('.vh') && getComputedStyle(node).position !== 'fixed';
    });
    faults.push(`la page déborde de ${root.scrollWidth - root.clientWidth} px: ${wide.slice(0, 3).map(name).join(' > ')}`);
  }
  for (const node of document.body.querySelectorAll('*')) {
    if (node.closest('svg, .vh, .skip, select, textarea, [popover]:not(:popover-open)') || node.matches('input, html, body')) continue;
    const style = getComputedStyle(node);
    if (!/hidden|clip|auto|scroll/.test(style.overflowX + style.overflowY) || !node.innerText?.trim()) continue;
    // The heads of a table that turns into cards are kept for readers, and each cell says its own.
    if (node.matches('.scroll, pre, [data-scroll], dialog, thead') || node.closest('thead')) continue;
    if (node.scrollWidth > node.clientWidth + 2 && node.clientWidth) faults.push(`${name(node)} cache une partie de son texte en largeur`);
    if (/hidden|clip/.test(style.overflowY) && node.scrollHeight > node.clientHeight + 4 && node.clientHeight) faults.push(`${name(node)} cache une partie de son texte en hauteur`);
  }
  return faults;
};

/** Where one is with the keyboard shows on every control. */
const focus = ({ page }) => page.evaluate(() => {
  const faults = [];
  const shown = (node) => node.checkVisibility?.({ visibilityProperty: true, opacityProperty: true }) ?? true;
  const look = (node) => {
    const target = node.matches('input[type=radio],input[type=checkbox]') && node.labels?.[0] ? [node, node.labels[0]] : [node];
    return target.map((one) => {
      const style = getComputedStyle(one);
      return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.borderColor, style.backgroundColor, style.textDecorationLine].join();
    }).join();
  };
  const all = [...document.querySelectorAll('a[href],button:not([disabled]),input:not([type=hidden]):not([disabled]),select,textarea,summary')];
  for (const node of all.filter(shown).slice(0, 120)) {
    document.activeElement?.blur();
    const before = look(node);
    node.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement !== node) continue;
    if (look(node) === before) faults.push(`rien ne montre le focus sur ${node.localName} « ${(node.innerText || node.name || '').trim().slice(0, 40)} »`);
  }
  document.activeElement?.blur();
  return faults;
});

/** The Tab key reaches every control once, in the order of the page, none hidden under something, and leaves the page. */
const tab = async ({ page }) => {
  const wanted = await page.evaluate(() => {
    const groups = new Set();
    const all = [...document.querySelectorAll('a[href],button:not([disabled]),input:not([type=hidden]):not([disabled]),select:not([disabled]),textarea,summary,[tabindex="0"]')];
    const kept = all.filter((node) => {
      if (!node.checkVisibility?.({ visibilityProperty: true })) return false;
      if (node.closest('details:not([open])') && !node.matches('summary')) return false;
      if (node.type !== 'radio') return true;
      // One stop for a group of choices: the one that is chosen, or the first.
      const chosen = document.querySelector(`input[type=radio][name="${CSS.escape(node.name)}"]:checked`);
      if (chosen ? chosen !== node : groups.has(node.name)) return false;
      groups.add(node.name);
      return true;
    });
    kept.forEach((node, at) => {
      const group = node.type === 'radio' ? document.querySelectorAll(`input[type=radio][name="${CSS.escape(node.name)}"]`) : [node];
      for (const one of group) one.dataset.stop = String(at);
    });
    document.activeElement?.blur();
    window.scrollTo(0, 0);
    return kept.length;
  });
  const faults = [];
  const reached = [];
  if (wanted > 90) return faults;
  await page.evaluate(() => { const start = document.createElement('span'); start.tabIndex = -1; document.body.prepend(start); start.focus(); start.blur(); start.remove(); });
  for (let press = 0; press < wanted + 24; press += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const node = document.activeElement;
      if (!node || node === document.body) return null;
      const box = node.getBoundingClientRect();
      const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
      const y = Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 1);
      const over = document.elementFromPoint(x, y);
      const isSeen = !over || node.contains(over) || over.contains(node) || node.labels?.[0]?.contains(over) || box.width < 2;
      return { stop: node.dataset.stop ?? null, isSeen, isDate: node.type === 'date', words: `${node.localName} « ${(node.innerText || node.name || '').trim().slice(0, 40)} »`, hides: over && `${over.localName}.${over.className}` };
    });
    if (at === null) break;
    // A date of the browser is several stops in one control.
    if (at.stop === null || (at.isDate && at.stop === reached.at(-1))) continue;
    if (reached.includes(at.stop)) { if (reached.length < wanted) faults.push(`la touche Tab revient sur ${at.words} avant d’avoir tout parcouru`); break; }
    if (!at.isSeen) faults.push(`${at.words} a le focus sous ${at.hides}`);
    reached.push(at.stop);
  }
  const missed = [...Array(wanted).keys()].map(String).filter((stop) => !reached.includes(stop));
  if (missed.length) {
    const words = await page.evaluate((stops) => stops.map((stop) => { const node = document.querySelector(`[data-stop="${stop}"]`); return `${node?.localName} « ${(node?.innerText || node?.name || '').trim().slice(0, 30)} »`; }), missed.slice(0, 3));
    faults.push(`la touche Tab n’atteint pas ${words.join(', ')}`);
  }
  if (reached.some((stop, at) => at && Number(stop) < Number(reached[at - 1]))) faults.push('l’ordre du clavier n’est pas celui de la page');
  return faults;
};

/** Nothing moves for ever when the person asked for less motion. */
const motion = ({ page }) => page.evaluate(() => document.getAnimations().filter((one) => {
  const timing = one.effect?.getComputedTiming();
  return timing && (timing.iterations === Infinity || timing.activeDuration > 400);
}).map((one) => `une animation continue: ${one.animationName ?? one.transitionProperty} sur ${one.effect?.target?.localName}`));

/** Not more elements than a modest phone draws at once. */
const size = async ({ page }) => {
  const [count, limit] = await page.evaluate(() => [document.querySelectorAll('*').length, /^\/(agent|admin)/.test(location.pathname) ? 1500 : 700]);
  return count > limit ? [`${count} éléments, ${limit} au plus`] : [];
};
