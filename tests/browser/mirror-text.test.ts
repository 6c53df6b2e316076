import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { launchChromium, type TestBrowser } from '../support/chromium.js';
import { bundleForPage, type PageServer, servePages } from '../support/page-bundle.js';

let browser: TestBrowser;
let server: PageServer;

beforeAll(async () => {
  const body = await bundleForPage(join(__dirname, 'pages/mirror.ts'));
  [browser, server] = await Promise.all([
    launchChromium(),
    servePages({
      '/': {
        type: 'text/html; charset=utf-8',
        body: '<!doctype html><body><script src="/mirror.js"></script>',
      },
      '/mirror.js': { type: 'text/javascript; charset=utf-8', body },
    }),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test('[CARET7] a long text, laid out in pieces, has its characters where one piece has them, whatever was edited', async () => {
  const page = await browser.context.newPage();
  await page.goto(server.url);
  const first = process.env.SEED === undefined ? randomInt(2 ** 31) : Number(process.env.SEED);
  const rounds = process.env.SEED === undefined ? 5 : 1;
  for (let seed = first; seed < first + rounds; seed++) {
    const problems = await page.evaluate((given) => window.editMirror(given, 40), seed);
    if (problems.length > 0) {
      throw new Error(`again with: SEED=${seed} npx jest tests/browser/mirror-text\n${problems.join('\n')}`);
    }
  }
});

test('[CARET7] a long line is laid out in pieces of bounded length, and a key touches one of them', async () => {
  const page = await browser.context.newPage();
  await page.goto(server.url);
  for (const repeats of [4_000, 16_000]) {
    const line = await page.evaluate((n) => window.layOutLine(n), repeats);
    expect(line.characters).toBe(repeats * 32 + 1);
    expect(line.longest).toBeLessThanOrEqual(8_000);
    // As many as it takes, and no more.
    expect(line.nodes).toBeLessThanOrEqual(Math.ceil(line.characters / 2_000));
    expect(line.touched).toBe(1);
  }
});
