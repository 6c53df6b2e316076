import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Nothing but the pages of the tests is to be loaded, and nothing sent anywhere. */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

/** A running browser with a profile of its own; every page of it shares storage and clipboard. */
export interface TestBrowser {
  readonly context: BrowserContext;
  /** Another profile in the same process: another person. */
  newPerson(): Promise<BrowserContext>;
  close(): Promise<void>;
}

/** Starts Chromium without a window. Close it when the file's tests are done. */
export async function launchChromium(): Promise<TestBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'coscribe-chromium-'));
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    headless: true,
    env: { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile },
    args: [...CHROMIUM_FLAGS],
  });
  const newPerson = () => browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  return {
    context: await newPerson(),
    newPerson,
    async close() {
      await browser.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** @throws Error that says what to install, if there is no Chromium. */
export function chromiumPath(): string {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) {
    if (isProgram(chosen)) return chosen;
    throw new Error(
      `CHROMIUM_PATH names ${chosen}, which is not an executable file. Correct it or unset it.`,
    );
  }
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = [...folders.flatMap((folder) => COMMANDS.map((command) => join(folder, command))), ...PLACES];
  const path = found.find(isProgram);
  if (path !== undefined) return path;
  throw new Error(
    'The browser tests need Chromium: "apt-get install chromium", or set CHROMIUM_PATH to the program of a Chrome.',
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
