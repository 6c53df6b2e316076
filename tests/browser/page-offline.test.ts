import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { SECRET, signToken } from '../support/jwt-issuer.js';
import {
  everythingKept,
  untilKept,
  untilNotKept,
  untilPagesKept,
  untilUnsavedKept,
} from '../support/kept-on-device.js';
import { LastingBrowser } from '../support/lasting-browser.js';
import { linkedDocument } from '../support/linked-document.js';
import { PagePerson } from '../support/page-person.js';
import { usePeople } from '../support/pages.js';
import { TestServer, type TestServerOptions } from '../support/server-process.js';

const others = usePeople();
let profile: TemporaryFolder;
let browser: LastingBrowser;
let server: TestServer;

beforeEach(async () => {
  profile = temporaryFolder();
  browser = await LastingBrowser.start(profile.path);
});
afterEach(async () => {
  await browser.kill();
  await server.remove();
  profile.remove();
});

async function starts(options: TestServerOptions = {}): Promise<void> {
  server = new TestServer(options);
  await server.start();
}

/** Somebody at a new tab of the browser that lasts. */
const atTheDesk = () => PagePerson.arrive(browser);

/** Ends the browser without any warning, and starts it again. */
async function crashes(): Promise<void> {
  await browser.kill();
  browser = await LastingBrowser.start(profile.path);
}

describe('with the server down', () => {
  test('[PAGE32] [PAGE33] [PAGE38] [PAGE40] what is typed outlasts the browser, is seen in every tab, and is saved once', async () => {
    await starts();
    const address = `${server.url}/d/team/plane`;
    const before = await atTheDesk();
    await before.opens(address);
    await before.types('before');
    await before.sees('Saved');
    await untilPagesKept(before.page);
    await server.kill();
    await before.sees('Offline – no unsaved changes');
    await before.types(' above');
    await before.sees('Offline – 6 unsaved changes, kept on this device');
    await untilUnsavedKept(before.page, 6);
    await crashes();

    const ada = await atTheDesk();
    await ada.page.goto(address);
    await ada.reads('before above');
    await ada.sees('Offline – 6 unsaved changes, kept on this device');
    expect(await ada.page.title()).toBe('plane – Coscribe');
    await ada.standsAt(12);
    await ada.types('!');
    await ada.sees('Offline – 7 unsaved changes, kept on this device');
    // Leaving is nobody's loss.
    await ada.page.reload();
    await ada.reads('before above!');

    const second = await atTheDesk();
    await second.page.goto(`${server.url}/d/team/plane`);
    await second.reads('before above!');
    await second.standsAt(0);
    await second.types('2 ');
    await ada.reads('2 before above!');
    const list = await atTheDesk();
    await list.page.goto(server.url);
    await list.page.getByRole('link', { name: /team\/plane\s*\d+ unsaved changes on this device/ }).waitFor();
    await list.page.getByText('The server can’t be reached; what is kept on this device').waitFor();
    await list.page.getByLabel('Open a document, or start a new one').fill('team/new');
    await list.page.keyboard.press('Enter');
    await list.sees('Offline – the server doesn’t answer');
    await list.types('begun above');
    await list.sees('Offline – 11 unsaved changes, kept on this device');

    await server.start();
    await Promise.all([ada.sees('Saved'), second.sees('Saved'), list.sees('Saved')]);
    const grace = await others.somebody();
    await grace.opens(address);
    await grace.reads('2 before above!');
    await grace.opens(`${server.url}/d/team/new`);
    await grace.reads('begun above');
    expect([...ada.complaints, ...second.complaints, ...list.complaints]).toEqual([]);
  });

  test('[PAGE37] a document that was reset meanwhile is opened anew, and the text that was here is handed over', async () => {
    await starts();
    const address = `${server.url}/d/team/reset`;
    const ada = await atTheDesk();
    await ada.opens(address);
    await ada.types('old and saved');
    await ada.sees('Saved');
    await untilPagesKept(ada.page);
    await server.kill();
    await ada.types(', new');
    await untilUnsavedKept(ada.page, 5);
    for (const end of ['', '-wal', '-shm']) rmSync(server.storeFile + end, { force: true });
    await browser.close();
    browser = await LastingBrowser.start(profile.path);

    const back = await atTheDesk();
    await back.page.goto(address);
    await back.reads('old and saved, new');
    await server.start();
    const refused = back.page.getByTestId('refused');
    await refused.getByText('This document was replaced').waitFor();
    expect(await refused.getByRole('textbox').inputValue()).toBe('old and saved, new');
    await back.reads('');
    await back.sees('Saved');
    await back.types('begun again');
    await back.sees('Saved');
    const grace = await others.somebody();
    await grace.opens(address);
    await grace.reads('begun again');
    expect(back.complaints).toEqual([]);
  });
});

