/**
 * Takes the picture of the README, docs/picture.png: two browsers in which two people type into one document. The pages are
 * real, and so is the server; only the frames around them are drawn. The project has to be built before.
 *
 *   node scripts/take-picture.mjs [--out FILE]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { createLog, loadConfig, startServer } from '../dist/server/index.js';
import { NEEDS, provide } from './needs.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: { out: { type: 'string', default: join(root, 'docs/picture.png') } },
});

const DOCUMENT = 'acme/launch';
const WINDOW = { width: 640, height: 470 };
const TEXT = `Launch day

09:00  Freeze the branch, tag the release
10:30  Walk the checklist together
12:00  Lunch, and no deploys
14:00  `;
const PEOPLE = [
  { name: 'Ada', color: '#1c7bab', types: 'Ship it to everybody, with cake' },
  { name: 'Grace', color: '#a046e1', types: ' (bring the moth)' },
];

const profile = await mkdtemp(join(tmpdir(), 'coscribe-picture-'));
const server = await startServer({
  config: loadConfig(['--port', '0', '--store', 'memory:'], {}),
  log: createLog({ level: 'error' }),
});
const need = NEEDS.find(({ name }) => name === 'Chromium');
const browser = await chromium.launch({
  executablePath: provide(need),
  env: { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile },
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--font-render-hinting=none'],
});
try {
  const pages = [];
  for (const person of PEOPLE) pages.push(await open(person));
  const [ada, grace] = pages;
  await type(ada, TEXT);
  await saved(grace);
  await grace.locator('textarea').evaluate((area) => {
    const at = area.value.indexOf('together') + 'together'.length;
    area.focus();
    area.setSelectionRange(at, at);
  });
  await Promise.all(pages.map((page, at) => type(page, PEOPLE[at].types.slice(0, -1))));
  // A name is shown while its caret moves: both type at the end.
  await Promise.all(pages.map((page, at) => type(page, PEOPLE[at].types.slice(-1))));
  const length = TEXT.length + PEOPLE[0].types.length + PEOPLE[1].types.length;
  await Promise.all(pages.map((page) => page.getByText(`${length} characters`).waitFor()));
  await Promise.all(pages.map(saved));
  const shots = await Promise.all(pages.map((page) => page.screenshot({ caret: 'initial' })));
  await writeFile(values.out, await frame(shots));
} finally {
  await browser.close();
  await server.stop();
  await rm(profile, { recursive: true, force: true });
}

async function open({ name, color }) {
  const context = await browser.newContext({
    viewport: WINDOW,
    deviceScaleFactor: 2,
    colorScheme: 'light',
    locale: 'en-GB',
  });
  await context.addInitScript(
    ([who, hue]) => {
      localStorage.setItem('coscribe.name', who);
      localStorage.setItem('coscribe.color', hue);
    },
    [name, color],
  );
  const page = await context.newPage();
  await page.goto(`${server.url}/d/${DOCUMENT}`);
  await page.getByText('Saved', { exact: true }).waitFor();
  return page;
}

function type(page, words) {
  return page.locator('textarea').pressSequentially(words, { delay: 15 });
}

async function saved(page) {
  await page.getByText('Saved', { exact: true }).waitFor();
}

/** Puts the two next to one another, as windows of a desktop. */
async function frame(shots) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 580 }, deviceScaleFactor: 2 });
  const windows = shots.map((shot, at) => {
    const source = `data:image/png;base64,${shot.toString('base64')}`;
    return `<figure><figcaption><i></i><i></i><i></i><span>${PEOPLE[at].name}’s browser</span></figcaption><img src="${source}" alt=""></figure>`;
  });
  await page.setContent(`<!doctype html><style>
    body { margin: 0; height: 580px; display: flex; gap: 36px; align-items: center; justify-content: center; background: #e9edf1; }
    figure { margin: 0; border-radius: 12px; overflow: hidden; background: #fff; box-shadow: 0 0 0 1px #0000001a, 0 10px 24px #1c2a3a26; }
    figcaption { display: flex; align-items: center; gap: 7px; height: 36px; padding: 0 14px; background: #f6f7f9; font: 13px system-ui; color: #56616d; }
    figcaption span { margin: 0 auto; transform: translateX(-26px); }
    i { width: 11px; height: 11px; border-radius: 50%; background: #cfd6dd; }
    img { display: block; width: ${WINDOW.width}px; height: ${WINDOW.height}px; }
  </style>${windows.join('')}`);
  return page.screenshot();
}
