import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { LastingBrowser } from '../support/lasting-browser.js';
import { bundleForPage, type PageServer, servePages } from '../support/page-bundle.js';
import { between, seededRandom } from '../support/random.js';
import { TestServer } from '../support/server-process.js';

const HERE = 'tests/browser/offline.test.ts';

let pages: PageServer;
let server: TestServer;
let profile: TemporaryFolder;
let browser: LastingBrowser;
let documents = 0;
let document: string;

beforeAll(async () => {
  const script = await bundleForPage(join(__dirname, 'pages/offline.ts'));
  pages = await servePages({
    '/': {
      type: 'text/html; charset=utf-8',
      body: '<!doctype html><title>Offline</title><script src="/page.js"></script>',
    },
    '/page.js': { type: 'text/javascript; charset=utf-8', body: script },
  });
  server = new TestServer({ args: ['--allowed-origins', pages.url] });
  profile = temporaryFolder();
  [browser] = await Promise.all([LastingBrowser.start(profile.path), server.start()]);
});

afterAll(async () => {
  await browser?.kill();
  await server?.remove();
  await pages?.close();
  profile?.remove();
});

beforeEach(() => {
  document = `acme/notes-${documents++}`;
});

afterEach(async () => {
  for (const page of browser.context.pages()) await page.close();
});

declare global {
  interface Window {
    stopPolling(): void;
    pollsHeld(): number;
  }
}

/** In a page: no WebSocket gets through, and its requests can be held back. */
function pollsOnly(): void {
  // Nothing listens at this port.
  window.WebSocket = class extends WebSocket {
    constructor() {
      super('ws://127.0.0.1:9');
    }
  };
  const { send } = XMLHttpRequest.prototype;
  let stopped = false;
  let held = 0;
  XMLHttpRequest.prototype.send = function (body) {
    if (!stopped) send.call(this, body);
    // An Engine.IO client posts something, and polls with nothing.
    else if (body == null) held++;
  };
  window.stopPolling = () => {
    stopped = true;
  };
  window.pollsHeld = () => held;
}

type Given = Partial<Parameters<Window['offline']['open']>[0]>;

/** A new tab that shows the document. @param prepare runs in it first */
async function tab(options: Given = {}, prepare?: () => void): Promise<Page> {
  const page = await browser.context.newPage();
  if (prepare !== undefined) await page.addInitScript(prepare);
  await page.goto(pages.url);
  await page.evaluate((given) => window.offline.open(given), { url: server.url, document, ...options });
  return page;
}

const state = (page: Page) => page.evaluate(() => window.offline.state());
const type = (page: Page, words: string) => page.evaluate((typed) => window.offline.type(typed), words);
const connect = (page: Page) => page.evaluate(() => window.offline.connect());
const disconnect = (page: Page) => page.evaluate(() => window.offline.disconnect());
const kept = (page: Page) => page.evaluate(() => window.offline.kept());

async function reads(page: Page, text: string): Promise<void> {
  await page.waitForFunction((expected) => window.offline.state().text === expected, text);
}

async function synced(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const { status, unsaved } = window.offline.state();
    return status === 'synced' && unsaved === 0;
  });
}

/** Ends the browser without any warning, and starts it again. */
async function crash(): Promise<void> {
  await browser.kill();
  browser = await LastingBrowser.start(profile.path);
}

/** What the server has. */
async function saved(): Promise<string> {
  const page = await tab({ scope: `reader ${randomInt(2 ** 31)}` });
  await synced(page);
  const { text } = await state(page);
  await page.close();
  return text;
}

