import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import type { SceneBox } from '../browser/pages/caret-scene.js';
import type { CaretCase } from './caret-cases.js';
import { launchChromium, type TestBrowser } from './chromium.js';
import { bundleForPage, type PageServer, servePages } from './page-bundle.js';

/** Makes what is selected the only thing to be seen, in the overlay and by the browser itself. */
const PLAIN = `<style>
  #field { color: transparent !important; caret-color: transparent; outline: none !important; }
  #field::selection { background: #f0f; color: transparent; }
  [data-coscribe-carets] { --coscribe-selection-opacity: 1; }
  [data-coscribe-carets]::part(caret), [data-coscribe-carets]::part(flag) { display: none; }
</style>`;

/** Pixels of the page that are to be seen. */
const VIEW = { width: 480, height: 420 };

/** How two pictures of a selection differ, in pixels; those at the rim are within a pixel of one another. */
export interface PictureDifference {
  readonly area: number;
  readonly rim: number;
  readonly beyond: number;
}

/** A browser with a page in which `window.scene` is there, and a look behind the curtain of a field. */
export class CaretScene {
  /** @param scale pixels of the screen for one of the page */
  static async open(scale = 1): Promise<CaretScene> {
    const script = await bundleForPage(join(__dirname, '../browser/pages/caret-scene.ts'));
    const server = await servePages({
      '/': {
        type: 'text/html; charset=utf-8',
        body: '<!doctype html><html lang="en"><title>Scene</title><body></body><script src="/scene.js"></script></html>',
      },
      '/scene.js': { type: 'text/javascript; charset=utf-8', body: script },
    });
    const browser = await launchChromium();
    return CaretScene.#start(browser, server, scale);
  }

  static async #start(browser: TestBrowser, server: PageServer, scale: number): Promise<CaretScene> {
    const person = await browser.newPerson();
    const page = await person.newPage();
    const devtools = await person.newCDPSession(page);
    const scene = new CaretScene(browser, server, page, devtools);
    page.on('pageerror', (error) => scene.errors.push(error.message));
    await page.goto(server.url);
    await scene.scale(scale);
    await devtools.send('DOM.enable');
    return scene;
  }

  readonly errors: string[] = [];

  private constructor(
    private readonly browser: TestBrowser,
    private readonly server: PageServer,
    readonly page: Page,
    readonly devtools: CDPSession,
  ) {}

  /** As if the screen, or the user, had so many pixels for one of the page. */
  async scale(deviceScaleFactor: number): Promise<void> {
    await this.devtools.send('Emulation.setDeviceMetricsOverride', {
      ...VIEW,
      deviceScaleFactor,
      mobile: false,
    });
  }

  /** @param plain whether only selections are to be seen */
  async show({ html, text }: Pick<CaretCase, 'html' | 'text'>, plain = false): Promise<void> {
    const style = plain ? PLAIN : '';
    await this.page.evaluate(
      async ([markup, content, inside]) => {
        await window.scene.set(markup, content, { flagDuration: 600_000, maxCarets: 2_000 }, inside);
        window.scene.field.spellcheck = false;
      },
      [
        html.includes('<iframe') ? html : style + html.replace('<template data-shadow>', `$&${style}`),
        text,
        `${style}<textarea id="field" style="width:230px;height:130px;font:16px sans-serif"></textarea>`,
      ] as const,
    );
  }

  /** Where the browser has the places of the field: its own ranges in the element in which it lays out the text. */
  async own(ranges: readonly (readonly [number, number])[]): Promise<SceneBox[][]> {
    const { root } = await this.devtools.send('DOM.getDocument', { depth: -1, pierce: true });
    const nodeId = innerEditor(root, false);
    if (nodeId === undefined) throw new Error('The browser shows no inner element of the field.');
    const { object } = await this.devtools.send('DOM.resolveNode', { nodeId });
    const { result } = await this.devtools.send('Runtime.callFunctionOn', {
      ...(object.objectId !== undefined && { objectId: object.objectId }),
      functionDeclaration: String(rectsOf),
      arguments: [{ value: ranges }],
      returnByValue: true,
    });
    return result.value as SceneBox[][];
  }

  /** How the drawing of a selection differs from the browser's own of the same. */
  async compareSelection(start: number, end: number): Promise<PictureDifference> {
    await this.page.evaluate(
      ([from, to]) => window.scene.point([{ anchor: from, head: to, color: '#ff00ff' }]),
      [start, end] as const,
    );
    const overlay = await this.#picture();
    await this.page.evaluate(
      async ([from, to]) => {
        await window.scene.point([]);
        const { field } = window.scene;
        field.focus({ preventScroll: true });
        field.setSelectionRange(from, to);
        field.scrollTo(0, 0);
        await window.scene.frames();
      },
      [start, end] as const,
    );
    const own = await this.#picture();
    return this.page.evaluate((pictures) => window.scene.compare(...pictures), [overlay, own] as const);
  }

  /** The left side of the only caret that is drawn. */
  drawnCaret(place: number): Promise<number> {
    return this.page.evaluate(async (at) => {
      await window.scene.point([{ anchor: at, head: at }]);
      const left = window.scene.drawn()[0]?.caret[0]?.left ?? Number.NaN;
      await window.scene.point([]);
      return left;
    }, place);
  }

  /** The left side of the field's own caret, by its pixels, if it is magenta and nothing else is. */
  async ownCaret(place: number): Promise<number> {
    for (let attempt = 0; attempt < 50; attempt++) {
      await this.page.evaluate(async (at) => {
        window.scene.field.focus();
        // It blinks, and begins to with what is to be seen.
        window.scene.field.setSelectionRange(0, 1);
        window.scene.field.setSelectionRange(at, at);
        await window.scene.frames();
      }, place);
      const left = await this.page.evaluate(
        (picture) => window.scene.leftmost(picture),
        await this.#picture(),
      );
      if (left !== undefined) return left;
    }
    throw new Error('The browser never shows its caret.');
  }

  async #picture(): Promise<string> {
    const clip = { x: 0, y: 0, width: VIEW.width, height: VIEW.height, scale: 1 };
    const { data } = await this.devtools.send('Page.captureScreenshot', { clip, optimizeForSpeed: true });
    return data;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.close();
  }
}

