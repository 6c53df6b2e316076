const SMALLEST_MS = 0.01;
const GROWTH = 1.02;
/** Reaches beyond an hour. */
const BUCKETS = 1024;

/** Durations in buckets that grow by 2 %: however many there are, they take the same room. */
export class Latencies {
  private readonly counts = new Uint32Array(BUCKETS);
  private total = 0;

  get count(): number {
    return this.total;
  }

  add(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) / Math.log(GROWTH));
    const at = Math.min(bucket, BUCKETS - 1);
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.total++;
  }

  /** The duration in milliseconds that this share (0 to 1) of all does not exceed; 0 if there are none. */
  quantile(share: number): number {
    let left = Math.ceil(this.total * share);
    for (const [bucket, count] of this.counts.entries()) {
      left -= count;
      if (left <= 0 && this.total > 0) return SMALLEST_MS * GROWTH ** bucket;
    }
    return 0;
  }
}
