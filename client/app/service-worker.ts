/**
 * Opens the pages without a network, or while the server is away. It keeps what the pages are made of, never what is in them:
 * neither a document's text nor its name, and no token, which stand in no address that it sees.
 *
 *   a page (`/`, `/d/…`)        network ──▶ answer
 *                                 └── error, 5xx, or nothing for a while ──▶ the kept page, filled in
 *   /assets/{name}-{hash}.…     what is kept, else network
 *   everything else             the browser's affair
 */
import {
  cacheName,
  fillDocumentPage,
  isPageCache,
  type OfflinePage,
  PAGE_PATHS,
  type PageBundle,
  pageAt,
} from './offline-pages.js';
import { modeOf } from './page-mode.js';
import type { WorkerScope } from './worker-scope.js';

/** Put in by scripts/build-app.mjs. */
declare const PAGE_BUNDLE: PageBundle;

/** A server that has not answered for so many milliseconds is not waited for any longer. */
const PATIENCE_MS = 3_000;
/** What these headers say is not true of a page that was filled in here. */
const OF_THE_ANSWER = ['Content-Encoding', 'Content-Length', 'ETag'];

const worker = globalThis as unknown as WorkerScope;
const mode = modeOf(new URL(worker.location.href).searchParams.get('mode'));
const cache = cacheName(PAGE_BUNDLE.version, mode);
const assets = new Set(PAGE_BUNDLE.assets);

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(removeOthers()));
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin) return;
  const page = request.mode === 'navigate' ? pageAt(pathname) : undefined;
  if (page !== undefined) event.respondWith(openPage(request, page));
  else if (assets.has(pathname)) event.respondWith(openAsset(request, pathname));
});

/** All of it or nothing: a worker that could not be installed does not exist. */
async function install(): Promise<void> {
  const kept = await caches.open(cache);
  const pages = (['home', 'document'] as const).map(async (kind) => {
    const response = await fetch(PAGE_PATHS[kind], { cache: 'no-store', redirect: 'error' });
    const html = await response.clone().text();
    // While servers are replaced one by one, this worker and a page may be of different releases.
    if (!response.ok || !html.includes(PAGE_BUNDLE.scripts[kind]))
      throw new Error(`${PAGE_PATHS[kind]} is not the page that belongs to this worker.`);
    await kept.put(PAGE_PATHS[kind], response);
  });
  await Promise.all([kept.addAll(PAGE_BUNDLE.assets), ...pages]);
  // Pages that are open have loaded everything that they need; the next one gets what belongs together.
  await worker.skipWaiting();
}

async function removeOthers(): Promise<void> {
  const others = (await caches.keys()).filter((name) => isPageCache(name) && name !== cache);
  await Promise.all(others.map((name) => caches.delete(name)));
}

async function openPage(request: Request, page: OfflinePage): Promise<Response> {
  const answer = fetch(request);
  const timely = await Promise.race([answer.catch(() => undefined), pause(PATIENCE_MS)]);
  if (timely !== undefined && timely.status < 500) return timely;
  return (await keptPage(page).catch(() => undefined)) ?? timely ?? answer;
}

/** @returns `undefined` if the browser has thrown it away */
async function keptPage(page: OfflinePage): Promise<Response | undefined> {
  const kept = await find(PAGE_PATHS[page.kind]);
  if (kept === undefined || page.kind === 'home') return kept;
  if (!page.isCanonical) return Response.redirect(`${worker.location.origin}/d/${page.id}`);
  const headers = new Headers(kept.headers);
  for (const name of OF_THE_ANSWER) headers.delete(name);
  return new Response(fillDocumentPage(await kept.text(), page.id), { headers });
}

async function openAsset(request: Request, pathname: string): Promise<Response> {
  return (await find(pathname).catch(() => undefined)) ?? fetch(request);
}

/** Not by `open`, which would make the cache anew: a page may just have dropped it, while this worker still serves it. */
function find(path: string): Promise<Response | undefined> {
  return caches.match(path, { cacheName: cache });
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}
