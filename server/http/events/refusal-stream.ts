import type { Context } from 'hono';
import type { CoscribeError } from '../../../shared/errors.js';
import type { Random } from '../../../shared/time.js';
import { endEvent } from './events.js';

const TYPE = 'text/event-stream';

/** Of every event stream: nobody on the way may keep it, compress it, or hold any of it back. */
export const STREAM_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': `${TYPE}; charset=utf-8`,
  'Cache-Control': 'no-store, no-transform',
  // nginx gathers answers otherwise: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering
  'X-Accel-Buffering': 'no',
};

/** Whoever is refused for a passing reason comes back after this, or after up to twice as long, in milliseconds. */
const RETRY_MS = 3_000;

/**
 * The answer to an `EventSource` that is refused for a passing reason: a stream that ends at once. After any status but 200 it
 * would never come back (HTML standard, 9.2.3).
 *
 * @returns `undefined` if that is not who asks, or not why it is refused
 */
export function refusalStream({ req }: Context, error: CoscribeError, random: Random): Response | undefined {
  const asks = req.path.endsWith('/events') && req.header('Accept')?.includes(TYPE) === true;
  if (!asks || !error.retryable || req.method !== 'GET') return undefined;
  return new Response(endEvent(error, RETRY_MS * (1 + random())), { headers: STREAM_HEADERS });
}
