import type { AdminOverview, NodeReport } from '../../shared/admin.js';

/** A node that is well and has nothing to do. */
export function report(node: string, more: Partial<NodeReport> = {}): NodeReport {
  return {
    ...{
      node,
      version: '0.1.0',
      startedAt: 1_000,
      at: 2_000,
      state: 'ok',
      cpu: 0,
      rss: 0,
      heap: 0,
      lagMs: 0,
    },
    ...{ sessions: 0, connections: 0, followers: 0, documents: 0, waitingEdits: 0, outgoingBytes: 0 },
    ...{ editsPerSecond: 0, deliveriesPerSecond: 0, bytesInPerSecond: 0, bytesOutPerSecond: 0 },
    ...{ commitsPerSecond: 0, ackMs: { p50: null, p99: null }, commitMs: { p50: null, p99: null } },
    ...{ store: { description: 'SQLite', saving: true }, bus: 'none', refused: {}, busiest: [] },
    ...more,
  };
}

/** What is known of these nodes at this moment. */
export function overview(nodes: readonly NodeReport[], more: Partial<AdminOverview> = {}): AdminOverview {
  return { node: nodes[0]?.node ?? '', at: 2_000, nodes, errors: [], silent: [], ...more };
}
