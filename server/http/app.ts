import type { RequestListener } from 'node:http';
import type { Context, Hono } from 'hono';
import { CoscribeError } from '../../shared/errors.js';
import { DEFAULT_WORKSPACE, type DocumentId, parseDocumentId } from '../../shared/ids.js';
import type { AccessMode } from '../auth/access.js';
import { addApi } from './api.js';
import { type ApiAppDeps, addScripts, createApp, listenerOf } from './api-app.js';
import { type HttpEnv, NO_STORE } from './call.js';
import { operatorAsker } from './operator-asker.js';
import { errorPage, problemResponse } from './problem.js';
import { chooseEncoding, fillPage, loadPublicFiles, type PublicFiles, WORKER } from './public-files.js';
import { serveScripts } from './script-file.js';

/** `draining`: it has been told to stop. `not ready`: it cannot save. */
export type Readiness = 'ok' | 'draining' | 'not ready';

/** Whether other nodes can be reached: `none` are there to be reached, or the node goes on without (`away`). */
export type BusState = 'ok' | 'away' | 'none';

export interface HttpAppDeps extends ApiAppDeps {
  /** Whether the node takes work. */
  readiness(): Readiness;
  bus(): BusState;
  /** Whether `/metrics` is for whoever reaches the node, or else for operators only. */
  readonly metricsForAll: boolean;
  /** What is counted and measured, for Prometheus. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** What `scripts/build-app.mjs` wrote. */
  readonly publicDir: string;
  /** Whether browsers may keep the pages, and documents, so that they open without a network. */
  readonly offline: boolean;
}

/** What all pages say of the server. */
type House = { readonly mode: AccessMode; readonly offline: string };

const METRICS = '/metrics';
const YEAR = 'public, max-age=31536000, immutable';

/**
 * The pages, the HTTP API and the health checks, as a listener for a `node:http` server.
 *
 * @throws Error when the pages are not built
 */
export function createHttpApp(deps: HttpAppDeps): RequestListener {
  const files = loadPublicFiles(deps.publicDir, deps.browserDir);
  // The API answers programs, everything else answers people.
  const failure = (path: string, error: CoscribeError): Response =>
    /^\/(?:api|metrics)(?:\/|$)/.test(path) ? problemResponse(error) : errorPage(files.error, error);
  const app = createApp({ ...deps, failure });

  const house = { mode: deps.management.mode, offline: deps.offline ? 'yes' : 'no' };
  app.get('/', (c) => page(c, fillPage(files.home, house)));
  app.get('/d/*', (c) => documentPage(c, files, house));
  // For everybody: what is in it comes from the API, which asks who that is.
  app.get('/admin', (c) => page(c, fillPage(files.admin, house)));
  app.get('/admin/', (c) => c.redirect('/admin', 301));
  if (deps.offline) addWorker(app, files, house);
  app.get('/assets/:name', (c) => asset(c, files));
  addScripts(app, files.scripts);
  addApi(app, deps.metricsForAll ? deps : { ...deps, alsoAtEdge: [METRICS] });
  app.get('/healthz', (c) => health(c, 'ok', { version: deps.version }));
  app.get('/readyz', (c) => health(c, deps.readiness(), { bus: deps.bus(), version: deps.version }));
  app.get(METRICS, async (c) => {
    if (!deps.metricsForAll) await deps.admin.operator(operatorAsker(c));
    return c.body(await deps.metrics.text(), 200, { 'Content-Type': deps.metrics.contentType, ...NO_STORE });
  });

  return listenerOf(app);
}

function page(c: Context, html: string): Response {
  return c.html(html, 200, { 'Cache-Control': 'no-cache' });
}

/** The service worker, and the page of any document: it fills in the name, as `documentPage` does. */
function addWorker(app: Hono<HttpEnv>, files: PublicFiles, house: House): void {
  const worker = serveScripts(files.worker, false);
  app.get(`/${WORKER}`, (c) => worker(c, WORKER));
  const blank = { id: '{{id}}', prefix: '{{prefix}}', name: '{{name}}' };
  app.get('/offline/document', (c) => page(c, fillPage(files.document, { ...house, ...blank })));
}

/** The editor, at one address only: other spellings of a document's name are redirected to it. */
function documentPage(c: Context, files: PublicFiles, house: House): Response {
  // Hono's own path is already decoded, and would hide that an address is spelt in another way.
  const { pathname, search } = new URL(c.req.url);
  const given = pathname.slice('/d/'.length);
  if (given === '') return c.redirect('/', 302);
  const id = parsePath(given);
  if (id !== given) return c.redirect(`/d/${id}${search}`, 301);
  const [workspace, name = ''] = id.split('/');
  const prefix = workspace === DEFAULT_WORKSPACE ? '' : `${workspace}/`;
  return page(c, fillPage(files.document, { ...house, id, prefix, name }));
}

/** @throws CoscribeError `invalid-document-id` */
function parsePath(path: string): DocumentId {
  const bare = path.replace(/\/$/, '');
  try {
    return parseDocumentId(decodeURIComponent(bare));
  } catch (thrown) {
    if (thrown instanceof CoscribeError) throw thrown;
    throw new CoscribeError('invalid-document-id', JSON.stringify(bare.slice(0, 80)), { cause: thrown });
  }
}

function asset(c: Context, files: PublicFiles): Response {
  const found = files.assets.get(c.req.param('name') ?? '');
  if (found === undefined) throw new CoscribeError('not-found');
  const encoding = chooseEncoding(found, c.req.header('Accept-Encoding'));
  const body = (encoding && found.encoded[encoding]) ?? found.body;
  const headers = {
    'Content-Type': found.type,
    'Content-Length': String(body.byteLength),
    'Cache-Control': YEAR,
    Vary: 'Accept-Encoding',
  };
  return c.body(body, 200, encoding === undefined ? headers : { ...headers, 'Content-Encoding': encoding });
}

function health(c: Context, status: Readiness, facts: Readonly<Record<string, string>>): Response {
  return c.json({ status, ...facts }, status === 'ok' ? 200 : 503, { 'Cache-Control': 'no-store' });
}
