import { routePath } from 'hono/route';
import type { Call } from './call.js';

/** Of requests that fit no route. */
const NO_ROUTE = 'none';
/** Steps that all requests go through are no route. */
const STEPS = new Set(['*', '/*', '/api/*']);

/** The pattern that a request's address fits, once it is answered: there are as many as the server has, and nothing is in them. */
export function routeOf(c: Call): string {
  const path = routePath(c, -1);
  return STEPS.has(path) ? NO_ROUTE : path;
}
