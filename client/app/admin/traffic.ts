import type { DocumentTraffic, NodeReport } from '../../../shared/admin.js';

/** The documents with most traffic at all nodes together, at most so many, the busiest first. */
export function busiest(nodes: readonly NodeReport[], limit: number): DocumentTraffic[] {
  const sums = new Map<string, DocumentTraffic>();
  for (const { busiest } of nodes)
    for (const traffic of busiest ?? []) sums.set(traffic.id, plus(sums.get(traffic.id), traffic));
  return [...sums.values()].sort(byTraffic).slice(0, limit);
}

function plus(sum: DocumentTraffic | undefined, traffic: DocumentTraffic): DocumentTraffic {
  if (sum === undefined) return traffic;
  return {
    id: sum.id,
    sessions: sum.sessions + traffic.sessions,
    editsPerSecond: sum.editsPerSecond + traffic.editsPerSecond,
    bytesPerSecond: sum.bytesPerSecond + traffic.bytesPerSecond,
  };
}

function byTraffic(one: DocumentTraffic, other: DocumentTraffic): number {
  return (
    other.editsPerSecond - one.editsPerSecond ||
    other.bytesPerSecond - one.bytesPerSecond ||
    other.sessions - one.sessions ||
    (one.id < other.id ? -1 : 1)
  );
}
