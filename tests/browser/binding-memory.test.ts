import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CDPSession, Page } from 'playwright-core';
import { launchChromium, type TestBrowser } from '../support/chromium.js';
import { TestServer } from '../support/server-process.js';

/** `DOCUMENTS=1000` for the long run. */
const DOCUMENTS = Number(process.env.DOCUMENTS ?? 60);
const AT_ONCE = 20;

const server = new TestServer({ args: ['--max-documents-per-connection', '1000'] });
let browser: TestBrowser;
let page: Page;
let devtools: CDPSession;

beforeAll(async () => {
  await server.start();
  browser = await launchChromium();
  page = await browser.context.newPage();
  devtools = await page.context().newCDPSession(page);
  await page.route('**/memory', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<body><script src="/coscribe.js"></script>' }),
  );
  await page.goto(`${server.url}/memory`);
});
afterAll(async () => {
  await browser?.close();
  await server.remove();
});

/** What is left after a garbage collection. */
async function left(): Promise<{ heap: number; nodes: number; listeners: number }> {
  await devtools.send('Performance.enable');
  for (let time = 0; time < 3; time++) await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.getMetrics');
  const value = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  return { heap: value('JSHeapUsedSize'), nodes: value('Nodes'), listeners: value('JSEventListeners') };
}

/** Opens documents, writes in them with carets shown, and destroys everything. */
function openAndDestroy(from: number, to: number, atOnce: number): Promise<unknown> {
  return page.evaluate(
    async ([first, last, step]) => {
      const { CoscribeProvider, bindTextarea, showRemoteCarets } = window.Coscribe;
      const one = async (number: number): Promise<void> => {
        const field = document.createElement('textarea');
        document.body.append(field);
        const provider = new CoscribeProvider({
          document: `memory/of-${number}`,
          presence: { name: 'Ada', color: '#168629' },
        });
        const { awareness } = provider;
        const text = provider.doc.getText('text');
        const binding = bindTextarea(field, text, { awareness });
        const carets = showRemoteCarets(field, text, awareness);
        await provider.whenSynced();
        field.focus();
        document.execCommand('insertText', false, `text of ${number}`);
        const cursor = { anchor: { tname: 'text' }, head: { tname: 'text' } };
        awareness.states.set(1, { user: { name: 'Ben', color: '#dd2d2d' }, cursor });
        awareness.emit('change', [{ added: [1], updated: [], removed: [] }, 'test']);
        await new Promise(requestAnimationFrame);
        await provider.whenSaved();
        carets.destroy();
        binding.destroy();
        provider.destroy();
        provider.doc.destroy();
        field.remove();
      };
      for (let start = first; start < last; start += step) {
        const count = Math.min(step, last - start);
        await Promise.all(Array.from({ length: count }, (_, number) => one(start + number)));
      }
    },
    [from, to, atOnce] as const,
  );
}

test('[BIND25] of the documents, bindings and carets that a page has opened and destroyed nothing is left', async () => {
  await openAndDestroy(0, AT_ONCE, AT_ONCE);
  const before = await left();
  await openAndDestroy(AT_ONCE, AT_ONCE + DOCUMENTS, AT_ONCE);
  const after = await left();
  const each = {
    bytes: (after.heap - before.heap) / DOCUMENTS,
    nodes: (after.nodes - before.nodes) / DOCUMENTS,
    listeners: (after.listeners - before.listeners) / DOCUMENTS,
  };
  if (process.env.DOCUMENTS !== undefined) console.log({ before, after, each });
  // The browser itself remembers the requests; a document with a binding takes many times that while it is open.
  expect(each.bytes).toBeLessThan(10_000);
  expect(each.nodes).toBeLessThan(0.5);
  expect(each.listeners).toBeLessThan(0.5);
});

declare global {
  interface Window {
    Coscribe: typeof import('../../client/index.js');
  }
}
