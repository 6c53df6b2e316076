import type { AdminOverview, NodeReport } from '../../../shared/admin.js';

/** What the charts remember of a second; `null` where nothing was measured. */
export interface Sample {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly edits: number | null;
  readonly commits: number | null;
  readonly bytesIn: number | null;
  readonly bytesOut: number | null;
  /** Of the node on which it takes longest, in milliseconds. */
  readonly ack50: number | null;
  readonly ack99: number | null;
  readonly nodes: ReadonlyMap<string, Pick<NodeReport, 'lagMs' | 'cpu' | 'sessions'>>;
}

/** Longest time that is shown, in milliseconds. */
export const KEPT_MS = 15 * 60_000;
/** One a second, and gaps. */
const MAX_SAMPLES = 1_000;
/** After so many milliseconds without figures a line is interrupted. */
const GAP_MS = 5_000;
/** Nodes' clocks differ a little, and another node may be the one that answers; more than that is another time. */
const OTHER_TIME_MS = 60_000;

/** The last minutes of a cluster. What is older is forgotten, so the page can stay open for days. */
export class History {
  private kept: Sample[] = [];

  get samples(): readonly Sample[] {
    return this.kept;
  }

  add(overview: AdminOverview): void {
    const { at } = overview;
    const last = this.kept.at(-1)?.at;
    if (last !== undefined && at <= last) {
      if (last - at < OTHER_TIME_MS) return;
      this.kept = [];
    } else if (last !== undefined && at - last > GAP_MS) this.kept.push(emptySample(last + 1));
    this.kept.push(sampleOf(overview));
    const start = this.kept.findIndex((sample) => sample.at >= at - KEPT_MS);
    this.kept.splice(0, Math.max(start, this.kept.length - MAX_SAMPLES));
  }

  /** Names of the nodes of which something is known: first those that are there, each part sorted. */
  nodes(): string[] {
    const here = [...(this.kept.at(-1)?.nodes.keys() ?? [])].sort();
    const all = [...new Set(this.kept.flatMap(({ nodes }) => [...nodes.keys()]))].sort();
    return [...new Set([...here, ...all])];
  }
}

/** What all nodes do together. */
export function total(nodes: readonly NodeReport[], pick: (report: NodeReport) => number): number {
  return nodes.reduce((sum, report) => sum + (pick(report) || 0), 0);
}

/** What the node says where it takes longest; `null` if none says anything. */
export function slowest(
  nodes: readonly NodeReport[],
  pick: (report: NodeReport) => number | null,
): number | null {
  const told = nodes.map(pick).filter((value) => value !== null && Number.isFinite(value));
  return told.length === 0 ? null : Math.max(...(told as number[]));
}

function sampleOf({ at, nodes }: AdminOverview): Sample {
  return {
    at,
    edits: total(nodes, (report) => report.editsPerSecond),
    commits: total(nodes, (report) => report.commitsPerSecond),
    bytesIn: total(nodes, (report) => report.bytesInPerSecond),
    bytesOut: total(nodes, (report) => report.bytesOutPerSecond),
    ack50: slowest(nodes, ({ ackMs }) => ackMs.p50),
    ack99: slowest(nodes, ({ ackMs }) => ackMs.p99),
    nodes: new Map(nodes.map(({ node, lagMs, cpu, sessions }) => [node, { lagMs, cpu, sessions }])),
  };
}

function emptySample(at: number): Sample {
  const nothing = { edits: null, commits: null, bytesIn: null, bytesOut: null, ack50: null, ack99: null };
  return { at, ...nothing, nodes: new Map() };
}
