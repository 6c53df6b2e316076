import { PromMetrics } from '../../server/telemetry/prom-metrics.js';

/** Metrics of a node that has everything: other nodes, webhooks, an embedded store; with one sample of each label. */
export function allMetrics(): PromMetrics {
  const metrics = new PromMetrics();
  metrics.watch(
    {
      census: () => ({
        documents: 3,
        sessions: { coscribe: 5, 'y-socket.io': 0, 'y-websocket': 2, hocuspocus: 0, events: 4 },
        behind: 1,
        waitingEdits: 7,
        waitingBytes: 700,
      }),
      saving: () => true,
      draining: () => false,
      busConnected: () => true,
      lagMs: () => 12,
      jobsWaiting: () => ({ crdt: 1, copies: 0 }),
      storeFolder: '.',
      webhooksWaiting: () => 2,
    },
    { version: '1.2.3', node: 'n1' },
  );
  metrics.watchWay(() => [{ protocol: 'socket.io', transport: 'websocket', count: 5, queuedBytes: 100 }]);
  metrics.watchWay(() => [
    { protocol: 'socket.io', transport: 'websocket', count: 1, queuedBytes: 20 },
    { protocol: 'events', transport: 'http', count: 4, queuedBytes: 0 },
  ]);
  metrics.watchNetwork({ received: 1_000, sent: 2_000 });
  metrics.refuse('join', 'no-access');
  metrics.refuse('request', 'no-access');
  metrics.answered({ method: 'GET', route: '/api/documents', status: 200, ms: 3 });
  return metrics;
}
