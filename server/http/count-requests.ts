import type { MiddlewareHandler } from 'hono';
import type { Clock } from '../../shared/time.js';
import type { Counters } from '../telemetry/counters.js';
import type { HttpEnv } from './call.js';
import { routeOf } from './route-of.js';

/** Counts requests by the pattern that their address fits. */
export function countRequests(
  counters: Counters,
  clock: Pick<Clock, 'monotonic'>,
): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const begun = clock.monotonic();
    await next();
    const { method } = c.req;
    const { status } = c.res;
    counters.answered({ method, route: routeOf(c), status, ms: clock.monotonic() - begun });
  };
}