describe('on a computer that several people use', () => {
  test('[PAGE35] nobody sees, or sends, what another one has kept', async () => {
    await starts({ args: ['--auth', 'jwt', '--jwt-algorithm', 'HS256'], env: { COSCRIBE_JWT_KEY: SECRET } });
    const exp = Math.floor(Date.now() / 1000) + 600;
    const tokenOf = (sub: string, access: string) =>
      signToken('HS256', SECRET, { sub, exp, access: { 'team/*': access } });
    const [ann, bob] = [await tokenOf('ann', 'editor'), await tokenOf('bob', 'viewer')];
    const address = `${server.url}/d/team/shared`;
    const first = await atTheDesk();
    await first.opens(`${address}#${ann}`);
    await first.types('of ann');
    await first.sees('Saved');
    await untilPagesKept(first.page);
    await server.kill();
    await first.types(', later');
    await untilUnsavedKept(first.page, 7);
    await first.page.close();

    const next = await atTheDesk();
    await next.page.goto(`${address}#${bob}`);
    await next.sees('Offline – the server doesn’t answer');
    expect(await next.editor.inputValue()).toBe('');
    await server.start();
    await next.sees('Read-only');
    await next.reads('of ann');
    await next.page.close();

    const again = await atTheDesk();
    await again.page.goto(`${address}#${ann}`);
    await again.sees('Saved');
    await again.reads('of ann, later');
    expect([...first.complaints, ...next.complaints, ...again.complaints]).toEqual([]);
  });
});

describe('when a link is revoked', () => {
  test('[PAGE36] [PAGE33] what was written is handed back, and nothing of the document stays on the device', async () => {
    await starts({ args: ['--auth', 'links'] });
    const { page, owner, link, revoke } = await linkedDocument(server.url, 'team/revoked');
    const ada = await others.somebody();
    await ada.opens(`${page}#${owner}`);
    await ada.editor.focus();
    await ada.page.keyboard.insertText('secret words');
    await ada.sees('Saved');
    const { id, token } = await link('editor');
    const ben = await atTheDesk();
    await ben.opens(`${page}#${token}`);
    await ben.reads('secret words');
    await untilPagesKept(ben.page);
    await ben.page.context().setOffline(true);
    await ben.standsAt(0);
    await ben.page.keyboard.insertText('own words, ');
    await ben.sees('Offline – 1 unsaved change, kept on this device');
    await untilUnsavedKept(ben.page, 1);
    const kept = await everythingKept(ben.page);
    for (const what of ['secret words', 'own words', 'team/revoked']) expect(kept).toContain(what);
    expect(kept.match(new RegExp(`.*${token}.*`, 'g'))).toHaveLength(1);
    await ben.page.reload();
    await ben.reads('own words, secret words');
    await revoke(id);
    await ben.page.context().setOffline(false);

    const refused = ben.page.getByTestId('refused');
    await refused.getByText('1 change could not be saved').waitFor();
    expect(await refused.getByLabel('What you had written').inputValue()).toBe('own words, ');
    await ben.page.getByRole('alert').getByText('Your access has ended').waitFor();
    await ben.reads('');
    for (const what of [/secret words/, /own words/, /team\/revoked/, new RegExp(token)])
      await untilNotKept(ben.page, what);
    expect(ben.complaints).toEqual([]);
  });
});

describe('where nothing is to be kept', () => {
  test('[PAGE39] [PAGE41] browsers let go of pages and documents, but not before those are saved', async () => {
    const args: string[] = [];
    await starts({ args });
    const ada = await atTheDesk();
    const { page } = ada;
    await ada.opens(`${server.url}/d/team/done`);
    await ada.editor.focus();
    await page.keyboard.insertText('saved words');
    await untilKept(page, /saved words/);
    await untilUnsavedKept(page, 0);
    await ada.opens(`${server.url}/d/team/open`);
    await untilPagesKept(page);
    await server.kill();
    await ada.types('unsaved words');
    await page.goto(`${server.url}/d/team/left`);
    await ada.types('left words');
    await untilUnsavedKept(page, 23);
    await page.goto('about:blank');
    args.push('--offline-pages', 'no');
    await server.start();

    // One that takes longer than the worker waits on a busy machine: the next visit is the server's then.
    do await page.goto(`${server.url}/d/team/open`);
    while (await page.evaluate(() => document.body.dataset.offline !== 'no'));
    await ada.reads('unsaved words');
    await ada.sees('Saved');
    for (const what of [/coscribe-pages/, /team\/done/, /team\/open/]) await untilNotKept(page, what);
    await ada.types('more ');
    await ada.sees('Saved');
    expect(await everythingKept(page)).not.toMatch(/team\/open/);
    const workers = () =>
      page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
    expect(await workers()).toBe(0);
    await untilUnsavedKept(page, 10);
    await page.goto(server.url);
    await untilNotKept(page, /team\//);
    const grace = await others.somebody();
    await grace.opens(`${server.url}/d/team/left`);
    await grace.reads('left words');
  });
});
