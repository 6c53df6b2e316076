import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { AutoStatus } from '../../client/auto/auto-options.js';
import type { Authenticator } from '../../server/auth/access.js';
import { MemoryStore } from '../../server/storage/memory-store.js';
import { CoscribeError } from '../../shared/errors.js';
import { parseDocumentId } from '../../shared/ids.js';
import type { Role } from '../../shared/protocol.js';
import { type AccessServer, startAccessServer } from '../support/access-server.js';
import { launchChromium, type TestBrowser } from '../support/chromium.js';
import { everythingKept } from '../support/kept-on-device.js';
import { PATIENCE_MS } from '../support/patience.js';
import { readProjectFile } from '../support/project-files.js';
import { until } from '../support/until.js';

/** What users may do in all documents; their tokens are `{user}-token`. */
const roles = new Map<string, Role>();
const users: Authenticator = {
  authenticate({ token }) {
    const user = /^(\w+)-token$/.exec(token ?? '')?.[1];
    if (user === undefined) throw new CoscribeError('unauthenticated');
    return { user };
  },
  authorize: ({ user = '' }) => roles.get(user) ?? 'none',
};

const store = new MemoryStore(randomUUID);
let server: AccessServer;
let browser: TestBrowser;
let pages: Page[] = [];

beforeAll(async () => {
  roles.set('ed', 'editor');
  roles.set('ann', 'owner');
  server = await startAccessServer({ authenticator: users, store });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(async () => {
  await Promise.all(pages.map((page) => page.close()));
  pages = [];
  await browser.context.setOffline(false);
});

const TAG = '<script src="/coscribe.js"></script>';

/** Opens a page that has this in its body, and the tag of the script that the server has. */
async function open(body: string, tag = TAG, log?: (line: string) => void): Promise<Page> {
  const address = `${server.url}/a-page`;
  return visit(
    address,
    (page) =>
      page.route(address, (route) =>
        route.fulfill({
          contentType: 'text/html; charset=utf-8',
          body: `<!doctype html><html lang="en"><title>A page</title><body>${body}${tag}</body></html>`,
        }),
      ),
    log,
  );
}

/** Opens a page, and has it note what is told in it. */
async function visit(
  address: string,
  prepare?: (page: Page) => Promise<unknown>,
  log?: (line: string) => void,
): Promise<Page> {
  const page = await browser.context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  pages.push(page);
  page.on('console', (message) => {
    const text = message.text();
    // Not what the browser says of its network.
    if (/coscribe|yjs/i.test(text.split(':')[0] ?? '')) log?.(text);
  });
  await prepare?.(page);
  await page.addInitScript(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    for (const name of ['status', 'rejected', 'error']) {
      document.addEventListener(`coscribe:${name}`, ({ target, detail }: CustomEventInit & Event) => {
        const said = detail.status ?? detail.error?.message;
        told.push(`${(target as Element).id} ${name} ${said}`);
      });
    }
  });
  await page.goto(address);
  return page;
}

const told = (page: Page): Promise<string[]> =>
  page.evaluate(() => (window as unknown as { told: string[] }).told);

const reads = (page: Page, id: string, text: string): Promise<unknown> =>
  page.waitForFunction(
    ([name, value]) => document.querySelector<HTMLTextAreaElement>(`#${name}`)?.value === value,
    [id, text] as const,
  );

const has = (page: Page, id: string, status: string): Promise<unknown> =>
  page.waitForSelector(`#${id}[data-coscribe-status="${status}"]`, { state: 'attached' });

/** Whether the browser would ask before it leaves the page; if not, nobody listens. */
const wouldAsk = (page: Page): Promise<boolean> =>
  page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));

const disconnect = (page: Page, id: string): Promise<void> =>
  page.locator(`#${id}`).evaluate((field) => window.Coscribe.coscribeFor(field)?.provider.disconnect());

const isReadOnly = (page: Page, id: string): Promise<boolean> =>
  page.locator(`#${id}`).evaluate((field: HTMLTextAreaElement) => field.readOnly);

const textarea = (id: string, document: string, more = ''): string =>
  `<textarea id="${id}" data-coscribe="${document}" data-coscribe-token="ed-token" ${more}></textarea>`;

