// Somebody with a browser: opens pages, fills forms, presses buttons; each page that he sees is checked once per mode.
import { mkdirSync } from 'node:fs';
import { createHmac } from 'node:crypto';
import { get } from 'node:http';
import * as checks from './checks.mjs';

/** Counts what was checked and says what failed, each fault once. */
export class Tally {
  passed = 0;
  failed = 0;
  #said = new Set();

  pass() { this.passed += 1; }

  fail(what, faults) {
    this.failed += 1;
    for (const fault of faults) {
      if (this.#said.has(fault)) continue;
      this.#said.add(fault);
      console.log(`✗ ${what}: ${fault}`);
    }
  }

  /** One check: it passed when it found nothing. */
  check(what, faults) {
    if (faults.length) this.fail(what, faults); else this.pass();
  }

  end() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exitCode = this.failed ? 1 : 0;
  }
}

export class Visitor {
  static async open(browser, mode, journey, tally, town) {
    const context = await browser.newContext({
      locale: 'fr-FR',
      timezoneId: 'Europe/Paris',
      viewport: { width: mode.width, height: mode.height },
      javaScriptEnabled: mode.script,
      colorScheme: mode.scheme,
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    return new Visitor(context, page, mode, journey, tally, town);
  }

  constructor(context, page, mode, journey, tally, { access, number }) {
    Object.assign(this, { context, page, mode, journey, tally, access, number });
    this.tenant = access.tenants.find((tenant) => tenant.slug.startsWith('villeneuve')) ?? access.tenants[0];
    this.errors = [];
    this.seen = new Map();
    this.html = '';
    page.on('pageerror', (error) => this.errors.push(`script: ${error.message}`));
    page.on('console', (message) => {
      // A refused form is an answer like another; the browser counts it as an error of the network.
      if (message.type() === 'error' && !/status of 4(03|04|09|10|22)/.test(message.text())) this.errors.push(`console: ${message.text()}`);
    });
    page.on('response', async (response) => {
      const isPage = response.request().isNavigationRequest() && response.frame() === page.mainFrame();
      if (isPage && response.status() < 300 || response.status() >= 400) this.html = await response.text().catch(() => '');
    });
  }

  async close() { await this.context.close(); }

  url(path) { return path.startsWith('http') ? path : this.tenant.base_url + path; }

  /** Opens an address, then looks at the page. */
  async go(path, name) {
    const response = await this.page.goto(this.url(path));
    await this.look(name ?? path);
    return response;
  }

  /** Looks at the page that is shown, under a name: what is wrong with it, once. */
  async look(name) {
    const label = name.replace(/[a-z]{3}_[0-9a-f]{8,}/g, 'x').replace(/^\/+/, '').replace(/[^a-z0-9_-]+/gi, '-') || 'accueil';
    if (this.seen.has(label)) return;
    this.seen.set(label, true);
    if (this.mode.script) await this.page.waitForLoadState('networkidle');
    await this.shoot(label);
    const where = `${this.mode.name} ${this.journey} ${label}`;
    for (const [kind, probe] of Object.entries(checks.of(this.mode))) {
      this.tally.check(where, (await probe(this)).map((fault) => `${kind}: ${fault}`));
    }
    this.tally.check(where, this.errors.splice(0));
  }

  async shoot(label) {
    const folder = `out/${this.mode.name}`;
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: `${folder}/${this.journey}-${label}.png`, fullPage: true }).catch(() => {});
  }

  /** Presses a button or a link by its words, and waits for the page that follows. */
  async press(words, name) {
    const target = this.page.getByRole('button', { name: words }).or(this.page.getByRole('link', { name: words })).first();
    await Promise.all([this.page.waitForEvent('load'), target.click()]);
    if (name) await this.look(name);
  }

  /** Fails when the page does not say this. */
  async reads(...wanted) {
    const text = (await this.page.locator('body').innerText()).replace(/[\u00a0\u202f]/g, ' ').replace(/\s+/g, ' ');
    for (const words of wanted) {
      const found = words instanceof RegExp ? words.test(text) : text.toLowerCase().includes(words.toLowerCase());
      if (!found) throw new Error(`« ${words} » n’est pas écrit : ${text.slice(0, 600)}`);
    }
    return text;
  }

  /** Fills what the page asks with what is known, by the names of the controls; the rest is left. */
  async fill(answers) {
    for (const [name, value] of Object.entries(answers)) {
      const control = this.page.locator(`main [name="${name}"]:not([type=hidden])`);
      const count = await control.count();
      if (!count) continue;
      const kind = await control.first().evaluate((node) => node.type || node.localName);
      if (kind === 'radio' || kind === 'checkbox') {
        const choice = this.page.locator(`main [name="${name}"][value="${value}"]`);
        await choice.check({ force: true });
      } else if (kind === 'select-one') {
        await control.first().selectOption(String(value));
      } else {
        await control.first().fill(String(value));
      }
    }
  }

  /** An account of this role; each mode has its own when there are several. */
  account(role) {
    const all = this.tenant.accounts.filter((account) => account.role === role);
    if (!all.length) throw new Error(`aucun compte « ${role} »`);
    return all[this.number % all.length];
  }

  /** The mails that the demonstration captured, the last first. */
  async mails(to) {
    const list = JSON.parse(await read(this.tenant.base_url, '/demo/courriels.json'));
    return list.filter((mail) => mail.to === to).sort((a, b) => String(b.at).localeCompare(String(a.at)));
  }

  /** Waits for a mail to somebody whose text matches. */
  async mail(to, pattern) {
    for (let tries = 0; tries < 60; tries += 1) {
      const found = (await this.mails(to)).find((mail) => pattern.test(mail.text) || pattern.test(mail.subject));
      if (found) return found;
      await new Promise((wake) => setTimeout(wake, 500));
    }
    throw new Error(`pas de courriel à ${to} avec ${pattern}`);
  }
}

/** Reads an address of the demonstration without a browser: only Chromium knows where `*.localhost` is. */
const read = (base, path) => new Promise((done, fail) => {
  const { hostname, port } = new URL(base);
  get({ host: '127.0.0.1', port, path, headers: { host: `${hostname}:${port}` } }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part) => { text += part; }).on('end', () => done(text));
  }).on('error', fail);
});

/** The code of now, or of a later step, from a secret in base 32. */
export const totp = (secret, later = 0) => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replace(/=+$/, '').toUpperCase()].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const mac = createHmac('sha1', key).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
};
