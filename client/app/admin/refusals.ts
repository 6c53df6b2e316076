import type { AdminOverview } from '../../../shared/admin.js';

/** Over which time refusals are counted, in milliseconds. */
const COUNTED_MS = 5 * 60_000;

interface Counted {
  readonly at: number;
  readonly code: string;
  readonly count: number;
}

/** Refusals by code, of the last five minutes. What is older is forgotten. */
export class Refusals {
  private counted: Counted[] = [];
  private readonly lastReports = new Map<string, number>();

  add({ at, nodes }: AdminOverview): void {
    for (const { node, at: reported, refused } of nodes) {
      // A report that is shown twice counts once.
      if (this.lastReports.get(node) === reported) continue;
      this.lastReports.set(node, reported);
      for (const [code, count] of Object.entries(refused ?? {}))
        if (count > 0) this.counted.push({ at, code, count });
    }
    this.counted = this.counted.filter((one) => one.at > at - COUNTED_MS);
    const here = new Set(nodes.map(({ node }) => node));
    for (const node of this.lastReports.keys()) if (!here.has(node)) this.lastReports.delete(node);
  }

  /** The most frequent first. */
  byCode(): (readonly [code: string, count: number])[] {
    const sums = new Map<string, number>();
    for (const { code, count } of this.counted) sums.set(code, (sums.get(code) ?? 0) + count);
    return [...sums].sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1));
  }
}
