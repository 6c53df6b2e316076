import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { CoscribeProvider } from '../../client/provider.js';
import { DEFAULT_TEXT } from '../../shared/protocol.js';
import { ServerProcess } from '../../tools/server-process.js';
import type { Crowd } from './crowd.js';
import { type PageBenchOptions, readOptions, USAGE } from './options.js';
import { showBare } from './page-probe.js';
import { nextWord, prose } from './prose.js';
import { figuresOf, tableOf } from './report.js';
import { type Watched, WatchedPage } from './watch.js';

const DOCUMENT = 'bench/page';
/** Where the page's own user works, as a part of the text. */
const OWN_PLACE = 0.5;
/** How much of the text is in view, in characters, at the size of the window. */
const IN_VIEW = 1_200;
/** What goes by before the watch begins: compiling, and the first animation of each caret. */
const WARM_UP_MS = 3_000;

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(USAGE);
  else await run(options);
} catch (error) {
  console.error(error instanceof TypeError ? error.message : error);
  process.exitCode = 2;
}

async function run(options: PageBenchOptions): Promise<void> {
  const watched = await (options.bare ? watchBarePage(options) : watchOurPage(options));
  const figures = { options, machine: machine(), ...figuresOf(watched) };
  console.log(tableOf(figures));
  const results = join(root, 'bench', 'results');
  await mkdir(results, { recursive: true });
  const name = `page-${new Date().toISOString().replace(/[:.]/g, '-')}.json`;
  await writeFile(join(results, name), `${JSON.stringify(figures, undefined, 2)}\n`);
  console.log(`\nbench/results/${name}`);
  if (options.trace !== undefined) await writeFile(options.trace, watched.trace);
}

async function watchOurPage(options: PageBenchOptions): Promise<Watched> {
  const { characters, longLines, people, rate, crowded, reading } = options;
  const folder = await mkdtemp(join(tmpdir(), 'coscribe-page-'));
  const server = new ServerProcess({
    main: join(root, 'dist', 'server', 'main.js'),
    args: ['--port', '0', '--host', '127.0.0.1', '--store', `sqlite:${join(folder, 'bench.db')}`],
  });
  const page = await WatchedPage.open();
  try {
    const url = await server.ready();
    await fill(url, prose(characters, longLines, Math.random));
    const place = Math.round(characters * OWN_PLACE);
    const area = crowded
      ? { from: place - IN_VIEW / 2, to: place + IN_VIEW / 2 }
      : { from: 0, to: characters };
    const crowd = await assemble({ url, document: DOCUMENT, people, rate, area });
    await page.page.goto(`${url}/d/${DOCUMENT}`);
    await page.page.waitForFunction(
      (least) => document.querySelector('textarea')?.value.length === least,
      characters,
    );
    await standAt(page.page, place);
    const own = reading ? readUntil : typeUntil;
    if (reading) await page.page.evaluate(() => document.querySelector('textarea')?.blur());
    crowd.send('type');
    await page.page.waitForTimeout(WARM_UP_MS);
    const watched = await page.watch(options.seconds, (over) => own(page.page, over));
    crowd.send('stop');
    const [keys] = await once(crowd, 'message');
    const busy = (options.seconds + WARM_UP_MS / 1000) * people * rate;
    if (Number(keys) < 0.9 * busy)
      console.error(`Too slow a machine: ${keys} keys typed instead of ${busy}.`);
    return watched;
  } finally {
    await page.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function watchBarePage(options: PageBenchOptions): Promise<Watched> {
  const page = await WatchedPage.open();
  try {
    await page.page.goto('about:blank');
    await page.page.evaluate(showBare, {
      text: prose(options.characters, options.longLines, Math.random),
      writes: options.people > 0,
    });
    await standAt(page.page, Math.round(options.characters * OWN_PLACE));
    await page.page.waitForTimeout(WARM_UP_MS);
    return await page.watch(options.seconds, (over) => typeUntil(page.page, over));
  } finally {
    await page.close();
  }
}

/** Makes the document, and ends when it is saved. */
async function fill(url: string, text: string): Promise<void> {
  const provider = new CoscribeProvider({ document: DOCUMENT, url });
  provider.doc.getText(DEFAULT_TEXT).insert(0, text);
  while (!provider.synced || provider.unsavedChanges > 0) {
    await new Promise<void>((resolve) => provider.once('change', resolve));
  }
  provider.destroy();
}

async function assemble(crowd: Crowd) {
  const process = fork(join(dirname(fileURLToPath(import.meta.url)), 'crowd.js'), [JSON.stringify(crowd)]);
  await once(process, 'message');
  return process;
}

/** Puts the caret there, and that place into the middle of the view. */
async function standAt(page: Page, index: number): Promise<void> {
  await page.focus('#editor');
  await page.evaluate((at) => {
    const field = document.querySelector('textarea') as HTMLTextAreaElement;
    field.setSelectionRange(at, at);
    field.scrollTop = (field.scrollHeight * at) / field.value.length - field.clientHeight / 2;
  }, index);
}

/** The page's own user types about six keys a second. */
async function typeUntil(page: Page, over: () => boolean): Promise<void> {
  while (!over()) {
    for (const key of nextWord(Math.random)) {
      if (over()) return;
      await page.keyboard.press(key === ' ' ? 'Space' : key);
      await page.waitForTimeout(100 + Math.random() * 100);
    }
  }
}

async function readUntil(page: Page, over: () => boolean): Promise<void> {
  while (!over()) await page.waitForTimeout(100);
}

function machine(): Record<string, string | number> {
  const { length, 0: first } = cpus();
  return { cpu: first?.model ?? '', cores: length, node: process.version };
}
