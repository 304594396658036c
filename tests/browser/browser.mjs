// A real browser on a real service: the built-in example, started afresh, gone afterwards.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The packages lie outside the tests' folder: nothing that is fetched is kept with the source.
const require = createRequire(join(process.env.OUTTURN_BROWSER_PACKAGES, 'anything.js'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Where pictures go, if they are wanted. */
const pictures = process.env.OUTTURN_PICTURES;

export const AREA = 'E10000002';
export const MONTH = '2015-11';

/** Starts `outturn demo --serve` in a folder of its own; gives its address and how to end it. */
export async function startExample() {
  const folder = mkdtempSync(join(tmpdir(), 'outturn-browser-'));
  const program = spawn(process.env.OUTTURN_PROGRAM, ['demo', '--serve', '--out', folder, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = await new Promise((found, failed) => {
    let told = '';
    program.stdout.on('data', (words) => {
      told += words;
      const at = told.match(/Outturn is at (http:\/\/[^\s/]+)/);
      if (at) found(at[1].replace('127.0.0.1', 'localhost'));
    });
    program.on('exit', (status) => failed(new Error(`the service ended with status ${status}: ${told}`)));
  });
  return {
    address,
    async end() {
      program.removeAllListeners('exit');
      program.kill('SIGTERM');
      await new Promise((ended) => program.on('exit', ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function startBrowser() {
  return chromium.launch({
    executablePath: process.env.OUTTURN_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
}

/** A browser window in which the person of the example with this name has signed in. */
export async function signedIn(browser, address, name, options = {}) {
  const window = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/London', ...options });
  const page = await window.newPage();
  await page.goto(`${address}/sign-in`);
  if (name) {
    await page.getByRole('button', { name, exact: true }).click();
    await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  }
  return { window, page };
}

/** Every failure of WCAG 2.2 A and AA that axe finds on the page as it stands, a line each. */
export async function accessibilityFaults(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations'],
    }));
  return found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${rule.help}: ${node.html.slice(0, 160)}`));
}

/** Whether the page is wider than the window, so that it scrolls sideways as a whole. */
export async function isTooWide(page) {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1);
}

/** Keeps a picture of the whole page, if pictures are wanted. */
export async function picture(page, name) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}
