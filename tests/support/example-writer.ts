import type { Page } from 'playwright-core';
import type * as Y from 'yjs';
import type { CoscribeProvider } from '../../client/provider.js';

/** Where things are on an editor's page. */
export interface EditorFacts {
  /** What takes the keys. */
  readonly field: string;
  /** Each line or block as it is shown. */
  readonly line: string;
  /** The flag at somebody else's caret. */
  readonly flag: string;
  /** What is in the document, lines separated by line breaks. */
  read(doc: Y.Doc): string;
}

/** Somebody in front of an editor. */
export class Writer {
  constructor(
    readonly page: Page,
    private readonly editor: EditorFacts,
  ) {}

  /** What the editor shows, without the flags of others. */
  shown(): Promise<string> {
    return this.page.evaluate(
      ([line, flag]) => {
        const lines = Array.from(document.querySelectorAll<HTMLElement>(line), (shown) => {
          if (shown instanceof HTMLTextAreaElement) return shown.value;
          const copy = shown.cloneNode(true) as HTMLElement;
          for (const found of copy.querySelectorAll(flag)) found.remove();
          // Spaces that are not to collapse, and what the bindings put around carets.
          return copy.textContent.replaceAll('\u00a0', ' ').replaceAll(/[\u200b\u2060\ufeff]/g, '');
        });
        return lines.join('\n');
      },
      [this.editor.line, this.editor.flag] as const,
    );
  }

  async standsAt(place: 'Home' | 'End'): Promise<void> {
    await this.page.locator(this.editor.field).first().click();
    await this.page.keyboard.press(`Control+${place}`);
    // Editors hear of where the browser has put the caret a little later.
    await this.page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
  }

  /** Types with real keys where the caret is. */
  async types(words: string): Promise<void> {
    await this.page.keyboard.type(words, { delay: 5 });
  }

  /** More often than there can be something to undo: what was typed slowly may be several things. */
  async pressesOften(key: string): Promise<void> {
    for (let time = 0; time < 6; time++) await this.page.keyboard.press(key);
  }

  /** Waits until somebody's flag is drawn, with the name in it or put there by a style. */
  async seesFlagOf(name: string): Promise<void> {
    await this.page.locator(this.editor.flag).first().waitFor({ state: 'attached' });
    const flags = this.page.locator(this.editor.flag);
    const texts = await flags.evaluateAll((found) =>
      found.map((flag) => `${flag.textContent}${getComputedStyle(flag, '::after').content}`),
    );
    if (!texts.some((text) => text.includes(name)))
      throw new Error(`no flag of ${name}: ${texts.join(', ')}`);
  }

  async goesOffline(offline: boolean): Promise<void> {
    await this.page.context().setOffline(offline);
  }

  /** Waits until the status begins so. */
  async sees(status: string): Promise<void> {
    await this.page.locator('.status', { hasText: new RegExp(`^${status}`) }).waitFor();
  }
}

/** Waits until every editor shows exactly this text, and the server has it. @throws Error with what they have instead */
export async function settled(
  writers: readonly Writer[],
  server: CoscribeProvider,
  { read }: EditorFacts,
  text: string,
): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const shown = await Promise.all(writers.map((writer) => writer.shown()));
    const texts = [...shown, read(server.doc)].map((one) => one.trimEnd());
    if (texts.every((one) => one === text)) return;
    if (performance.now() > deadline)
      throw new Error(`not everybody has ${JSON.stringify(text)}: ${JSON.stringify(texts)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
