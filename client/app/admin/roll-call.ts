import type { AdminOverview, NodeReport } from '../../../shared/admin.js';

/** A node that is there, or was lately. */
export interface SeenNode {
  readonly report: NodeReport;
  /** When it was heard of last, in milliseconds since the Unix epoch; `undefined`: it is there. */
  readonly silentSince: number | undefined;
}

/** How long a node that is gone is still shown, in milliseconds. */
const REMEMBERED_MS = 15 * 60_000;
/** Nodes may come and go all day. */
const MAX_REMEMBERED = 50;

/** Remembers nodes that are heard of no longer: one that vanishes without a word is what an operator looks for. */
export class RollCall {
  private readonly heard = new Map<string, { report: NodeReport; at: number }>();

  /** @returns those that are there, in the order of the overview, and then those that are not, the latest first */
  take({ at, nodes }: AdminOverview): SeenNode[] {
    for (const report of nodes) {
      // Moved to the end: what is forgotten first is at the beginning.
      this.heard.delete(report.node);
      this.heard.set(report.node, { report, at });
    }
    const here = new Set(nodes.map(({ node }) => node));
    const gone = [...this.heard].filter(([node]) => !here.has(node)).reverse();
    for (const [index, [node, seen]] of gone.entries())
      if (index >= MAX_REMEMBERED || at - seen.at > REMEMBERED_MS) this.heard.delete(node);
    const remembered = gone.filter(([node]) => this.heard.has(node));
    return [
      ...nodes.map((report) => ({ report, silentSince: undefined })),
      ...remembered.map(([, seen]) => ({ report: seen.report, silentSince: seen.at })),
    ];
  }

  /** A node has said that it is about to stop, and may have no time to report so. */
  leaves(node: string): void {
    const seen = this.heard.get(node);
    if (seen !== undefined) this.heard.set(node, { ...seen, report: { ...seen.report, state: 'draining' } });
  }
}