describe('in a real browser', () => {
  test('[OFF1] [OFF2] what was written without a network outlasts its tab, and the browser, and is saved once', async () => {
    const first = await tab();
    await type(first, 'saved ');
    await synced(first);
    await first.waitForFunction(async () => ((await window.offline.kept()).heads ?? 0) > 0);
    await disconnect(first);
    await type(first, 'tab ');
    const { clientId } = await state(first);
    await first.close();
    const second = await tab({ autoConnect: false });
    expect(await state(second)).toMatchObject({ text: 'saved tab ', unsaved: 1, keeping: 'kept' });
    expect((await state(second)).clientId).not.toBe(clientId);
    await type(second, 'browser');
    await crash();
    const third = await tab();
    await synced(third);
    expect(await state(third)).toMatchObject({ text: 'saved tab browser', rejected: [] });
    expect(await saved()).toBe('saved tab browser');
    await third.waitForFunction(async () => (await window.offline.kept()).unsaved === 0);
  });

  test('[TABS2] [TABS3] [TABS5] tabs without a network talk, and one that stays saves what all wrote', async () => {
    const [one, two] = [await tab({ autoConnect: false }), await tab({ autoConnect: false })];
    await type(one, 'one ');
    await reads(two, 'one ');
    await type(two, 'two ');
    await reads(one, 'one two ');
    const three = await tab({ autoConnect: false });
    await reads(three, 'one two ');
    await type(three, 'three');
    await reads(one, 'one two three');
    await two.close();
    await three.close();
    await connect(one);
    await synced(one);
    expect(await saved()).toBe('one two three');
  });

  test('[TABS7] what a tab left that polled, and was closed between two polls, is saved at once by one that stays', async () => {
    const stays = await tab();
    await type(stays, 'one ');
    await stays.waitForFunction(async () => ((await window.offline.kept()).heads ?? 0) > 0);
    const goes = await tab({}, pollsOnly);
    await synced(goes);
    await goes.evaluate(() => window.stopPolling());
    // If a poll is under way, this answers it.
    await type(stays, 'two ');
    await goes.waitForFunction(() => window.pollsHeld() > 0);
    await type(goes, 'three');
    await goes.close();
    // The server's heartbeat would find out after half a minute.
    const left = Date.now();
    await stays.waitForFunction(() => window.offline.state().text.includes('three'));
    await synced(stays);
    expect(Date.now() - left).toBeLessThan(10_000);
    expect(await saved()).toBe((await state(stays)).text);
  });

  test('[OFF8] what one scope keeps no other one sees, and it is gone when it is wiped, in open tabs too', async () => {
    const ann = await tab({ scope: 'ann', autoConnect: false });
    await type(ann, 'ann’s secret');
    const bob = await tab({ scope: 'bob' });
    await synced(bob);
    expect(await state(bob)).toMatchObject({ text: '', unsaved: 0 });
    await bob.evaluate(() => window.offline.forgetAll('ann'));
    await ann.waitForFunction(() => window.offline.state().keeping === 'off');
    expect(await bob.evaluate(() => window.offline.unsavedRows())).toEqual([]);
    await ann.close();
    const next = await tab({ scope: 'ann' });
    await synced(next);
    expect((await state(next)).text).toBe('');
  });

  test('[OFF9] a database of a release to come is left alone, and the provider works without', async () => {
    const page = await browser.context.newPage();
    await page.goto(pages.url);
    await page.evaluate(() => window.offline.upgrade('later'));
    await page.close();
    const later = await tab({ name: 'later' });
    await later.waitForFunction(() => window.offline.state().keeping === 'failed');
    await type(later, 'works');
    await synced(later);
    expect(await later.evaluate(() => window.offline.kept('later'))).toEqual({});
  });

  test('[OFF10] destroy leaves no lock behind, and its database can be deleted', async () => {
    const page = await tab({ name: 'alone' });
    await type(page, 'x');
    await page.evaluate(() => window.offline.destroy());
    await page.waitForFunction(async () => (await window.offline.locks()) === 0);
    const deleted = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const request = indexedDB.deleteDatabase('alone');
          request.onsuccess = () => resolve('deleted');
          request.onblocked = () => resolve('blocked');
        }),
    );
    expect(deleted).toBe('deleted');
  });

  test('[OFF3] [TABS1] tabs that open, close, crash and lose the network lose nothing that was on the disk', async () => {
    const seed = process.env.SEED === undefined ? randomInt(2 ** 31) : Number(process.env.SEED);
    const random = seededRandom(seed);
    const written: string[] = [];
    let open: Page[] = [];
    try {
      for (let round = 0; round < 100; round++) {
        const dice = random();
        const page = open[between(random, 0, Math.max(0, open.length - 1))];
        if (page === undefined || (dice < 0.15 && open.length < 3))
          open.push(await tab({ autoConnect: random() < 0.5 }));
        else if (dice < 0.6) {
          const token = `<${round}>`;
          await type(page, token);
          written.push(token);
        } else if (dice < 0.75) await connect(page);
        else if (dice < 0.87) await disconnect(page);
        else if (dice < 0.97) {
          open = open.filter((other) => other !== page);
          await page.close();
        } else {
          open = [];
          await crash();
        }
      }
      if (open.length === 0) open.push(await tab());
      for (const page of open) await connect(page);
      for (const page of open) await synced(page);
      const [first, ...others] = await Promise.all(open.map(state));
      const text = first?.text ?? '';
      expect(
        text
          .split(/(?=<)/)
          .filter((token) => token !== '')
          .sort(),
      ).toEqual([...written].sort());
      for (const other of others) expect(other.text).toBe(text);
      expect(await saved()).toBe(text);
      expect(
        (await Promise.all(open.map(state))).flatMap(({ rejected, replaced }) => [...rejected, ...replaced]),
      ).toEqual([]);
      const [page] = open;
      await page?.waitForFunction(async () => (await window.offline.unsavedRows()).length === 0);
    } catch (cause) {
      throw new Error(`seed ${seed} fails; again with: SEED=${seed} npx jest ${HERE}\n${cause}`, { cause });
    }
  });

  test('[OFF5] a document that was reset: the application gets the copy of before, and nothing is merged', async () => {
    const page = await tab();
    await type(page, 'of before, ');
    await synced(page);
    await page.waitForFunction(async () => ((await window.offline.kept()).heads ?? 0) > 0);
    await disconnect(page);
    await type(page, 'and not saved');
    await page.close();
    await server.remove();
    server = new TestServer({ args: ['--allowed-origins', pages.url, '--port', new URL(server.url).port] });
    await server.start();
    const after = await tab();
    await after.waitForFunction(() => window.offline.state().status === 'denied');
    expect(await state(after)).toMatchObject({
      replaced: ['of before, and not saved / and not saved'],
      rejected: ['generation-changed: and not saved'],
    });
    await after.close();
    const fresh = await tab();
    await synced(fresh);
    expect(await state(fresh)).toMatchObject({ text: '', replaced: [] });
    expect(await saved()).toBe('');
    expect(await kept(fresh)).toMatchObject({ unsaved: 0, replaced: 0 });
  });
});