describe('a page with the attribute and the script tag', () => {
  test('[AUTO1] [AUTO4] [AUTO12] two people write in it, see each other, and it says when all is saved', async () => {
    const body = (name: string) =>
      `<label for="t">Notes</label>${textarea('t', 'acme/notes', `data-coscribe-name="${name}" data-coscribe-color="seagreen"`)}`;
    const [ada, ben] = [await open(body('Ada')), await open(body('Ben'))];
    await has(ada, 't', 'saved');
    await ada.focus('#t');
    await ada.keyboard.type('Hello');
    await reads(ben, 't', 'Hello');
    await has(ada, 't', 'saved');
    await ben.focus('#t');
    await ben.keyboard.press('End');
    await ben.keyboard.type(', Ada');
    await reads(ada, 't', 'Hello, Ada');
    await ada.waitForFunction(() => document.querySelector('[data-coscribe-carets]') !== null);
    expect(await peopleIn(ada)).toEqual(['Ada #2e8b57', 'Ben #2e8b57']);
    expect(await told(ada)).toEqual(
      expect.arrayContaining(['t status connecting', 't status saved', 't status saving']),
    );
    expect(await ada.getByRole('textbox', { name: 'Notes' }).getAttribute('id')).toBe('t');
  });

  test('[AUTO2] what the HTML has is shown, read-only, until the document comes, and never gets into it', async () => {
    const body =
      '<textarea id="t" data-coscribe="acme/html" data-coscribe-token="ed-token">From the page</textarea>';
    const waiting = await open(body.replace('<textarea', '<textarea data-coscribe-url="http://127.0.0.1:9"'));
    await has(waiting, 't', 'offline');
    expect(await waiting.inputValue('#t')).toBe('From the page');
    expect(await isReadOnly(waiting, 't')).toBe(true);
    expect(readProjectFile('docs/guides/quick-start.md')).toContain('`data-coscribe-status` stays `offline`');
    for (let visit = 0; visit < 2; visit++) {
      const page = await open(body);
      await has(page, 't', 'saved');
      expect(await page.inputValue('#t')).toBe('');
      expect(await isReadOnly(page, 't')).toBe(false);
    }
  });

  test('[AUTO3] fields of one document share a provider, and each has its own text', async () => {
    const page = await open(
      textarea('t', 'acme/form') +
        '<input id="i" data-coscribe="acme/form" data-coscribe-token="ed-token" data-coscribe-field="title">' +
        textarea('o', 'acme/other'),
    );
    for (const id of ['t', 'i', 'o']) await has(page, id, 'saved');
    for (const id of ['t', 'i', 'o']) await page.fill(`#${id}`, `text of ${id}`);
    const other = await open(
      textarea('t', 'acme/form') + textarea('x', 'acme/form', 'data-coscribe-field="title"'),
    );
    await reads(other, 't', 'text of t');
    await reads(other, 'x', 'text of i');
    const same = await page.evaluate(() => {
      const [t, i, o] = ['t', 'i', 'o'].map(
        (id) => window.Coscribe.coscribeFor(document.getElementById(id) as Element)?.provider,
      );
      return [t === i, t === o];
    });
    expect(same).toEqual([true, false]);
  });
});

describe('what changes in the page', () => {
  test('[AUTO5] elements that come, go, move and are renamed', async () => {
    const page = await open('<main></main>');
    await page.evaluate(() => {
      const field = document.createElement('textarea');
      Object.assign(field, { id: 't' });
      field.setAttribute('data-coscribe-token', 'ed-token');
      field.setAttribute('data-coscribe', 'acme/first');
      document.querySelector('main')?.append(field);
    });
    await has(page, 't', 'saved');
    await page.fill('#t', 'first');
    await has(page, 't', 'saved');
    await page.evaluate(() => document.body.prepend(document.getElementById('t') as Element));
    await page.focus('#t');
    await page.keyboard.press('End');
    await page.keyboard.type('!');
    await page.locator('#t').evaluate((field) => field.setAttribute('data-coscribe', 'acme/second'));
    await has(page, 't', 'saved');
    await reads(page, 't', '');
    await page.fill('#t', 'second');
    const removed = await page.locator('#t').evaluateHandle((field: HTMLTextAreaElement) => {
      field.remove();
      return field;
    });
    await page.waitForFunction((field) => !field.hasAttribute('data-coscribe-status'), removed);
    // What was typed right before is saved all the same.
    const other = await open(textarea('a', 'acme/first') + textarea('b', 'acme/second'));
    await reads(other, 'a', 'first!');
    await reads(other, 'b', 'second');
    await other.locator('#a').evaluate((field) => field.removeAttribute('data-coscribe'));
    await other.waitForFunction(() => !document.querySelector('#a')?.hasAttribute('data-coscribe-status'));
    expect(await other.inputValue('#a')).toBe('first!');
  });

  test('[AUTO5] a shadow tree is bound and let go by itself', async () => {
    const page = await open('<div id="host"></div>');
    const status = await page.evaluate(async () => {
      const root = document.getElementById('host')?.attachShadow({ mode: 'open' });
      if (root === undefined) return [];
      root.innerHTML = '<textarea data-coscribe="acme/shadow" data-coscribe-token="ed-token"></textarea>';
      const field = root.querySelector('textarea') as HTMLTextAreaElement;
      const bound = window.Coscribe.bindAll(root);
      await window.Coscribe.coscribeFor(field)?.provider.whenSynced();
      const seen = [field.getAttribute('data-coscribe-status'), field.readOnly];
      bound.destroy();
      return [...seen, field.getAttribute('data-coscribe-status'), window.Coscribe.coscribeFor(field)];
    });
    expect(status).toEqual(['saved', false, null, undefined]);
  });
});

