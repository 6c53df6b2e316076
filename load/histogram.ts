import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js';

/** Longer durations count as this long. */
const MAX_MS = 600_000;

/** Shares at which a curve has its points. */
const CURVE: readonly number[] = [
  ...Array.from({ length: 18 }, (_, index) => index / 20),
  ...[0.9, 0.925, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.9925, 0.995, 0.9975, 0.999, 0.9995, 0.9999, 1],
];

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

  /** Forgets everything. */
  reset(): void {
    this.histogram.reset();
  }

  merge(other: Durations): void {
    this.histogram.add(other.histogram);
  }

  /** As text, for `mergeEncoded` in another process: HdrHistogram's own compressed form, some hundred bytes. */
  encode(): string {
    return this.count === 0 ? '' : encodeIntoCompressedBase64(this.histogram);
  }

  /** Adds what `encode` gave. @throws Error if it is no such text */
  mergeEncoded(text: string): void {
    if (text !== '') this.histogram.add(decodeFromCompressedBase64(text, 32));
  }

  /** So many milliseconds or fewer took this share (0 to 1) of all; `null` if there is nothing. */
  valueAt(share: number): number | null {
    return this.count === 0 ? null : this.histogram.getValueAtPercentile(100 * share) / 1000;
  }

  /** Points of the curve of shares, closer together towards the slowest: share (0 to 1) and milliseconds. */
  curve(): [share: number, ms: number][] {
    return CURVE.flatMap((share) => {
      const ms = this.valueAt(share);
      return ms === null ? [] : [[share, ms] as [number, number]];
    });
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
