import { describe, expect, jest, test } from '@jest/globals';
import type { PageBundle } from '../../../client/app/offline-pages.js';
import type { LifeEvent, RequestEvent } from '../../../client/app/worker-scope.js';

const ORIGIN = 'https://notes.example';
const HTML = { 'Content-Type': 'text/html', 'Content-Security-Policy': "default-src 'none'" };

type Answer = Response | 'unreachable' | 'silent';

/** The part of the Cache API that is used. */
class FakeCaches {
  readonly all = new Map<string, Map<string, Response>>();

  async open(name: string) {
    const entries = this.all.get(name) ?? new Map<string, Response>();
    this.all.set(name, entries);
    return {
      async addAll(paths: readonly string[]) {
        for (const path of paths) {
          const response = await fetch(path);
          if (!response.ok) throw new TypeError(path);
          entries.set(path, response);
        }
      },
      put: async (path: string, response: Response) => void entries.set(path, response),
    };
  }

  /** As in browsers, it makes nothing, unlike `open`. */
  match = async (path: string, { cacheName }: { readonly cacheName: string }) =>
    this.all.get(cacheName)?.get(path)?.clone();

  keys = async () => [...this.all.keys()];
  delete = async (name: string) => this.all.delete(name);
}

interface Release {
  readonly version?: string;
  readonly mode?: string;
  readonly caches?: FakeCaches;
  readonly answers?: Readonly<Record<string, () => Answer>>;
}

/** What a server of this release answers. */
function answersOf(version: string): Record<string, () => Answer> {
  const page = (name: string) => () =>
    new Response(`<title>{{id}}</title><script src="/assets/${name}-${version}.js">`, { headers: HTML });
  return {
    '/': page('home'),
    '/offline/document': page('document'),
    [`/assets/home-${version}.js`]: () => new Response('home'),
    [`/assets/document-${version}.js`]: () => new Response('document'),
  };
}

/** A service worker of its own, with a network that a test controls. */
async function startWorker({
  version = 'A',
  mode = 'open',
  caches = new FakeCaches(),
  answers,
}: Release = {}) {
  const network = { ...answersOf(version), ...answers };
  const listeners = new Map<string, (event: LifeEvent & Partial<RequestEvent>) => void>();
  const asked: string[] = [];
  const bundle: PageBundle = {
    version,
    assets: [`/assets/document-${version}.js`, `/assets/home-${version}.js`],
    scripts: { home: `/assets/home-${version}.js`, document: `/assets/document-${version}.js` },
  };
  let skipped = false;
  Object.assign(globalThis, {
    PAGE_BUNDLE: bundle,
    location: { href: `${ORIGIN}/service-worker.js?mode=${mode}`, origin: ORIGIN },
    addEventListener: (type: string, listener: (event: LifeEvent) => void) => listeners.set(type, listener),
    skipWaiting: async () => {
      skipped = true;
    },
    caches,
    async fetch(request: string | { readonly url: string }) {
      const path = typeof request === 'string' ? request : new URL(request.url).pathname;
      asked.push(path);
      const answer = network[path]?.() ?? new Response('', { status: 404 });
      if (answer === 'silent') return new Promise(() => {});
      if (answer === 'unreachable') throw new TypeError('Failed to fetch');
      return answer;
    },
  });
  await jest.isolateModulesAsync(async () => {
    await import('../../../client/app/service-worker.js');
  });
  const life = async (type: 'install' | 'activate'): Promise<void> => {
    const done: Promise<unknown>[] = [];
    listeners.get(type)?.({ waitUntil: (promise) => done.push(promise) });
    await Promise.all(done);
  };
  return {
    caches,
    network,
    asked,
    install: () => life('install'),
    activate: () => life('activate'),
    isSkipped: () => skipped,
    /** @returns `undefined` if the worker leaves the request to the browser */
    ask(path: string, { navigate = true, method = 'GET', origin = ORIGIN } = {}) {
      const answers: Promise<Response>[] = [];
      listeners.get('fetch')?.({
        request: { url: origin + path, method, mode: navigate ? 'navigate' : 'no-cors' } as Request,
        respondWith: (promise) => answers.push(promise),
        waitUntil: () => {},
      });
      return answers[0];
    },
  };
}

type Worker = Awaited<ReturnType<typeof startWorker>>;

async function startInstalled(release?: Release): Promise<Worker> {
  const worker = await startWorker(release);
  await worker.install();
  await worker.activate();
  worker.asked.length = 0;
  return worker;
}

