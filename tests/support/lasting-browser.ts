import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { CHROMIUM_FLAGS, chromiumPath, type TestBrowser } from './chromium.js';
import { until } from './until.js';

/** A browser whose profile outlasts it: it can be closed, or killed, and started again with everything that it kept. */
export class LastingBrowser implements TestBrowser {
  readonly #process: ChildProcess;
  readonly #browser: Browser;
  readonly context: BrowserContext;

  private constructor(process: ChildProcess, browser: Browser, context: BrowserContext) {
    this.#process = process;
    this.#browser = browser;
    this.context = context;
  }

  /** @param profile a folder */
  static async start(profile: string): Promise<LastingBrowser> {
    const portFile = join(profile, 'DevToolsActivePort');
    rmSync(portFile, { force: true });
    const child = spawn(
      chromiumPath(),
      [
        ...CHROMIUM_FLAGS,
        '--headless=new',
        `--user-data-dir=${profile}`,
        '--remote-debugging-port=0',
        'about:blank',
      ],
      {
        stdio: 'ignore',
        env: { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile },
      },
    );
    await until(() => existsSync(portFile) && readFileSync(portFile, 'utf8').includes('\n'), 'Chromium');
    const [port] = readFileSync(portFile, 'utf8').split('\n');
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const [context] = browser.contexts();
    if (context === undefined) throw new Error('Chromium has no context');
    return new LastingBrowser(child, browser, context);
  }

  /** The same profile: the same person. */
  newPerson(): Promise<BrowserContext> {
    return Promise.resolve(this.context);
  }

  /** As somebody closes it. */
  async close(): Promise<void> {
    const session = await this.#browser.newBrowserCDPSession();
    await Promise.all([this.#ended(), session.send('Browser.close').catch(() => {})]);
  }

  /** Ends it with everything that it was about to do. */
  async kill(): Promise<void> {
    const ended = this.#ended();
    this.#process.kill('SIGKILL');
    await ended;
  }

  async #ended(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) await once(this.#process, 'exit');
  }
}
