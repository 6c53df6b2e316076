import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { fillPage } from '../../load/report/write-report.js';
import type { LoadResult } from '../../load/result.js';
import { launchChromium, type TestBrowser } from './chromium.js';
import { temporaryFolder } from './folder.js';
import { ROOT } from './project-files.js';

export interface OpenedReport {
  readonly page: Page;
  /** Its address. */
  readonly url: string;
  /** Exceptions, and what the browser complained of. */
  readonly complaints: string[];
  /** Everything that was asked for from outside of the file. */
  readonly asked: string[];
}

export interface Reports {
  /** Bytes of the page without a result. */
  emptySize(): number;
  /** Opens a report from the disk, as whoever was sent one does. */
  open(result: LoadResult): Promise<OpenedReport>;
}

/** The page of load reports as it is now, and a browser for the tests of a file. */
export function testReports(): Reports {
  const folder = temporaryFolder();
  let browser: TestBrowser | undefined;
  let empty = '';
  let contexts: BrowserContext[] = [];
  beforeAll(async () => {
    const built = folder.file('page.html');
    execFileSync(process.execPath, ['scripts/build-report.mjs', '--out', built], { cwd: ROOT });
    empty = readFileSync(built, 'utf8');
    browser = await launchChromium();
  });
  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
  });
  afterAll(async () => {
    await browser?.close();
    folder.remove();
  });
  return {
    emptySize: () => Buffer.byteLength(empty),
    async open(result) {
      if (browser === undefined) throw new Error('there is no browser yet');
      const context = await browser.newPerson();
      contexts.push(context);
      const file = folder.file('report.html');
      writeFileSync(file, fillPage(empty, result));
      return visit(await context.newPage(), `file://${file}`);
    },
  };
}

async function visit(page: Page, url: string): Promise<OpenedReport> {
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => void dialog.dismiss().then(() => complaints.push(dialog.message())));
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) asked.push(request.url());
  });
  await page.goto(url);
  await page.waitForFunction(
    () => document.querySelectorAll('.plot').length === document.querySelectorAll('canvas').length,
  );
  return { page, url, complaints, asked };
}

export interface Picture {
  readonly title: string;
  /** How many different ones there are in it. */
  readonly colors: number;
  /** The same for the same picture. */
  readonly hash: string;
}

/** What each chart shows, once everything is drawn. */
export async function pictures(page: Page): Promise<Picture[]> {
  const found = await page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return [...document.querySelectorAll<HTMLCanvasElement>('.chart canvas')].map((canvas) => {
      const { width, height } = canvas;
      const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data.buffer;
      return {
        title: canvas.closest('.chart')?.querySelector('h3')?.textContent ?? '',
        colors: new Set(new Uint32Array(pixels ?? new ArrayBuffer(0))).size,
        image: canvas.toDataURL(),
      };
    });
  });
  return found.map(({ image, ...rest }) => ({
    ...rest,
    hash: createHash('sha256').update(image).digest('hex').slice(0, 12),
  }));
}