describe('an installed service worker', () => {
  test('[PAGE33] asks the server first, and passes on what it says', async () => {
    const worker = await startInstalled();
    worker.network['/d/team/notes'] = () => new Response('fresh');
    expect(await (await worker.ask('/d/team/notes'))?.text()).toBe('fresh');
    worker.network['/d/team/notes'] = () => new Response('no', { status: 404 });
    expect((await worker.ask('/d/team/notes'))?.status).toBe(404);
  });

  test.each<[string, () => Answer]>([
    ['out of reach', () => 'unreachable'],
    ['away behind its proxy', () => new Response('', { status: 502 })],
  ])('[PAGE33] fills in the page of any document while the server is %s', async (_, answer) => {
    const worker = await startInstalled();
    worker.network['/d/team/notes'] = answer;
    const page = await worker.ask('/d/team/notes?from=mail#link_secret');
    expect(await page?.text()).toContain('<title>team/notes</title>');
    expect(page?.headers.get('Content-Security-Policy')).toBe("default-src 'none'");
    worker.network['/'] = answer;
    expect(await (await worker.ask('/'))?.text()).toContain('home-A.js');
    worker.network['/d/notes'] = answer;
    expect((await worker.ask('/d/notes'))?.headers.get('Location')).toBe(`${ORIGIN}/d/default/notes`);
  });

  test('[PAGE33] does not wait for a server that is silent', async () => {
    const worker = await startInstalled();
    worker.network['/d/team/notes'] = () => 'silent';
    jest.useFakeTimers();
    try {
      const page = worker.ask('/d/team/notes');
      await jest.advanceTimersByTimeAsync(3_000);
      expect(await (await page)?.text()).toContain('team/notes');
    } finally {
      jest.useRealTimers();
    }
  });

  test('[PAGE33] without anything kept it is as if it were not there', async () => {
    const worker = await startInstalled();
    worker.caches.all.clear();
    worker.network['/'] = () => 'unreachable';
    await expect(worker.ask('/')).rejects.toThrow('Failed to fetch');
    worker.network['/'] = () => new Response('', { status: 503 });
    expect((await worker.ask('/'))?.status).toBe(503);
    expect(await (await worker.ask('/assets/home-A.js', { navigate: false }))?.text()).toBe('home');
  });

  test('[PAGE39] what a page has dropped is not begun anew by a worker that still serves it', async () => {
    const worker = await startInstalled();
    worker.caches.all.clear();
    await worker.ask('/assets/home-A.js', { navigate: false });
    worker.network['/'] = () => 'unreachable';
    await expect(worker.ask('/')).rejects.toThrow('Failed to fetch');
    expect(await worker.caches.keys()).toEqual([]);
  });

  test('[PAGE33] has what the pages load at hand, and asks nobody for it', async () => {
    const worker = await startInstalled();
    expect(await (await worker.ask('/assets/document-A.js', { navigate: false }))?.text()).toBe('document');
    expect(worker.asked).toEqual([]);
  });

  test.each([
    ['/api/documents', {}],
    ['/socket.io/?EIO=4', { navigate: false }],
    ['/coscribe.js', { navigate: false }],
    ['/metrics', {}],
    ['/healthz', {}],
    ['/offline/document', {}],
    ['/service-worker.js', { navigate: false }],
    ['/d/a/b/c', {}],
    ['/', { navigate: false }],
    ['/', { method: 'POST' }],
    ['/d/team/notes', { origin: 'https://elsewhere.example' }],
    ['/assets/home-B.js', { navigate: false }],
  ])('[PAGE33] leaves %s with %j to the browser', async (path, how) => {
    expect((await startInstalled()).ask(path, how)).toBeUndefined();
  });

  test('[PAGE33] keeps no address that anybody went to, and no token', async () => {
    const worker = await startInstalled();
    worker.network['/d/team/secret'] = () => new Response('fresh');
    await worker.ask('/d/team/secret#link_token');
    const kept = [...worker.caches.all.values()].flatMap((entries) => [...entries.keys()]);
    expect(kept.sort()).toEqual(['/', '/assets/document-A.js', '/assets/home-A.js', '/offline/document']);
  });
});

describe('a service worker of another release', () => {
  test('[PAGE34] takes over at once, and leaves nothing of the one before', async () => {
    const { caches } = await startInstalled();
    await caches.open('somebody-elses');
    const next = await startInstalled({ version: 'B', caches });
    expect(next.isSkipped()).toBe(true);
    expect(await caches.keys()).toEqual(['somebody-elses', 'coscribe-pages-B-open']);
    const other = await startInstalled({ version: 'B', mode: 'links', caches });
    expect(await other.caches.keys()).toEqual(['somebody-elses', 'coscribe-pages-B-links']);
  });

  test.each<[string, Record<string, () => Answer>]>([
    ['a page is still of the old one', { '/offline/document': answersOf('A')['/offline/document'] ?? fail }],
    ['something that it needs is missing', { '/assets/home-B.js': () => new Response('', { status: 404 }) }],
    ['the server goes away', { '/': () => 'unreachable' }],
  ])('[PAGE34] is not installed if %s', async (_, answers) => {
    const worker = await startWorker({ version: 'B', answers });
    await expect(worker.install()).rejects.toThrow();
    expect(worker.isSkipped()).toBe(false);
  });
});

function fail(): never {
  throw new Error('there is no such page');
}
