import { existsSync } from 'node:fs';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { installProbe } from './page-probe.js';
import { CATEGORIES, type MainThread, readTrace, type TraceEvent } from './trace.js';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** What was seen of a page while it was watched. */
export interface Watched {
  readonly thread: MainThread;
  /** Bytes of the trace file. */
  readonly trace: Buffer;
  readonly seconds: number;
  readonly animationFrames: number;
  readonly keyToPaint: readonly number[];
  readonly fieldWrites: number;
  /** Bytes of JavaScript objects, after a garbage collection. */
  readonly heapBefore: number;
  readonly heapAfter: number;
}

/** A page in a Chromium without a window, 1280 × 800. */
export class WatchedPage {
  static async open(): Promise<WatchedPage> {
    const executablePath = process.env.CHROMIUM_PATH ?? PLACES.find(existsSync);
    if (executablePath === undefined) {
      throw new Error('There is no Chromium: "apt-get install chromium", or set CHROMIUM_PATH.');
    }
    const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
    args.push('--disable-component-update', '--disable-sync', '--disable-quic');
    const browser = await chromium.launch({ executablePath, headless: true, args });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.addInitScript(installProbe);
    return new WatchedPage(browser, page, await page.context().newCDPSession(page));
  }

  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
    private readonly devtools: CDPSession,
  ) {}

  get version(): string {
    return this.browser.version();
  }

  /** Watches for some seconds, while `meanwhile` goes on; it gets a function that says whether it is over. */
  async watch(seconds: number, meanwhile: (over: () => boolean) => Promise<void>): Promise<Watched> {
    const heapBefore = await this.heap();
    const before = await this.probe();
    await this.browser.startTracing(this.page, { categories: [...CATEGORIES] });
    const start = performance.now();
    await meanwhile(() => performance.now() - start >= seconds * 1000);
    const after = await this.probe();
    const elapsed = (performance.now() - start) / 1000;
    const trace = await this.browser.stopTracing();
    const { traceEvents } = JSON.parse(trace.toString('utf8')) as { traceEvents: TraceEvent[] };
    return {
      thread: readTrace(traceEvents),
      trace,
      seconds: elapsed,
      animationFrames: after.frames - before.frames,
      keyToPaint: after.keyToPaint.slice(before.keyToPaint.length),
      fieldWrites: after.writes - before.writes,
      heapBefore,
      heapAfter: await this.heap(),
    };
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  private probe() {
    return this.page.evaluate(() => window.probe);
  }

  private async heap(): Promise<number> {
    await this.devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.devtools.send('Runtime.getHeapUsage');
    return usedSize;
  }
}
