import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { createCoscribe } from '../../server/coscribe.js';
import { launchChromium } from './chromium.js';
import { PATIENCE_MS } from './patience.js';
import { ROOT } from './project-files.js';

/** Where documents say that the server is. */
const SHOWN = 'http://localhost:8080';
const WORDS = 'Hello from here';

/** A page as a document shows it, or the script of one with a `<textarea>` and an `<output>`. */
export type DocPage = { readonly name: string } & ({ readonly html: string } | { readonly script: string });

/**
 * Opens each page as two people, from a server that has Coscribe, too: what one types the other sees, and the pages complain
 * of nothing. @returns what went wrong
 */
export async function checkPages(pages: readonly DocPage[]): Promise<string[]> {
  const bodies = await Promise.all(pages.map(bodyOf));
  const coscribe = await createCoscribe({ store: 'memory:', maxLagMs: 60_000 });
  let url = '';
  const http = createServer((request, response) =>
    coscribe.middleware(request, response, () => {
      const body = bodies[Number(request.url?.slice(1))];
      response
        .writeHead(body === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' })
        .end(body?.replaceAll(SHOWN, url));
    }),
  );
  coscribe.attach(http);
  await once(http.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const browser = await launchChromium();
  try {
    const problems: string[] = [];
    for (const [at, { name }] of pages.entries()) {
      const complaints: string[] = [];
      const people = [await browser.newPerson(), await browser.newPerson()];
      try {
        const [ann, bob] = await Promise.all(
          people.map(async (person) => open(await person.newPage(), `${url}/${at}`, complaints)),
        );
        if (ann === undefined || bob === undefined) throw new Error('nobody is there');
        // Else one would wait for nothing.
        if (complaints.length === 0) await writeTogether(ann, bob);
      } catch (error) {
        complaints.push(String(error));
      }
      await Promise.all(people.map((person) => person.close()));
      problems.push(...complaints.map((complaint) => `${name}: ${complaint}`));
    }
    return problems;
  } finally {
    await browser.close();
    await coscribe.stop();
    http.closeAllConnections();
    http.close();
  }
}

async function open(page: Page, url: string, complaints: string[]): Promise<Page> {
  page.setDefaultTimeout(PATIENCE_MS);
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(url);
  return page;
}

/** What one types, in the first field that there is, is in the other's. */
async function writeTogether(ann: Page, bob: Page): Promise<void> {
  for (const page of [ann, bob])
    await page.waitForFunction(() => {
      const field = document.querySelector('textarea');
      return field !== null && !field.readOnly;
    });
  await ann.locator('textarea').first().pressSequentially(WORDS);
  await bob.waitForFunction((words) => document.querySelector('textarea')?.value.includes(words), WORDS);
}

async function bodyOf(page: DocPage): Promise<string> {
  if ('html' in page) {
    const isWhole = page.html.includes('<!doctype html>');
    const icon = '<link rel="icon" href="data:,">';
    return isWhole ? page.html.replace('<head>', `<head>${icon}`) : `<!doctype html>${icon}${page.html}`;
  }
  const { outputFiles } = await build({
    entryPoints: [page.script],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
    alias: Object.fromEntries(
      ['client', 'shared'].map((part) => [`coscribe/${part}`, join(ROOT, `dist/${part}/index.js`)]),
    ),
  });
  const script = outputFiles
    .map(({ text }) => text)
    .join('')
    .replaceAll('</script', '<\\/script');
  return `<!doctype html><link rel="icon" href="data:,"><textarea></textarea><output></output><script type="module">${script}</script>`;
}
