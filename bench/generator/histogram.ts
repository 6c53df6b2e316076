import { build, type Histogram } from 'hdr-histogram-js';

/** Longer durations count as this long. */
const MAX_MS = 600_000;

/** Quantiles in milliseconds; `null` where more than the rest never came. */
export interface Quantiles {
  readonly count: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

/** Durations in an HDR histogram of microseconds, three digits exact. */
export class Durations {
  private readonly histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: MAX_MS * 1000,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
  });

  get count(): number {
    return this.histogram.totalCount;
  }

  /** Adds a duration in milliseconds. */
  add(ms: number): void {
    this.histogram.recordValue(Math.max(1, Math.round(Math.min(ms, MAX_MS) * 1000)));
  }

  /**
   * @param arrived the share of all that came at all, 0 to 1: what never came is slower than everything that did, so that
   *   a server does not look quick for what it has lost or is still sending
   */
  quantiles(arrived = 1): Quantiles {
    const at = (share: number): number | null => {
      if (this.count === 0 || share > arrived) return null;
      return this.histogram.getValueAtPercentile((100 * share) / arrived) / 1000;
    };
    return { count: this.count, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
  }
}
