import { afterAll, describe, expect, test } from '@jest/globals';
import type { WebSocketRoute } from 'playwright-core';
import { hashContent } from '../../shared/content-hash.js';
import { encodeFrame } from '../../shared/frames.js';
import { Clients } from '../support/clients.js';
import type { PagePerson } from '../support/page-person.js';
import { usePages } from '../support/pages.js';
import { until } from '../support/until.js';
import { buildUpdate, string } from '../support/update-builder.js';

const pages = usePages();
const clients = new Clients();

afterAll(() => clients.destroy());

/** The lines of a page to the server; what comes to it over them can be another text of the same length. */
async function tapped({ page }: PagePerson, from: string, to: string) {
  const lines: WebSocketRoute[] = [];
  const said: string[] = [];
  const tap = { lies: true, lines, said };
  await page.routeWebSocket(/socket\.io/, (line) => {
    const server = line.connectToServer();
    lines.push(line);
    line.onMessage((message) => {
      if (typeof message === 'string') said.push(message);
      server.send(message);
    });
    server.onMessage((message) => {
      if (typeof message === 'string' || !tap.lies) line.send(message);
      else line.send(Buffer.from(message.toString('latin1').replace(from, to), 'latin1'));
    });
  });
  return tap;
}

/** Lets a page say what it likes and hear nothing, and then what it is told here. */
async function muted({ page }: PagePerson) {
  const said: string[] = [];
  const tap = { hears: true, said, tell: (_: readonly (string | Buffer)[]): void => {} };
  await page.routeWebSocket(/socket\.io/, (line) => {
    const server = line.connectToServer();
    line.onMessage((message) => {
      if (typeof message === 'string') said.push(message);
      server.send(message);
    });
    server.onMessage((message) => {
      if (tap.hears) line.send(message);
    });
    tap.tell = (messages) => {
      for (const message of messages) line.send(message);
    };
  });
  return tap;
}

describe('a page in whose place somebody else wrote', () => {
  test('[PROV41] [PAGE22] shows what was written, and opens the document again', async () => {
    const name = 'team/taken';
    const reader = await pages.somebody();
    const { page } = reader;
    const tap = await muted(reader);
    await reader.opens(`${pages.server.url}/d/${name}`);
    await reader.sees('Saved');
    const client = Number(/"clientId":(\d+)/.exec(tap.said.join())?.[1]);
    tap.hears = false;
    await page.keyboard.type('mine');
    await reader.reads('mine');
    const taken = buildUpdate([{ client, clock: 0, structs: [string('fake')] }]);
    const frame = Buffer.from(encodeFrame({ from: 1, updates: [taken] }));
    tap.tell([`451-/docs/${name},["updates",{"_placeholder":true,"num":0}]`, frame]);
    tap.hears = true;
    await page.getByText('Somebody else wrote in your place').waitFor();
    expect(await page.getByLabel('What you had written').inputValue()).toBe('mine');
    await page.getByTestId('toast').getByText('Loaded again').waitFor();
    await reader.sees('Saved');
  });
});

describe('a page that shows something else than the document', () => {
  test('[CHECK12] loads it again by itself, with caret and scroll position, and goes on', async () => {
    const name = 'team/renewal';
    const reader = await pages.somebody();
    const { page, editor } = reader;
    const tap = await tapped(reader, 'truth', 'a lie');
    const writer = clients.connect(pages.server.url, { document: name });
    const text = writer.doc.getText('text');
    const saved = () => until(() => writer.synced && writer.unsavedChanges === 0, 'the writer to have saved');
    await saved();
    text.insert(0, Array.from({ length: 200 }, (_, line) => `line ${line}`).join('\n'));
    await saved();
    await reader.opens(`${pages.server.url}/d/${name}`);
    text.insert(0, 'truth, and more of it\n');
    await saved();
    await reader.reads(text.toString().replace('truth', 'a lie'));
    await reader.standsAt(1_000);
    const place = () =>
      editor.evaluate((field: HTMLTextAreaElement) => [field.selectionStart, field.scrollTop > 0]);
    await editor.evaluate((field: HTMLTextAreaElement) => field.scrollTo(0, 300));
    const scrolled = await place();

    tap.lies = false;
    const check = `42/docs/${name},["check",2,"${hashContent(writer.doc)}"]`;
    // A page that has something else to do passes a check over; a server makes another one.
    const checks = setInterval(() => tap.lines.at(-1)?.send(check), 500);
    await reader.reads(text.toString()).finally(() => clearInterval(checks));
    await page.getByTestId('toast').getByText('Loaded again').waitFor();
    await reader.sees('Saved');
    expect(await place()).toEqual(scrolled);
    expect(tap.said.some((message) => message.startsWith(`42/docs/${name},["diverged",2,"1:`))).toBe(true);
    await page.keyboard.type('typed in the new copy');
    await reader.sees('Saved');
    await until(() => text.toString().slice(1_000).startsWith('typed in the new copy'), 'the words');
    expect(await page.getByRole('alert').textContent()).toBe('');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(() => !text.toString().includes('typed in'), 'the words to be taken back');
  });

  test('[CHECK12] [PAGE8] does not do so again and again, but says what is wrong and lets the text be copied', async () => {
    const reader = await pages.somebody();
    const { page, editor } = reader;
    const tap = await tapped(reader, '', '');
    await reader.opens(`${pages.server.url}/d/team/again`);
    const check = () => tap.lines.at(-1)?.send('42/docs/team/again,["check",0,"1:0"]');
    check();
    await page.getByTestId('toast').getByText('Loaded again').waitFor();
    await reader.sees('Saved');
    check();
    await page.getByRole('alert').getByText('This page showed another text than the document').waitFor();
    await page.getByRole('button', { name: 'Open the document again' }).waitFor();
    expect(await editor.evaluate((field: HTMLTextAreaElement) => field.readOnly)).toBe(true);
    await reader.sees('Offline');
  });
});
