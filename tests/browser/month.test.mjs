// A month in a real browser: a partner's faulty return is refused with all that is wrong, mended, sent and
// accepted by somebody else; the figures move at once; an exception is explained; the pack is prepared by
// one manager and approved by another; a board member reads it and an alliance member asks why. Once as
// usual and once without scripts, for pages must not need them; and the forms by keyboard alone.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AREA, MONTH, accessibilityFaults, picture, signedIn, startBrowser, startExample } from './browser.mjs';

const AT = `/areas/${AREA}/${MONTH}`;

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

/** What the council's officer sends: its own rows of the finance return for November, changed. */
function financeReturn(actual) {
  const heading = 'org_code,area_code,period,scheme_id,partner_id,budget,actual,forecast';
  return `${heading}\n612,${AREA},${MONTH},S01,BCC,16233.33,${actual},16100.00\n`;
}

function file(name, text) {
  return { name, mimeType: 'text/csv', buffer: Buffer.from(text) };
}

/** Holds that the page says what is wrong as the patterns ask, and is accessible in that state too. */
async function hasProblem(page, words, name) {
  await page.getByRole('heading', { name: 'There is a problem' }).waitFor();
  assert.match(await page.title(), /^Error: /, await page.title());
  assert.ok((await page.content()).includes(words), `the page does not say ${words}`);
  if (name) {
    await picture(page, `month-${name}`);
    // Axe is a script: where the browser runs none, the page is looked at in the other round.
    assert.deepEqual(await accessibilityFaults(page), [], name);
  }
}

