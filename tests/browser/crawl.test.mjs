// Every page that each person of the example can reach, at the width of a desk and of a telephone: no
// failure of WCAG 2.2 A or AA by axe, no sideways scrolling, no script that the page's policy blocks,
// and nothing that answers with an error.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFaults, isTooWide, picture, signedIn, startBrowser, startExample } from './browser.mjs';

/** A page whose address differs only in these has the same form as another: the first is
 * looked at, a few more are asked for. */
const MANY_ALIKE = 4;
const WIDTHS = [1280, 375];

let example;
let browser;

before(async () => {
  example = await startExample();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await example?.end();
});

/** An address with what differs between pages of one form left out. */
function form(address) {
  const { pathname, search } = new URL(address);
  const parts = pathname
    .replace(/\/(figures|measures)\/[^/]+/, '/$1/*')
    .replace(/\/\d{4}-\d{2}(?=\/|$)/, '/month')
    .replace(/\/\d+(?=\/|$)/g, '/n');
  const names = [...new URLSearchParams(search).keys()].sort().join('&');
  return `${parts}?${names}`;
}

async function crawl(name) {
  const { window, page } = await signedIn(browser, example.address, name);
  const faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`));
  const waiting = [`${example.address}/`];
  const known = new Set(waiting);
  const forms = new Map();
  let looked = 0;
  while (waiting.length > 0) {
    const address = waiting.shift();
    const same = forms.get(form(address)) ?? 0;
    if (same >= MANY_ALIKE) continue;
    forms.set(form(address), same + 1);
    const answer = await page.request.get(address, { maxRedirects: 0 });
    if (answer.status() >= 400) faults.push(`${address}: answers ${answer.status()}`);
    const isPage = (answer.headers()['content-type'] ?? '').startsWith('text/html');
    const isDownload = (answer.headers()['content-disposition'] ?? '').startsWith('attachment');
    if (answer.status() !== 303 && (!isPage || isDownload)) continue;
    // A page of a form that was looked at needs only to answer.
    if (same > 0) continue;
    await page.goto(address);
    looked += 1;
    const isPack = new URL(address).pathname.endsWith('/pack.html');
    for (const width of isPack ? [] : WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const where = `${address} at ${width} px`;
      if (await isTooWide(page)) faults.push(`${where}: scrolls sideways`);
      faults.push(...(await accessibilityFaults(page)).map((fault) => `${where}: ${fault}`));
      const file = `${name ?? 'nobody'}-${form(address).replace(/[^a-z0-9*]+/gi, '_')}-${width}`;
      await picture(page, file);
    }
    const links = await page.$$eval('a[href]', (found) => found.map((link) => link.href));
    for (const link of links) {
      const to = link.split('#')[0];
      if (to.startsWith(example.address) && !known.has(to)) {
        known.add(to);
        waiting.push(to);
      }
    }
  }
  await window.close();
  assert.ok(looked > 1, `${name} reaches only ${looked} pages`);
  assert.equal(faults.length, 0, `\n${faults.join('\n')}\n`);
}

const PEOPLE = [
  null, 'Priya Shah', 'Tom Baker', 'Morgan Ellis', 'Councillor Jean Marsh', 'Dr Imran Malik', 'Ruth Lane', 'Alex Turner',
];
for (const name of PEOPLE) {
  test(`${name ?? 'whoever has not signed in'} reaches only pages that are whole and accessible`, () => crawl(name));
}