describe('what a person may do', () => {
  test('[AUTO6] who may read only gets a read-only field, from the moment on when it is so', async () => {
    roles.set('vi', 'editor');
    const page = await open(textarea('t', 'acme/roles').replace('ed-token', 'vi-token'));
    await has(page, 't', 'saved');
    await page.fill('#t', 'written');
    await has(page, 't', 'saved');
    roles.set('vi', 'viewer');
    await server.accessChanged('acme/roles');
    await has(page, 't', 'read-only');
    expect(await isReadOnly(page, 't')).toBe(true);
    roles.set('vi', 'editor');
    await server.accessChanged('acme/roles');
    await has(page, 't', 'saved');
    expect(await isReadOnly(page, 't')).toBe(false);
  });

  test('[AUTO6] [AUTO7] who loses access keeps what was not saved, and is told', async () => {
    roles.set('lo', 'editor');
    const page = await open(textarea('t', 'acme/lost').replace('ed-token', 'lo-token'));
    await has(page, 't', 'saved');
    await page.evaluate(() =>
      window.Coscribe.coscribeFor(document.getElementById('t') as Element)?.provider.disconnect(),
    );
    await has(page, 't', 'offline');
    expect(await isReadOnly(page, 't')).toBe(false);
    await page.fill('#t', 'not saved');
    roles.delete('lo');
    await page.evaluate(() =>
      window.Coscribe.coscribeFor(document.getElementById('t') as Element)?.provider.connect(),
    );
    await has(page, 't', 'denied');
    expect(await isReadOnly(page, 't')).toBe(true);
    const kept = await page.evaluate(() =>
      window.Coscribe.coscribeFor(document.getElementById('t') as Element)?.rejected.map(
        ({ edits }) => edits.text,
      ),
    );
    expect(kept).toEqual(['not saved']);
    expect((await told(page)).map((one) => one.split(' ')[1])).toEqual(
      expect.arrayContaining(['rejected', 'error']),
    );
  });
});

