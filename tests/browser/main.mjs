// The whole suite: each journey in each mode, then the weight of the first view of pages. One line per failure, one for
// the end: "N passed, N failed".
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { journeys } from './journeys.mjs';
import { Tally, Visitor } from './visitor.mjs';
import { weigh } from './weight.mjs';

const access = JSON.parse(await readFile(process.argv[2], 'utf8'));
const only = process.env.ONLY;
const modes = [
  { name: 'telephone', width: 360, height: 780, script: true, scheme: 'light' },
  { name: 'bureau', width: 1280, height: 900, script: true, scheme: 'dark' },
  { name: 'telephone-sans-script', width: 360, height: 780, script: false, scheme: 'light' },
  { name: 'bureau-sans-script', width: 1280, height: 900, script: false, scheme: 'light' },
].filter((mode) => !process.env.MODE || mode.name === process.env.MODE);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--hide-scrollbars', '--lang=fr-FR'],
});
const tally = new Tally();

/** All journeys of a mode, one after the other; a journey that breaks off is one failure and the next begins. */
const live = async (mode, number) => {
  for (const [name, journey] of Object.entries(journeys)) {
    if (only && !name.includes(only)) continue;
    const visitor = await Visitor.open(browser, mode, name, tally, { access, number });
    const begun = Date.now();
    try {
      await journey(visitor);
      tally.pass(`${mode.name} ${name}`);
    } catch (error) {
      await visitor.shoot('rupture');
      tally.fail(`${mode.name} ${name}`, [`${String(error.message ?? error).split('\n').slice(0, 4).join(' ')} — à ${visitor.page.url()}`]);
    }
    await visitor.close();
    if (process.env.TIMES) console.log(`${mode.name} ${name}: ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  }
};

for (let at = 0; at < modes.length; at += 2) {
  await Promise.all(modes.slice(at, at + 2).map((mode, offset) => live(mode, at + offset)));
}
if (!only || only === 'poids') await weigh(browser, access, tally);
await browser.close();
tally.end();
