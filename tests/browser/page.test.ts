import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { usePages } from '../support/pages.js';
import { TestServer } from '../support/server-process.js';

const pages = usePages();

describe('the list', () => {
  test('[PAGE9] begins empty with an invitation; a name opens a document, which is then on top of it', async () => {
    const { page } = await pages.somebody();
    await page.goto(pages.server.url);
    await page.getByRole('heading', { name: 'A clean desk' }).waitFor();
    await page.getByLabel('Open a document, or start a new one').fill('team/first');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${pages.server.url}/d/team/first`);
    await page.getByTestId('status').getByText('Saved').waitFor();
    await page.getByRole('link', { name: 'All documents' }).click();
    await page.getByRole('link', { name: /team\/first edited/ }).waitFor();
    expect(await page.getByRole('heading', { name: 'A clean desk' }).isVisible()).toBe(false);
  });

  test('[PAGE9] shows what others do without a reload, newest first', async () => {
    const [reader, writer] = [await pages.somebody(), await pages.somebody()];
    await writer.opens(`${pages.server.url}/d/older`);
    await writer.types('a');
    await writer.sees('Saved');
    await writer.opens(`${pages.server.url}/d/newer`);
    await writer.types('b');
    await writer.sees('Saved');
    await reader.page.goto(pages.server.url);
    const names = () => reader.page.getByTestId('documents').locator('.doc-name').allTextContents();
    await reader.page.getByTestId('documents').getByText('newer').waitFor();
    expect((await names()).slice(0, 2)).toEqual(['newer', 'older']);
    await writer.opens(`${pages.server.url}/d/older`);
    await writer.types('c');
    await writer.sees('Saved');
    await reader.page.waitForFunction(() => document.querySelector('.doc-name')?.textContent === 'older');
    expect((await names()).slice(0, 2)).toEqual(['older', 'newer']);
  });

  test('[PAGE3] a name that will not do is explained, and the nearest one that does is a click away', async () => {
    const { page } = await pages.somebody();
    await page.goto(pages.server.url);
    const name = page.getByLabel('Open a document, or start a new one');
    await name.fill('Café menu');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('alert').textContent()).toContain('A name can’t have spaces or “é” in it.');
    expect(await name.getAttribute('aria-invalid')).toBe('true');
    expect(page.url()).toBe(`${pages.server.url}/`);
    await page.getByRole('button', { name: 'Use “cafe-menu”' }).click();
    expect(await name.inputValue()).toBe('cafe-menu');
    expect(await name.evaluate((field) => document.activeElement === field)).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${pages.server.url}/d/default/cafe-menu`);
  });
});

