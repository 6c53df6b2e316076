import type { Buckets } from './figures.js';

/** How many values there were of which size: one number for each range of sizes, and their sum. */
export class Histogram {
  /** One more than bounds. */
  private readonly counts: number[];
  private total = 0;
  /** Where the last value was: the next one of the same moment is mostly there, too. */
  private last = 0;

  /** @param bounds upper ends of the ranges, each included, ascending */
  constructor(readonly bounds: readonly number[]) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  /** How many values there were. */
  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** @param times how many had this value */
  observe(value: number, times = 1): void {
    const { bounds } = this;
    let at = this.last;
    while (at > 0 && value <= (bounds[at - 1] ?? 0)) at--;
    while (at < bounds.length && value > (bounds[at] ?? 0)) at++;
    this.last = at;
    this.counts[at] = (this.counts[at] ?? 0) + times;
    this.total += value * times;
  }

  /** As they are now; what is observed later does not change them. */
  buckets(): Buckets {
    return { bounds: this.bounds, counts: [...this.counts], sum: this.total };
  }
}