describe('what is wrong', () => {
  test('[AUTO7] is said in a sentence, to the page and in the console, and the others work', async () => {
    const sentences: string[] = [];
    const page = await open('<main></main>');
    page.on('console', (message) => sentences.push(message.text()));
    await page.evaluate(() => {
      (document.querySelector('main') as Element).innerHTML = `
        <div id="d" data-coscribe="acme/notes"></div>
        <input id="n" type="number" data-coscribe="acme/notes">
        <textarea id="b" data-coscribe="acme/no such name"></textarea>
        <textarea id="u" data-coscribe="acme/notes" data-coscribe-url="ftp://x"></textarea>
        <textarea id="e" data-coscribe=""></textarea>
        <textarea id="w" data-coscribe="acme/notes" data-coscribe-token="ed-token"></textarea>`;
    });
    await has(page, 'w', 'saved');
    const errors = (await told(page)).filter((one) => one.includes(' error '));
    expect(errors.map((one) => one.slice(0, 7))).toEqual(['d error', 'n error', 'b error', 'u error']);
    expect(errors[0]).toContain('<textarea> or an <input>');
    for (const error of errors) {
      expect(sentences.some((one) => one.includes(error.slice(8)))).toBe(true);
      await has(page, error[0] ?? '', 'denied');
    }
    expect([await isReadOnly(page, 'b'), await isReadOnly(page, 'n')]).toEqual([true, true]);
    await page.locator('#n').evaluate((field) => field.removeAttribute('data-coscribe'));
    await page.waitForSelector('#n:not([data-coscribe-status]):not([readonly])');
    await page.locator('#b').evaluate((field) => {
      field.setAttribute('data-coscribe-token', 'ed-token');
      field.setAttribute('data-coscribe', 'acme/mended');
    });
    await has(page, 'b', 'saved');
    expect(await isReadOnly(page, 'b')).toBe(false);
    expect(await page.locator('#e').getAttribute('data-coscribe-status')).toBeNull();
  });

  test('[AUTO7] [EDGE10] who answers at the address, and what a server says that takes nobody from here, is said once; the field tries on', async () => {
    // Its page comes from there, too: what is answered in a server's place counts as of the public network, and gets nowhere.
    let attempts = 0;
    let body = '';
    const strange = createServer(({ url = '' }, response) => {
      if (url.includes('transport=polling')) attempts++;
      response.writeHead(url === '/a-page' ? 200 : 404, { 'content-type': 'text/html' }).end(body);
    });
    await once(strange.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(strange.address() as AddressInfo).port}`;
    body =
      textarea('s', 'acme/strange', `data-coscribe-url="${url}"`) +
      textarea('r', 'acme/foreign') +
      TAG.replace('/coscribe.js', `${server.url}/coscribe.js`);
    try {
      const page = await visit(`${url}/a-page`);
      const errors = async () => (await told(page)).filter((one) => one.includes(' error ')).sort();
      await page.waitForFunction(
        () =>
          (window as unknown as { told: string[] }).told.filter((one) => one.includes(' error ')).length ===
          2,
      );
      const before = attempts;
      await until(() => attempts > before + 1, 'more attempts');
      expect(await errors()).toEqual([
        expect.stringMatching(/^r error .*COSCRIBE_ALLOWED_ORIGINS/),
        expect.stringMatching(/^s error .*no Coscribe server.*HTTP 404/),
      ]);
      for (const id of ['s', 'r']) {
        await has(page, id, 'offline');
        expect(await isReadOnly(page, id)).toBe(true);
      }
    } finally {
      strange.closeAllConnections();
      strange.close();
    }
  });

  test('[AUTO12] a colour that is none is said in the console, and whoever has it gets another one', async () => {
    const lines: string[] = [];
    const field = textarea('t', 'acme/colours', 'data-coscribe-name="Ada"');
    const page = await open(field, TAG, (line) => lines.push(line));
    await has(page, 't', 'saved');
    const seen = async (color: string): Promise<string | undefined> => {
      await page
        .locator('#t')
        .evaluate((field, value) => field.setAttribute('data-coscribe-color', value), color);
      return (await peopleIn(page))[0];
    };
    const black = 'Ada #000000';
    expect(await seen('hsl(120 100% 25%)')).toBe('Ada #008000');
    expect(await seen('rgb(255 0 0 / 50%)')).toBe('Ada #ff0000');
    expect(await seen('color(srgb 0 0 1)')).toBe('Ada #0000ff');
    expect(await seen('#000')).toBe(black);
    for (const none of ['redd', 'var(--brand)', 'transparent']) expect(await seen(none)).not.toBe(black);
    await until(() => lines.length === 3, 'a line for each');
    expect(lines[0]).toContain('data-coscribe-color="redd" is no colour');
  });
});

describe('before the page is left', () => {
  test('[AUTO10] the browser asks as long as something is not saved, and only then anybody listens', async () => {
    const page = await open(
      textarea('t', 'acme/leaving') + textarea('o', 'acme/leaving-free', 'data-coscribe-ask="no"'),
    );
    const questions: string[] = [];
    page.on('dialog', (dialog) => {
      questions.push(dialog.type());
      void dialog.dismiss();
    });
    for (const id of ['t', 'o']) await has(page, id, 'saved');
    expect(await wouldAsk(page)).toBe(false);
    for (const id of ['t', 'o']) await disconnect(page, id);
    await page.focus('#o');
    await page.keyboard.type('not worth a question');
    expect(await wouldAsk(page)).toBe(false);
    await page.focus('#t');
    await page.keyboard.type('not saved');
    expect(await wouldAsk(page)).toBe(true);
    await page.close({ runBeforeUnload: true });
    await until(() => questions.length > 0, 'the question');
    expect(questions).toEqual(['beforeunload']);
    await page.locator('#t').evaluate((field) => field.setAttribute('data-coscribe-ask', 'no'));
    await page.waitForFunction(() => dispatchEvent(new Event('beforeunload', { cancelable: true })));
    await page.locator('#t').evaluate((field) => field.removeAttribute('data-coscribe-ask'));
    await page.waitForFunction(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));
    // What is on its way is asked for, too, when its field is gone.
    const provider = await page.locator('#t').evaluateHandle((field) => {
      const found = window.Coscribe.coscribeFor(field)?.provider;
      field.remove();
      return found;
    });
    await page.waitForFunction(() => document.querySelector('#t') === null);
    expect(await wouldAsk(page)).toBe(true);
    await provider.evaluate((found) => found?.connect());
    await page.waitForFunction((found) => found?.status === 'destroyed', provider);
    expect(await wouldAsk(page)).toBe(false);
    const closed = page.waitForEvent('close');
    await page.close({ runBeforeUnload: true });
    await closed;
    expect(questions).toHaveLength(1);
  });

  test('[AUTO10] it does not ask for what is kept on the device', async () => {
    const page = await open(textarea('t', 'acme/leaving-kept', 'data-coscribe-offline="ed"'));
    await has(page, 't', 'saved');
    await isKept(page, 't');
    await disconnect(page, 't');
    await page.fill('#t', 'kept');
    expect(await wouldAsk(page)).toBe(false);
  });
});

describe('a page with the script twice', () => {
  test('[AUTO11] is a page with the script once, and has a line in its console', async () => {
    const lines: string[] = [];
    const tags = TAG + TAG.replace('.js', '.js?2');
    const twice = await open(textarea('t', 'acme/twice'), tags, (line) => lines.push(line));
    await has(twice, 't', 'saved');
    expect(lines).toEqual(['Coscribe: this page has the script already; once more it does nothing.']);
    await twice.fill('#t', 'once');
    // As if it came in a bundle.
    await twice.evaluate(() => Reflect.deleteProperty(globalThis, Symbol.for('coscribe.script')));
    await twice.evaluate(() => Object.assign(window, { first: window.Coscribe }));
    await twice.addScriptTag({ url: '/coscribe.js?3' });
    const seen = await twice.locator('#t').evaluate((field: HTMLTextAreaElement) => {
      const { first } = window as unknown as { first: typeof window.Coscribe };
      const bound = window.Coscribe.coscribeFor(field);
      return [first !== window.Coscribe, bound === first.coscribeFor(field), bound?.text.toString()];
    });
    expect(seen).toEqual([true, true, 'once']);
    await twice.locator('#t').evaluate((field) => field.setAttribute('data-coscribe', 'acme/twice-more'));
    await reads(twice, 't', '');
    await has(twice, 't', 'saved');
    expect(await isReadOnly(twice, 't')).toBe(false);
    expect((await told(twice)).filter((one) => one.includes(' error '))).toEqual([]);
  });
});

test('[AUTO4] the guide has the statuses that there are', () => {
  const statuses: Record<AutoStatus, true> = {
    connecting: true,
    saved: true,
    saving: true,
    offline: true,
    'read-only': true,
    denied: true,
  };
  const [, table = ''] = readProjectFile('docs/guides/text-area.md').split('| status | |');
  const rows = table.split('\n\n')[0]?.split('\n').slice(2) ?? [];
  const named = rows.flatMap((row) => row.split('|')[1]?.match(/[a-z-]+/g) ?? []);
  expect(new Set(named)).toEqual(new Set(Object.keys(statuses)));
});

test('[AUTO8] with data-coscribe-offline the text is there, and is written, while the server is away', async () => {
  const field =
    textarea('t', 'acme/kept', 'data-coscribe-offline="ed"') +
    textarea('e', 'acme/kept-empty', 'data-coscribe-offline="ed"');
  const first = await open(field);
  for (const id of ['t', 'e']) await has(first, id, 'saved');
  await first.fill('#t', 'kept');
  await has(first, 't', 'saved');
  for (const id of ['t', 'e']) await isKept(first, id);
  const script = await (await first.request.get(`${server.url}/coscribe.js`)).text();
  await first.close();
  pages = [];
  const offline = await browser.context.newPage();
  pages.push(offline);
  await offline.route('**/*', (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/coscribe.js') return route.fulfill({ contentType: 'text/javascript', body: script });
    if (pathname !== '/a-page') return route.abort();
    return route.fulfill({
      contentType: 'text/html',
      body: `<body>${field}${textarea('n', 'acme/kept-never', 'data-coscribe-offline="ed"')}${TAG}`,
    });
  });
  await browser.context.setOffline(true);
  await offline.goto(`${server.url}/a-page`);
  await reads(offline, 't', 'kept');
  for (const id of ['t', 'e', 'n']) await has(offline, id, 'offline');
  await offline.waitForSelector('#e:not([readonly])');
  expect([await isReadOnly(offline, 't'), await isReadOnly(offline, 'n')]).toEqual([false, true]);
  const before = await keptRows(offline);
  await offline.fill('#t', 'kept, and more');
  await offline.fill('#e', 'no longer empty');
  while ((await keptRows(offline)) < before + 2)
    await offline.evaluate(() => new Promise(requestAnimationFrame));
  await offline.close();
  await browser.context.setOffline(false);
  pages = [];
  const again = await open(field);
  await has(again, 't', 'saved');
  await reads(again, 't', 'kept, and more');
  await reads(again, 'e', 'no longer empty');
});

test('[AUTO9] what was kept of a document that was reset is told of until the page has taken it', async () => {
  const field = textarea('t', 'acme/reset', 'data-coscribe-offline="ed"');
  const before = await open(field);
  await has(before, 't', 'saved');
  // At once, so that it is one piece in the database.
  await before.fill('#t', OLD);
  await has(before, 't', 'saved');
  await untilKept(before, true);
  await before.close();
  const gone = await fetch(`${server.url}/api/documents/acme/reset`, {
    method: 'DELETE',
    headers: { authorization: 'Bearer ann-token' },
  });
  expect(gone.status).toBe(204);
  expect(await store.purge(Date.now(), 10)).toEqual([parseDocumentId('acme/reset')]);

  const visit = async (takes: boolean): Promise<Set<string>> => {
    const texts: string[] = [];
    const page = await open(
      `<script>
        window.texts = [];
        addEventListener('coscribe:replaced', (event) => {
          texts.push(event.detail.text);
          if (${takes}) event.preventDefault();
        });
      </script>${field}`,
    );
    await has(page, 't', 'saved');
    texts.push(...(await page.evaluate(() => (window as unknown as { texts: string[] }).texts)));
    expect(await page.inputValue('#t')).toBe('');
    await untilKept(page, texts.length > 0 && !takes);
    await page.close();
    return new Set(texts);
  };
  expect(await visit(false)).toEqual(new Set([OLD]));
  expect(await visit(true)).toEqual(new Set([OLD]));
  expect(await visit(false)).toEqual(new Set());
});

const OLD = 'of the old one';

/** Names and colours of whoever is in the document of `#t`. */
function peopleIn(page: Page): Promise<string[]> {
  return page.locator('#t').evaluate((field) => {
    const states = window.Coscribe.coscribeFor(field)?.provider.awareness.getStates().values() ?? [];
    return [...states].map(({ user }) => `${user.name} ${user.color}`).sort();
  });
}

/** Waits until the device has the document of a field. */
async function isKept(page: Page, id: string): Promise<void> {
  await page.waitForFunction(
    (name) =>
      window.Coscribe.coscribeFor(document.getElementById(name) as Element)?.provider.keeping === 'kept',
    id,
  );
  const wanted = await page.locator(`#${id}`).getAttribute('data-coscribe');
  while (!(await keptHeads(page)).includes(wanted))
    await page.evaluate(() => new Promise(requestAnimationFrame));
}

/** What the device keeps is written behind. */
async function untilKept(page: Page, isThere: boolean): Promise<void> {
  while ((await everythingKept(page)).includes(OLD) !== isThere)
    await page.evaluate(() => new Promise(requestAnimationFrame));
}

/** How many rows the database of kept copies has. */
async function keptRows(page: Page): Promise<number> {
  return (await keptKeys(page)).length;
}

/** Names of the documents that the database has a copy of. */
async function keptHeads(page: Page): Promise<unknown[]> {
  return (await keptKeys(page)).filter(([store]) => store === 'heads').map((key) => key[3]);
}

/** The keys of that database, each behind the name of its store. */
function keptKeys(page: Page): Promise<unknown[][]> {
  return page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await done(indexedDB.open('coscribe'));
    const names = [...database.objectStoreNames];
    const keys = await Promise.all(
      names.map((name) => done(database.transaction(name).objectStore(name).getAllKeys())),
    );
    database.close();
    return names.flatMap((name, at) => (keys[at] ?? []).map((key) => [name, ...(key as unknown[])]));
  });
}

declare global {
  interface Window {
    Coscribe: typeof import('../../client/index.js');
  }
}
