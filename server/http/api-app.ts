import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { Clock, Random } from '../../shared/time.js';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import { addApi } from './api.js';
import type { ApiDeps } from './api-deps.js';
import type { HttpEnv } from './call.js';
import { countRequests } from './count-requests.js';
import { handOver } from './events/hand-over.js';
import { refusalStream } from './events/refusal-stream.js';
import { problemResponse } from './problem.js';
import { type Asset, readAssets } from './public-files.js';
import { logRequests } from './request-log.js';
import { routeOf } from './route-of.js';
import { serveScripts } from './script-file.js';
import { SECURITY_HEADERS } from './security-headers.js';

export interface AppDeps {
  readonly log: Log;
  readonly counters: Counters;
  /** How errors are told. */
  failure(path: string, error: CoscribeError): Response;
  readonly random: Random;
  readonly clock: Clock;
}

export interface ApiAppDeps extends ApiDeps {
  /** What `scripts/build-browser.mjs` wrote. */
  readonly browserDir: string;
}

/** An application without any address yet, in which whatever goes wrong is told in one way. */
export function createApp({ log, counters, failure, random, clock }: AppDeps): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.use(handOver);
  app.use(countRequests(counters, clock));
  app.use(logRequests(log, clock));
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  });
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed(c, allowed) {
        const response =
          c.req.method === 'OPTIONS'
            ? // Not the context's own, which goes on with the type of the refusal.
              new Response(null, { status: 204 })
            : failure(c.req.path, new CoscribeError('method-not-allowed', c.req.method));
        response.headers.set('Allow', allowed.join(', '));
        return response;
      },
    }),
  );
  app.notFound((c) => failure(c.req.path, new CoscribeError('not-found')));
  app.onError((thrown, c) => {
    const error = toCoscribeError(thrown);
    counters.refuse('request', error.code);
    if (error.status === 500) {
      const facts = { request: c.get('requestId'), method: c.req.method, route: routeOf(c) };
      log.error({ ...facts, err: error.cause ?? error }, 'Request failed');
    }
    return refusalStream(c, error, random) ?? failure(c.req.path, error);
  });
  return app;
}

/** An application as a listener for a `node:http` server. */
export function listenerOf(app: Hono<HttpEnv>): RequestListener {
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return (request, response) => void listener(request, response);
}

/** Adds the script that other pages load, and its source map. */
export function addScripts(app: Hono<HttpEnv>, scripts: ReadonlyMap<string, Asset>): void {
  const script = serveScripts(scripts, true);
  app.get('/coscribe.js', (c) => script(c, 'coscribe.js'));
  app.get('/coscribe.js.map', (c) => script(c, 'coscribe.js.map'));
}

/** The HTTP API and the script alone. @throws Error when the script is not built */
export function createApiApp(deps: ApiAppDeps): RequestListener {
  const app = createApp({ ...deps, failure: (_path, error) => problemResponse(error) });
  addScripts(app, readAssets(deps.browserDir));
  addApi(app, deps);
  return listenerOf(app);
}
