import { readFile } from 'node:fs/promises';
import { afterEach, expect, test } from '@jest/globals';
import type { CoscribeProvider } from '../../client/provider.js';
import { Clients, textOf, type } from '../support/clients.js';
import type { PagePerson } from '../support/page-person.js';
import { usePages } from '../support/pages.js';
import { seededRandom } from '../support/seeds.js';
import { Typist } from '../support/typist.js';

/** Every typist goes on for the whole test, at a pace of his own. */
const TYPISTS = 4;
const SECONDS = 5;

const pages = usePages();
let clients = new Clients();
let typists: Typist[] = [];
afterEach(() => {
  for (const typist of typists) typist.pause();
  typists = [];
  clients.destroy();
  clients = new Clients();
});

/** Somebody who looks at the operators' page, with figures in it. */
async function operator(hash = ''): Promise<PagePerson> {
  const person = await pages.somebody();
  await person.page.goto(`${pages.server.url}/admin${hash}`);
  await person.sees('All is well');
  return person;
}

async function client(document: string): Promise<CoscribeProvider> {
  const provider = clients.connect(pages.server.url, { document });
  await provider.whenSynced();
  return provider;
}

test('[ADMPAGE4] [ADMPAGE7] charts move while people type, and the figures agree with /metrics within 5 %', async () => {
  for (let number = 0; number < TYPISTS; number++)
    typists.push(new Typist(await client('load/typed'), number, seededRandom(number)));
  const { page } = await operator();
  for (const typist of typists) typist.start();
  await page.getByTestId('documents').getByRole('link', { name: 'load/typed' }).waitFor();
  const edits = page.getByRole('img', { name: /^Edits per second/ });
  const drawn = () => edits.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const before = await drawn();

  const { shown, counted, tile, sessions } = await page.evaluate(async (seconds) => {
    const time = document.getElementById('status-time') as HTMLElement;
    const value = (id: string) =>
      Number(document.getElementById(id)?.textContent?.replace(/[^\d.]/g, '') ?? Number.NaN);
    const metric = async (name: string) => {
      const text = await (await fetch('/metrics')).text();
      const lines = text.split('\n').filter((line) => line.startsWith(name));
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    };
    const next = () =>
      new Promise<void>((resolve) => {
        const observer = new MutationObserver(() => {
          observer.disconnect();
          resolve();
        });
        observer.observe(time, { childList: true, characterData: true, subtree: true });
      });
    await next();
    const began = { at: performance.now(), edits: await metric('coscribe_edits_total') };
    let sum = 0;
    for (let second = 0; second < seconds; second++) {
      await next();
      sum += value('tile-edits');
    }
    const ended = { at: performance.now(), edits: await metric('coscribe_edits_total') };
    return {
      shown: sum / seconds,
      counted: ((ended.edits - began.edits) * 1000) / (ended.at - began.at),
      tile: value('tile-clients'),
      sessions: await metric('coscribe_sessions{'),
    };
  }, SECONDS);
  expect(counted).toBeGreaterThan(20);
  expect(Math.abs(shown / counted - 1)).toBeLessThan(0.05);
  expect([tile, sessions]).toEqual([TYPISTS, TYPISTS]);
  expect(await drawn()).not.toBe(before);
  expect(await edits.getAttribute('aria-label')).toMatch(/Edits [1-9][\d.,]*, at most/);
});

test('[ADMPAGE9] a document’s facts are shown, and it is verified, compacted, exported and opened', async () => {
  const writer = await client('team/plan');
  for (const word of ['One ', 'two ', 'three']) {
    type(writer, word);
    await writer.whenSaved();
  }
  const { page } = await operator();
  await page.getByLabel('Find a document by the beginning of its name').fill('team/pl');
  await page.getByTestId('documents').getByRole('link', { name: 'team/plan' }).click();
  await page.getByRole('heading', { name: 'team/plan' }).waitFor();
  const fact = (name: string) =>
    page.getByTestId('facts').locator('div').filter({ hasText: name }).locator('dd');
  await fact('Head').getByText('3', { exact: true }).waitFor();
  expect(await fact('Snapshot').textContent()).toBe('none yet');

  await page.getByRole('button', { name: 'Verify' }).click();
  await page
    .getByTestId('verdict')
    .getByText(/^In order: 3 rows, \d+ B were read\.$/)
    .waitFor();
  await page.getByRole('button', { name: 'Compact' }).click();
  await page.getByTestId('toast').getByText('Compacted').waitFor();
  await fact('Snapshot').getByText('at 3,').waitFor();

  await page.getByLabel('Format').selectOption('plain');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('plan.txt');
  expect(await readFile(await file.path(), 'utf8')).toBe('One two three');

  expect(await page.getByRole('link', { name: 'Open the document' }).getAttribute('href')).toBe(
    '/d/team/plan',
  );
});

test('[ADMPAGE9] a session is ended after a question, and its client is told', async () => {
  const [ann, bob] = [await client('team/guests'), await client('team/guests')];
  const { page } = await operator('#/documents/team/guests');
  const ends = page.getByRole('button', { name: /^End session/ });
  await ends.nth(1).waitFor();
  await ends.first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await ends.first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'End the session' }).click();
  await page.getByTestId('toast').getByText('The session has ended.').waitFor();
  await ends.nth(1).waitFor({ state: 'detached' });
  const out = [ann, bob].filter(({ error }) => error?.code === 'no-access');
  expect(out).toHaveLength(1);
  // The other one goes on.
  const stays = ann === out[0] ? bob : ann;
  type(stays, 'still here');
  await stays.whenSaved();
  expect(textOf(stays)).toBe('still here');
});

test('[ADMPAGE10] what cannot be done is said in a sentence, and a document that is not there', async () => {
  const { page } = await operator();
  await page.getByRole('button', { name: /^Drain/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Drain it' }).click();
  const problem = page.getByRole('alert').getByRole('heading', { name: /was not drained$/ });
  await problem.waitFor();
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await problem.waitFor({ state: 'detached' });

  const search = page.getByLabel('Find a document by the beginning of its name');
  await search.fill('nobody/has-this');
  await page.getByText('No document’s name begins so.').waitFor();
  await search.press('Enter');
  await page.getByRole('heading', { name: 'nobody/has-this' }).waitFor();
  await page.locator('#document-state').getByText('There is no such document').waitFor();
  await page.goto(`${pages.server.url}/admin#/nonsense`);
  await page.getByRole('heading', { name: 'There is nothing at this address.' }).waitFor();
});

test('[ADMPAGE11] while the server is away the page says from when its figures are, and goes on when it is back', async () => {
  const person = await operator();
  await pages.server.stop();
  await person.sees('Connection lost, trying again. Figures from ');
  await pages.server.start();
  await person.sees('All is well');
});
