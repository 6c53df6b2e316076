import type { Hono } from 'hono';
import { CoscribeError } from '../../../shared/errors.js';
import type { ApiDeps } from '../api-deps.js';
import type { Call, HttpEnv } from '../call.js';
import { OverviewStreams } from '../events/overview-streams.js';
import { STREAM_HEADERS } from '../events/refusal-stream.js';
import { operatorAsker } from '../operator-asker.js';
import { queryOf } from '../query.js';

/** Adds the stream that tells operators each second how all nodes fare. */
export function addAdminEvents(app: Hono<HttpEnv>, deps: ApiDeps): OverviewStreams {
  const { admin } = deps;
  const streams = new OverviewStreams(deps);
  app.get('/api/admin/events', async (c) => {
    const credentials = operatorAsker(c);
    const operator = await admin.operator(credentials);
    queryOf(c);
    if (c.req.method !== 'HEAD') {
      streams.demandRoom();
      countConnection(c, deps);
      const review = () => admin.operator(credentials);
      c.set('writer', (response) => streams.begin(response, { operator, review }));
    }
    return c.body(null, 200, STREAM_HEADERS);
  });
  return streams;
}

/** It counts as a connection until it is closed. @throws CoscribeError `too-many-connections` */
function countConnection(c: Call, { edge, counters }: Pick<ApiDeps, 'edge' | 'counters'>): void {
  const { outgoing } = c.env;
  const address = edge.countedAs(c.get('client'));
  if (outgoing.destroyed) throw new CoscribeError('bad-request', 'the sender is gone');
  if (address === undefined) return;
  try {
    edge.counts.enterAddress(address);
  } catch (error) {
    counters.refuse('connection', 'too-many-connections');
    throw error;
  }
  outgoing.once('close', () => edge.counts.leaveAddress(address));
}