describe('the editor', () => {
  test('[PAGE10] two people type at the same time and read the same; both are told that it is saved', async () => {
    const [ada, grace] = [await pages.somebody(), await pages.somebody()];
    await ada.opens(`${pages.server.url}/d/team/both`);
    await ada.types('start|end');
    await grace.opens(`${pages.server.url}/d/team/both`);
    await grace.reads('start|end');
    // Both carets stand before anybody types: an index means another place in a longer text.
    await Promise.all([ada.standsAt(5), grace.standsAt(9)]);
    await Promise.all([ada.types(' Ada was here 🦦'), grace.types(' and so was Grace')]);
    await Promise.all([ada.sees('Saved'), grace.sees('Saved')]);
    const text = 'start Ada was here 🦦|end and so was Grace';
    await Promise.all([ada.reads(text), grace.reads(text)]);
    const third = await pages.somebody();
    await third.opens(`${pages.server.url}/d/team/both`);
    await third.reads(text);
    await third.page.getByTestId('counts').getByText('9 words · 41 characters').waitFor();
  });

  test('[PAGE5] the counts follow somebody who types without a pause, too', async () => {
    const ada = await pages.somebody();
    await ada.opens(`${pages.server.url}/d/team/counts`);
    await ada.editor.focus();
    const counts = ada.page.getByTestId('counts');
    let counted = false;
    const watching = counts.filter({ hasNotText: '0 words' }).waitFor();
    void watching.then(() => {
      counted = true;
    });
    // Bounded, so that a page that never counts fails and does not hang.
    for (let key = 0; key < 100 && !counted; key++) await ada.page.keyboard.type('a ', { delay: 25 });
    expect(counted).toBe(true);
    await watching;
  });

  test('[PAGE10] undo has a button, and takes back one’s own words only', async () => {
    const [ada, grace] = [await pages.somebody(), await pages.somebody()];
    await ada.opens(`${pages.server.url}/d/team/undo`);
    await grace.opens(`${pages.server.url}/d/team/undo`);
    const undo = ada.page.getByRole('button', { name: 'Undo' });
    expect(await undo.getAttribute('aria-disabled')).toBe('true');
    await ada.types('mine');
    await grace.reads('mine');
    await grace.standsAt(4);
    await grace.types(' theirs');
    await ada.reads('mine theirs');
    await undo.click();
    await grace.reads(' theirs');
    expect(await undo.getAttribute('aria-disabled')).toBe('true');
    await ada.page.getByRole('button', { name: 'Redo' }).click();
    await grace.reads('mine theirs');
  });

  test('[PAGE7] everybody sees who is here, until they leave', async () => {
    const [ada, grace] = [await pages.somebody(), await pages.somebody()];
    await ada.opens(`${pages.server.url}/d/team/people`);
    await grace.opens(`${pages.server.url}/d/team/people`);
    await ada.page.getByRole('button', { name: /^Who is here: you \(\w+ \w+\), \w+ \w+$/ }).click();
    expect(await ada.page.getByTestId('people').getByRole('listitem').count()).toBe(2);
    await grace.page.goto('about:blank');
    await ada.page.getByRole('button', { name: /^Who is here: you \(\w+ \w+\)$/ }).waitFor();
  });

  test('[PAGE6] a new name and colour reach the others at once and last beyond a reload', async () => {
    const [ada, grace] = [await pages.somebody(), await pages.somebody()];
    await ada.opens(`${pages.server.url}/d/team/rename`);
    await grace.opens(`${pages.server.url}/d/team/rename`);
    await ada.page.getByRole('button', { name: /^Who is here/ }).click();
    await ada.page.getByLabel('Your name').fill('<b>Ada</b>');
    await ada.page.getByRole('radio', { name: 'Violet' }).check();
    const avatar = grace.page.locator('#people .avatar[title="<b>Ada</b>"]');
    await avatar.waitFor();
    await grace.page.waitForFunction(() =>
      [...document.querySelectorAll('#people .avatar')].some(
        (element) => getComputedStyle(element).backgroundColor === 'rgb(160, 70, 225)',
      ),
    );
    expect(await grace.page.locator('#people b').count()).toBe(0);
    await ada.page.reload();
    await ada.page.getByRole('button', { name: /^Who is here: you \(<b>Ada<\/b>\)/ }).waitFor();
  });

  test('[PAGE11] the share button copies the address and says so', async () => {
    const { page } = await pages.somebody();
    await page.goto(`${pages.server.url}/d/team/share`);
    await page.getByRole('button', { name: /Share/ }).click();
    await page.getByTestId('toast').getByText('Link copied').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      `${pages.server.url}/d/team/share`,
    );
  });

  test('[PAGE11] where a page may not copy, the address is shown to be copied', async () => {
    const { page } = await pages.somebody();
    await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    await page.goto(`${pages.server.url}/d/team/share`);
    await page.getByRole('button', { name: /Share/ }).click();
    const address = page.getByRole('dialog', { name: 'Share this document' }).getByRole('textbox');
    expect(await address.inputValue()).toBe(`${pages.server.url}/d/team/share`);
    expect(await address.evaluate((field: HTMLInputElement) => field.selectionEnd)).toBeGreaterThan(20);
  });

  test('[PAGE11] the text can be taken along as a file', async () => {
    const ada = await pages.somebody();
    await ada.opens(`${pages.server.url}/d/team/take-along`);
    await ada.types('Zeile eins\nZeile zwei: äöü 🦦');
    const [download] = await Promise.all([
      ada.page.waitForEvent('download'),
      ada.page.getByRole('button', { name: 'Download as text' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('take-along.txt');
    expect(await readFile(await download.path(), 'utf8')).toBe('Zeile eins\nZeile zwei: äöü 🦦');
  });

  test('[PAGE12] the chosen colours of the page last beyond a reload, until the system’s are chosen again', async () => {
    const { page } = await pages.somebody();
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(pages.server.url);
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.getByRole('button', { name: 'Switch to dark colours' }).click();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    expect(await background()).toBe(dark);
    await page.getByRole('button', { name: 'Switch to light colours' }).click();
    expect(await background()).toBe(light);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await background()).toBe(dark);
  });
});

describe('when things go wrong', () => {
  test('[PAGE2] with the server killed, the status counts what is unsaved; when it is back, everything is saved', async () => {
    const [ada, grace] = [await pages.somebody(), await pages.somebody()];
    // Some private windows keep nothing.
    await ada.page.addInitScript(() => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }));
    await ada.opens(`${pages.server.url}/d/team/away`);
    await ada.types('before');
    await ada.sees('Saved');
    await pages.server.kill();
    await ada.sees('Offline – no unsaved changes');
    await ada.types('123');
    await ada.sees('Offline – 3 unsaved changes, kept in this page only; keep it open');
    const leaving = ada.page.waitForEvent('dialog');
    // Later, because the browser answers nothing while it asks.
    await ada.page.evaluate(() => void setTimeout(() => location.reload(), 0));
    const dialog = await leaving;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    await pages.server.start();
    await ada.sees('Saved');
    await grace.opens(`${pages.server.url}/d/team/away`);
    await grace.reads('before123');
  });

  test('[PAGE2] a page without network goes on, and delivers when it is back', async () => {
    const [ada, grace] = [await pages.somebody(), await pages.somebody()];
    await ada.opens(`${pages.server.url}/d/team/tunnel`);
    await grace.opens(`${pages.server.url}/d/team/tunnel`);
    await ada.page.context().setOffline(true);
    await ada.types('in the tunnel');
    await grace.standsAt(0);
    await grace.types('outside ');
    await grace.sees('Saved');
    expect(await ada.status.textContent()).not.toMatch(/^Saved/);
    await ada.page.context().setOffline(false);
    await Promise.all([ada.sees('Saved'), grace.sees('Saved')]);
    await ada.page.waitForFunction(() => document.querySelector('textarea')?.value.length === 21);
    await grace.reads(await ada.editor.inputValue());
  });

  test('[PAGE2] while the server cannot save, the page says so, keeps what is typed, and saves it afterwards', async () => {
    const ada = await pages.somebody();
    let held: (string | Buffer)[] | undefined;
    let toPage: (message: string) => void = () => {};
    let toServer: (message: string | Buffer) => void = () => {};
    await ada.page.routeWebSocket(/socket\.io/, (page) => {
      const real = page.connectToServer();
      toPage = (message) => page.send(message);
      toServer = (message) => real.send(message);
      page.onMessage((message) => (held === undefined ? real.send(message) : held.push(message)));
      real.onMessage((message) => page.send(message));
    });
    await ada.opens(`${pages.server.url}/d/team/stuck`);
    // What the server tells its clients when its store fails, and then no answer to what they send.
    held = [];
    toPage('42/docs/team/stuck,["saving",false]');
    await ada.sees('Saving – paused: the server can’t save at the moment; everything so far is saved');
    await ada.types('later');
    await ada.sees('Saving – Not saved yet: the server can’t save at the moment; kept on this device');
    for (const message of held) toServer(message);
    held = undefined;
    toPage('42/docs/team/stuck,["saving",true]');
    await ada.sees('Saved');
    const grace = await pages.somebody();
    await grace.opens(`${pages.server.url}/d/team/stuck`);
    await grace.reads('later');
  });

  test('[PAGE8] a change that the server refuses is shown with its reason, and the text can be saved elsewhere', async () => {
    const small = new TestServer({ args: ['--max-document-bytes=2048', '--max-update-bytes=1024'] });
    await small.start();
    try {
      const ada = await pages.somebody();
      await ada.opens(`${small.url}/d/team/full`);
      await ada.editor.focus();
      await ada.page.keyboard.insertText('x'.repeat(4000));
      const notice = ada.page.getByRole('alert');
      await notice.getByText('A change could not be saved').waitFor();
      expect(await notice.textContent()).toContain('The document has reached its largest size');
      await ada.sees('Offline – ');
      expect(await ada.editor.evaluate((field: HTMLTextAreaElement) => field.readOnly)).toBe(true);
      await notice.getByRole('button', { name: 'Copy the text' }).click();
      await ada.page.getByTestId('toast').getByText('Copied').waitFor();
      expect((await ada.page.evaluate(() => navigator.clipboard.readText())).length).toBe(4000);
    } finally {
      await small.remove();
    }
  });
});
