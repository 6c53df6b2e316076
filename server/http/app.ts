import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import { DEFAULT_WORKSPACE, type DocumentId, parseDocumentId } from '../../shared/ids.js';
import type { AccessMode } from '../auth/access.js';
import type { Log } from '../telemetry/log.js';
import { type ApiDeps, addApi, type HttpEnv } from './api.js';
import { errorPage, problemResponse } from './problem.js';
import { chooseEncoding, fillPage, loadPublicFiles, type PublicFiles } from './public-files.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** `draining`: it has been told to stop. `not ready`: it cannot save. */
export type Readiness = 'ok' | 'draining' | 'not ready';

/** Whether other nodes can be reached: `none` are there to be reached, or the node goes on without (`away`). */
export type BusState = 'ok' | 'away' | 'none';

export interface HttpAppDeps extends ApiDeps {
  /** Whether the node takes work. */
  readiness(): Readiness;
  bus(): BusState;
  /** What is counted and measured, for Prometheus. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** What `scripts/build-app.mjs` wrote. */
  readonly publicDir: string;
  readonly version: string;
  readonly log: Log;
}

const YEAR = 'public, max-age=31536000, immutable';

/**
 * The pages, the HTTP API and the health checks, as a listener for a `node:http` server.
 *
 * @throws Error when the pages are not built
 */
export function createHttpApp(deps: HttpAppDeps): RequestListener {
  const files = loadPublicFiles(deps.publicDir);
  const app = new Hono<HttpEnv>();

  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.res.headers.set(name, value);
  });
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed(c, allowed) {
        const response = failure(c, files, new CoscribeError('method-not-allowed', c.req.method));
        response.headers.set('Allow', allowed.join(', '));
        return response;
      },
    }),
  );

  const { mode } = deps.management;
  app.get('/', (c) => page(c, fillPage(files.home, { mode })));
  app.get('/d/*', (c) => documentPage(c, files, mode));
  app.get('/assets/:name', (c) => asset(c, files));
  addApi(app, deps);
  app.get('/healthz', (c) => health(c, 'ok', { version: deps.version }));
  app.get('/readyz', (c) => health(c, deps.readiness(), { bus: deps.bus(), version: deps.version }));
  app.get('/metrics', async (c) =>
    c.body(await deps.metrics.text(), 200, {
      'Content-Type': deps.metrics.contentType,
      'Cache-Control': 'no-store',
    }),
  );

  app.notFound((c) => failure(c, files, new CoscribeError('not-found')));
  app.onError((thrown, c) => {
    const error = toCoscribeError(thrown);
    if (error.status === 500) {
      deps.log.error({ err: error.cause ?? error, method: c.req.method, path: c.req.path }, 'Request failed');
    }
    return failure(c, files, error);
  });

  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return (request, response) => void listener(request, response);
}

function page(c: Context, html: string): Response {
  return c.html(html, 200, { 'Cache-Control': 'no-cache' });
}

/** The editor, at one address only: other spellings of a document's name are redirected to it. */
function documentPage(c: Context, files: PublicFiles, mode: AccessMode): Response {
  // Hono's own path is already decoded, and would hide that an address is spelt in another way.
  const { pathname, search } = new URL(c.req.url);
  const given = pathname.slice('/d/'.length);
  if (given === '') return c.redirect('/', 302);
  const id = parsePath(given);
  if (id !== given) return c.redirect(`/d/${id}${search}`, 301);
  const [workspace, name = ''] = id.split('/');
  const prefix = workspace === DEFAULT_WORKSPACE ? '' : `${workspace}/`;
  return page(c, fillPage(files.document, { id, prefix, name, mode }));
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

/** The API answers programs, everything else answers people. */
function failure(c: Context, files: PublicFiles, error: CoscribeError): Response {
  return c.req.path.startsWith('/api/') ? problemResponse(error) : errorPage(files.error, error);
}
