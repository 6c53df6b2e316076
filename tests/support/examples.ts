import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { CoscribeProvider } from '../../client/provider.js';
import { ServerProcess } from '../../tools/server-process.js';
import { launchChromium, type TestBrowser } from './chromium.js';
import { temporaryFolder } from './folder.js';
import { PATIENCE_MS } from './patience.js';
import { ROOT } from './project-files.js';

/** In a fresh clone the packages have to be fetched first. */
const PREPARE_MS = 240_000;

/** In Socket.IO's packets: an answer that says no, or that a client has to begin again. */
const REFUSAL = /"ok":false|\["(?:resync|refused|bye)"/;

export interface ExampleOptions {
  /** By default one of the test's own. */
  readonly document?: string;
  readonly name?: string;
}

/** What a test file of the examples works with; there from the first test on. */
export interface Examples {
  readonly url: string;
  /** What the server has refused of all pages in this test, as it said it. */
  readonly refusals: readonly string[];
  /** Opens a page, in a browser profile of its own. */
  visit(path: string): Promise<Page>;
  /** Opens an example in a browser profile of its own, and waits until it says "Saved". */
  open(example: string, options: ExampleOptions): Promise<Page>;
  /** Somebody without a page who has the document open. */
  follow(document: string): CoscribeProvider;
  /** In this test pages may complain of this: it is a fault of somebody else's. */
  forgive(complaint: RegExp): void;
}

/** Installs and builds the examples if that is due. @throws Error with what went wrong */
export function buildExamples(): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/build-examples.mjs')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The examples could not be built.\n${stdout}${stderr}`);
}

/** Call once in a file: one server and one browser for all of its tests. No page may have had anything to complain of. */
export function useExamples(): Examples {
  const folder = temporaryFolder();
  let browser: TestBrowser;
  let server: ServerProcess;
  let url = '';
  let contexts: BrowserContext[] = [];
  let providers: CoscribeProvider[] = [];
  let complaints: string[] = [];
  let refusals: string[] = [];
  let forgiven: RegExp[] = [];

  beforeAll(async () => {
    buildExamples();
    server = new ServerProcess({
      main: join(ROOT, 'dist/examples/serve.js'),
      args: ['--port', '0', '--store', `sqlite:${folder.file('examples.db')}`],
    });
    [url, browser] = await Promise.all([server.ready(), launchChromium()]);
  }, PREPARE_MS);
  afterAll(async () => {
    await browser?.close();
    await server?.kill();
    folder.remove();
  });
  afterEach(async () => {
    for (const provider of providers) provider.destroy();
    await Promise.all(contexts.map((context) => context.close()));
    const found = complaints.filter((complaint) => !forgiven.some((pattern) => pattern.test(complaint)));
    contexts = [];
    providers = [];
    complaints = [];
    refusals = [];
    forgiven = [];
    expect(found).toEqual([]);
  });

  async function visit(path: string): Promise<Page> {
    const context = await browser.newPerson();
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => complaints.push(`${path}: ${error.message}`));
    page.on('console', (message) => {
      // A page without network says so each time.
      const expected = /net::ERR_|WebSocket connection to/.test(message.text());
      const isBad = message.type() === 'error' || message.type() === 'warning';
      if (isBad && !expected) complaints.push(`${path}: ${message.text()}`);
    });
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        const text = payload.toString();
        if (REFUSAL.test(text)) refusals.push(text);
      }),
    );
    await page.goto(new URL(path, url).href);
    return page;
  }

  return {
    get url() {
      return url;
    },
    get refusals() {
      return refusals;
    },
    visit,
    async open(example, options) {
      const page = await visit(`${example}/?${new URLSearchParams({ ...options })}`);
      await page.getByText('Saved', { exact: true }).waitFor();
      return page;
    },
    follow(document) {
      const provider = new CoscribeProvider({ url, document });
      providers.push(provider);
      return provider;
    },
    forgive(complaint) {
      forgiven.push(complaint);
    },
  };
}
