import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { Clock } from '../../shared/time.js';
import type { Log } from '../telemetry/log.js';
import type { HttpEnv } from './call.js';
import { routeOf } from './route-of.js';

/** The header that names a request: a proxy's, if it gives one, otherwise of our own making. Every answer has it. */
export const REQUEST_ID = 'X-Request-Id';

/** What a name may be that somebody else has given. */
const GIVEN_ID = /^[\w.:-]{1,64}$/;
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Asked for all the time by machines that look whether the node is well. */
const NOT_TOLD = new Set(['/healthz', '/readyz', '/metrics']);

/** The document in an address of the API. */
const DOCUMENT = /^\/api\/(?:admin\/)?documents\/([^/]+\/[^/]+)/;

/**
 * Names every request, and writes a line about it when it is answered: at `info` if it may have changed something. An
 * address itself is not told, as people put tokens into the strangest places; the document is, where there is one.
 */
export function logRequests(log: Log, clock: Clock): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const startedAt = clock.monotonic();
    const given = c.req.header(REQUEST_ID);
    const request = given !== undefined && GIVEN_ID.test(given) ? given : randomUUID();
    c.set('requestId', request);
    await next();
    c.res.headers.set(REQUEST_ID, request);
    const { method, path } = c.req;
    if (NOT_TOLD.has(path)) return;
    const { status } = c.res;
    const document = status < 400 ? DOCUMENT.exec(path)?.[1] : undefined;
    const address = c.get('client')?.address;
    const ms = Math.round(clock.monotonic() - startedAt);
    log[READS.has(method) ? 'debug' : 'info'](
      { request, method, route: routeOf(c), document, status, ms, address },
      'request answered',
    );
  };
}