async function month(options, round, actual) {
  const example = await startExample();
  const open = (name) => signedIn(browser, example.address, name, options);
  const looks = options.javaScriptEnabled !== false;
  const named = (name) => (looks ? name : undefined);

  // The officer's file has a letter in an amount and a month that is no month.
  const officer = await open('Priya Shah');
  await officer.page.goto(`${example.address}${AT}/returns/upload`);
  const upload = officer.page.locator('form.upload');
  await upload.getByRole('button', { name: 'Check and send' }).click();
  await hasProblem(officer.page, 'Select a', named('no-file'));
  const faulty = financeReturn('16,1O0.00').replace(`${MONTH},S01`, '2015-13,S01').replace('16,1O0.00', '161O0.00');
  await officer.page.locator('#file').setInputFiles(file('november.csv', faulty));
  await officer.page.getByRole('button', { name: 'Check and send' }).click();
  await hasProblem(officer.page, '161O0.00', named('faulty'));
  assert.ok((await officer.page.content()).includes('2015-13'), 'both faults are told at once');

  // Mended, it is sent; nothing counts yet, and the sender cannot accept it.
  await officer.page.locator('#file').setInputFiles(file('november.csv', financeReturn(actual)));
  await officer.page.getByRole('button', { name: 'Check and send' }).click();
  if (await officer.page.locator('#comment').count()) {
    await officer.page.locator('#comment').fill('A late invoice of the autumn');
    await officer.page.getByRole('button', { name: 'Send the return' }).click();
  }
  await officer.page.waitForURL(/\/returns\/\d+/);
  const sent = new URL(officer.page.url()).pathname.match(/^(.*\/returns\/\d+)/)[1];
  if (looks) await picture(officer.page, 'month-sent');
  assert.equal(await officer.page.getByRole('button', { name: 'Accept the return' }).count(), 0);

  // The approver of the same organisation accepts it, and the figure moves at once.
  const reader = await open('Councillor Jean Marsh');
  await reader.page.goto(`${example.address}${AT}/figures/schemes.S01.actual_to_date`);
  const before = await reader.page.locator('main').innerText();
  const approver = await open('Tom Baker');
  await approver.page.goto(`${example.address}${sent}`);
  if (looks) await picture(approver.page, 'month-decide');
  await approver.page.getByRole('button', { name: 'Accept the return' }).click();
  await approver.page.waitForLoadState();
  await reader.page.reload();
  const now = await reader.page.locator('main').innerText();
  assert.notEqual(now, before, 'an accepted return moves the figure');
  assert.ok(now.includes('november.csv'), 'the figure leads to the file that it rests on');
  assert.ok(now.includes('Priya Shah') && now.includes('Tom Baker'), 'and to who sent and accepted it');

  // A manager explains an exception, and prepares the pack.
  const manager = await open('Morgan Ellis');
  await manager.page.goto(`${example.address}${AT}/commentary/measure/NEA`);
  await manager.page.locator('#cause').fill(`More people with breathing difficulties (${round})`);
  await manager.page.locator('#action').fill('Two more rapid response nurses from January');
  await manager.page.locator('#owner').fill('Dr Ann Fox, medical director');
  await manager.page.getByRole('button', { name: 'Save' }).click();
  await manager.page.waitForLoadState();
  await manager.page.goto(`${example.address}${AT}/tasks`);
  if (looks) await picture(manager.page, 'month-tasks');
  await manager.page.goto(`${example.address}${AT}/packs/prepare`);
  await manager.page.getByRole('button', { name: 'Put it forward for approval' }).click();
  await hasProblem(manager.page, 'Why does the pack go out all the same?', named('prepare'));
  await manager.page.locator('#override_reason').fill('The board meets tomorrow');
  await manager.page.locator('#edition-public').check();
  await manager.page.locator('#release-at-once').check();
  await manager.page.getByRole('button', { name: 'Put it forward for approval' }).click();
  await manager.page.waitForURL(/drafts\/\d+/);
  const draft = manager.page.url();
  assert.equal(await manager.page.getByRole('button', { name: 'Approve and publish' }).count(), 0);

  // Another manager approves what they saw; the board and the public read it.
  const deputy = await open('Sam Whitfield');
  await deputy.page.goto(draft);
  await deputy.page.getByRole('button', { name: 'Approve and publish' }).click();
  await deputy.page.getByRole('heading', { name: 'Pack approved' }).waitFor();
  if (looks) await picture(deputy.page, 'month-approved');
  const nobody = await open(null);
  await nobody.page.goto(`${example.address}/`);
  const pack = nobody.page.locator('a[href*="pack.html"]').first();
  await pack.click();
  await nobody.page.waitForLoadState();
  assert.ok((await nobody.page.content()).includes('rapid response nurses'), 'the pack prints the commentary');

  // An alliance member asks what would move if a result were otherwise; nothing is stored.
  const alliance = await open('Dr Imran Malik');
  await alliance.page.goto(`${example.address}${AT}/what-if`);
  assert.equal(await alliance.page.locator('main h1').count(), 1);
  if (looks) await picture(alliance.page, 'month-what-if');

  // The auditor finds all of it on the record.
  const auditor = await open('Ruth Lane');
  await auditor.page.goto(`${example.address}/audit`);
  const record = await auditor.page.locator('main').innerText();
  for (const deed of ['return accepted', 'pack approved', 'commentary']) {
    assert.ok(record.toLowerCase().includes(deed), `the record has no "${deed}"`);
  }
  for (const { window } of [officer, reader, approver, manager, deputy, nobody, alliance, auditor]) {
    await window.close();
  }
  await example.end();
}

test('a month goes from a faulty return to the published pack', () => month({}, 'as usual', '16101.00'));

test('and so it does where the browser runs no scripts', () =>
  month({ javaScriptEnabled: false }, 'without scripts', '16102.00'));

test('the upload form can be used by keyboard alone, and focus is always seen', async () => {
  const { window, page } = await signedIn(browser, example.address, 'Grace Obi');
  await page.goto(`${example.address}${AT}/returns/upload`);
  const seen = [];
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const at = document.activeElement;
      const style = getComputedStyle(at);
      return { words: (at.innerText || at.value || at.id || '').trim(), outline: style.outlineStyle, tag: at.tagName };
    });
    if (focused.tag === 'BODY') break;
    assert.notEqual(focused.outline, 'none', `focus is not seen on ${focused.words}`);
    seen.push(focused.words);
  }
  assert.match(seen[0], /Skip to the main content/);
  assert.ok(seen.includes('Check only') && seen.includes('Check and send'), seen.join(', '));
  await page.getByRole('button', { name: 'Check and send' }).focus();
  await page.keyboard.press('Enter');
  await hasProblem(page, 'Select a');
  await window.close();
});
