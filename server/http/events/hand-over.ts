import type { MiddlewareHandler } from 'hono';
import type { HttpEnv } from '../call.js';

/** As @hono/node-server recognizes it (read in 2.1.8: utils/response.js). Not its own constant, which has no headers yet. */
const ALREADY_SENT = { 'x-hono-already-sent': 'true' };

/**
 * Lets a route write the body of its answer itself, over the response of `node:http`. It gives status and headers as any
 * other route does, and a `writer` that is called once they are on their way, with all that others have added.
 *
 * To be the first step of an application.
 */
export const handOver: MiddlewareHandler<HttpEnv> = async (c, next) => {
  await next();
  const writer = c.get('writer');
  if (writer === undefined) return;
  const { outgoing } = c.env;
  outgoing.writeHead(c.res.status, Object.fromEntries(c.res.headers));
  outgoing.flushHeaders();
  writer(outgoing);
  c.res = new Response(null, { headers: ALREADY_SENT });
};