interface TreeNode {
  readonly nodeId: number;
  readonly localName: string;
  readonly attributes?: string[];
  readonly children?: TreeNode[];
  readonly shadowRoots?: TreeNode[];
  readonly contentDocument?: TreeNode;
}

/** The element in the field's hidden tree that holds its text. */
function innerEditor(node: TreeNode, inField: boolean): number | undefined {
  const { attributes = [], shadowRoots = [], children = [], contentDocument } = node;
  if (inField && node.localName === 'div' && !attributes.includes('-internal-input-suggested'))
    return node.nodeId;
  const isField = attributes[attributes.indexOf('id') + 1] === 'field' && attributes.includes('id');
  for (const child of [...shadowRoots, ...children, ...(contentDocument ? [contentDocument] : [])]) {
    const found = innerEditor(child, inField || isField);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Runs in the page, on the inner element, where a line break is an element. */
function rectsOf(this: HTMLElement, ranges: readonly (readonly [number, number])[]): SceneBox[][] {
  const page = this.ownerDocument;
  const leaves: Node[] = [];
  const walk = page.createTreeWalker(this);
  for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
    if (node.nodeType === 3 || node.nodeName === 'BR') leaves.push(node);
  }
  const place = (index: number): [Node, number] => {
    let start = 0;
    for (const node of leaves) {
      const length = node.nodeType === 3 ? (node.nodeValue ?? '').length : 1;
      const parent = node.parentNode ?? node;
      if (index < start + length || node === leaves[leaves.length - 1]) {
        if (node.nodeType === 3) return [node, Math.min(index - start, length)];
        return [parent, Array.prototype.indexOf.call(parent.childNodes, node)];
      }
      start += length;
    }
    return [this, 0];
  };
  const range = page.createRange();
  return ranges.map(([start, end]) => {
    range.setStart(...place(start));
    range.setEnd(...place(end));
    return Array.from(range.getClientRects(), ({ left, top, width, height }) => ({
      left,
      top,
      width,
      height,
    }));
  });
}
