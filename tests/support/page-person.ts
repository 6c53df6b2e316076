import type { Locator, Page } from 'playwright-core';
import type { TestBrowser } from './chromium.js';
import { PATIENCE_MS } from './patience.js';

/** Somebody with a browser profile of their own, who looks at one of our pages. */
export class PagePerson {
  /** Exceptions, and what the browser complained of: violations of the content security policy among it. */
  readonly complaints: string[] = [];
  readonly editor: Locator;
  readonly status: Locator;

  static async arrive(browser: TestBrowser): Promise<PagePerson> {
    const context = await browser.newPerson();
    return new PagePerson(await context.newPage());
  }

  private constructor(readonly page: Page) {
    this.editor = page.getByTestId('editor');
    this.status = page.getByTestId('status');
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      // A server that is away is part of some tests, and the browser says so each time.
      const expected = /net::ERR_|WebSocket connection to|status of (?:4\d\d|503)/.test(message.text());
      if (message.type() === 'error' && !expected) this.complaints.push(message.text());
    });
  }

  /** Waits until the status begins so. */
  async sees(beginning: string): Promise<void> {
    await this.page.waitForFunction(
      (start) => document.querySelector('[data-testid=status]')?.textContent?.startsWith(start),
      beginning,
    );
  }

  /** Waits until the editor holds exactly this text. */
  async reads(text: string): Promise<void> {
    await this.page.waitForFunction(
      (expected) => document.querySelector<HTMLTextAreaElement>('[data-testid=editor]')?.value === expected,
      text,
    );
  }

  /** Goes to a document and waits until it is there. */
  async opens(url: string): Promise<void> {
    await this.page.goto(url);
    await this.sees('Saved');
  }

  /** Puts the caret at an index of the text. */
  async standsAt(index: number): Promise<void> {
    await this.editor.focus();
    await this.editor.evaluate((field: HTMLTextAreaElement, at) => field.setSelectionRange(at, at), index);
  }

  /** Types with real keys where the caret is. */
  async types(text: string): Promise<void> {
    await this.editor.focus();
    await this.page.keyboard.type(text);
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }
}
