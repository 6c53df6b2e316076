import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import type { Edit, LabOptions } from '../browser/pages/lab.js';
import { launchChromium, type TestBrowser } from './chromium.js';
import { bundleForPage, type PageServer, servePages } from './page-bundle.js';

/** A strict policy: no inline style, no inline script. The library has to work under it. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'";

/** A browser with one page in which `window.lab` is there. */
export class LabPage {
  static async open(): Promise<LabPage> {
    const script = await bundleForPage(join(__dirname, '../browser/pages/lab.ts'));
    const server = await servePages({
      '/': {
        type: 'text/html; charset=utf-8',
        body: '<!doctype html><html lang="en"><title>Lab</title><body><script src="/lab.js"></script></body></html>',
        headers: { 'content-security-policy': POLICY },
      },
      '/lab.js': { type: 'text/javascript; charset=utf-8', body: script },
    });
    const browser = await launchChromium();
    const page = await browser.context.newPage();
    const lab = new LabPage(browser, server, page, await browser.context.newCDPSession(page));
    page.on('pageerror', (error) => lab.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') lab.errors.push(message.text());
    });
    await page.goto(server.url);
    return lab;
  }

  /** What the page complained of: exceptions, and violations of the content security policy. */
  readonly errors: string[] = [];

  private constructor(
    private readonly browser: TestBrowser,
    private readonly server: PageServer,
    readonly page: Page,
    readonly devtools: CDPSession,
  ) {}

  /** Two people anew; the focus is in `a`'s field, the caret at `caret` (the end, if not given). */
  async start(options: LabOptions = {}, caret?: number | readonly [number, number]): Promise<void> {
    await this.page.evaluate((given) => window.lab.start(given), options);
    await this.page.focus('#a');
    await this.select(caret ?? (options.text ?? '').length);
  }

  async select(caret: number | readonly [number, number]): Promise<void> {
    const [start, end] = typeof caret === 'number' ? [caret, caret] : caret;
    await this.page.evaluate(([from, to]) => window.lab.a.field.setSelectionRange(from, to), [
      start,
      end,
    ] as const);
  }

  remote(...edits: readonly Edit[]): Promise<void> {
    return this.page.evaluate((given) => window.lab.remote(...given), edits);
  }

  /** What is there when the next frame is drawn: until then the field does not show what others did. */
  state(): Promise<ReturnType<Window['lab']['state']>> {
    return this.page.evaluate(async () => {
      await window.lab.frames();
      return window.lab.state();
    });
  }

  press(...keys: readonly string[]): Promise<void> {
    return keys.reduce((done, key) => done.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  type(text: string): Promise<void> {
    return this.page.keyboard.type(text);
  }

  /** What an input method shows while it composes; the caret is behind it. */
  async compose(text: string): Promise<void> {
    await this.devtools.send('Input.imeSetComposition', {
      text,
      selectionStart: text.length,
      selectionEnd: text.length,
    });
  }

  /** The input method is done. */
  async commit(text: string): Promise<void> {
    await this.devtools.send('Input.insertText', { text });
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.close();
  }
}
