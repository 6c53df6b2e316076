import type { Hono, MiddlewareHandler } from 'hono';
import { isPreflight } from '../edge/origins.js';
import type { ApiDeps } from './api-deps.js';
import type { HttpEnv } from './call.js';
import { RequestRates } from './request-rates.js';

type Step = MiddlewareHandler<HttpEnv>;

/** Before anybody is asked who he is: where he comes from, from whose page, and how often. */
export function addEdge(app: Hono<HttpEnv>, { edge, limits, clock, alsoAtEdge = [] }: ApiDeps): void {
  const rates = new RequestRates(limits, clock);
  const comesIn: Step = async (c, next) => {
    const { incoming } = c.env;
    const { client, source } = edge.visit(incoming);
    c.set('client', client);
    c.set('source', source);
    await next();
    const headers = edge.origins.corsHeaders(source, incoming.headers.origin);
    // What an answer depends on besides stays said.
    for (const [name, value] of Object.entries(headers)) c.header(name, value, { append: name === 'Vary' });
  };
  const mayAsk: Step = async (c, next) => {
    const { incoming } = c.env;
    if (isPreflight(incoming.method, incoming.headers))
      return c.body(null, 204, edge.origins.preflightHeaders());
    const address = edge.countedAs(c.get('client'));
    if (address !== undefined) rates.take(address);
    return next();
  };
  for (const path of ['/api/*', ...alsoAtEdge]) app.use(path, comesIn, mayAsk);
}
