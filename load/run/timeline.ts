import { Durations } from '../histogram.js';
import type { Sample } from '../messages.js';
import type { Second } from '../result.js';
import { countOf } from './window.js';

/** Most points that are kept: an hour by the second, a day by 32 seconds. */
export const MAX_POINTS = 3_600;
/** Seconds that a process' sample may be late before the others' are shown without it. */
const PATIENCE_S = 3;

const COUNTS = ['typed', 'acked', 'delivered', 'reconnects', 'goodbyes'] as const;

/** What belongs to one second, as far as it is known. Counts have fractions: samples begin and end within seconds. */
interface Bucket {
  readonly counts: Record<(typeof COUNTS)[number] | 'errors', number>;
  /** Of the samples whose middle lies in it. */
  readonly ack: Durations;
  readonly shown: Durations;
  /** All samples that are about a part of it. */
  readonly samples: Set<Sample>;
}

/**
 * Makes seconds out of the samples of several processes, each of which has its own second. Long runs are kept in bounds:
 * whenever there are too many points, each two become one.
 *
 *     process 1   |----- sample -----|----- sample -----|
 *     process 2        |------ sample ------|---- sample ----|
 *     seconds     0                1                2               counts are shared out by time
 *
 * Durations are those of the samples whose middle lies in a second. Samples are a little longer than a second, so that now and
 * then there is none; then they are those of the samples around it.
 */
export class Timeline {
  /** Seconds that a point is about. */
  pointSeconds = 1;
  readonly points: Second[] = [];
  private readonly latest: (Sample | undefined)[];
  private readonly gone = new Set<number>();
  private readonly open = new Map<number, Bucket>();
  /** The first second that is not told yet. */
  private next = 0;
  /** Seconds that have not become a point yet. */
  private pending: Second[] = [];

  /**
   * @param beganAt milliseconds since the Unix epoch
   * @param told each second, once, in order
   */
  constructor(
    processes: number,
    private readonly beganAt: number,
    private readonly told: (second: Second) => void,
  ) {
    this.latest = Array.from({ length: processes }, () => undefined);
  }

  take(process: number, sample: Sample): void {
    this.latest[process] = sample;
    const until = (sample.at - this.beganAt) / 1000;
    const span = Math.max(0.001, sample.spanMs / 1000);
    const from = until - span;
    for (let second = Math.floor(from); second < until; second++) {
      const share = (Math.min(until, second + 1) - Math.max(from, second)) / span;
      // What is about a second that is told already belongs to the first that is not.
      const { counts, samples } = this.bucket(second);
      samples.add(sample);
      for (const count of COUNTS) counts[count] += sample[count] * share;
      counts.errors += countOf(sample.errors) * share;
    }
    const middle = this.bucket(Math.floor(until - span / 2));
    middle.ack.mergeEncoded(sample.ackMs);
    middle.shown.mergeEncoded(sample.shownMs);
    this.advance(until);
  }

  /** A process has ended: nobody waits for its samples any more. */
  left(process: number): void {
    this.gone.add(process);
  }

  /** Tells the rest. */
  end(): void {
    for (const second of [...this.open.keys()].sort((a, b) => a - b)) {
      this.next = second;
      this.tell();
    }
    if (this.pending.length > 0) this.points.push(joined(this.pending));
    this.pending = [];
  }

  private bucket(second: number): Bucket {
    const at = Math.max(second, this.next);
    let bucket = this.open.get(at);
    if (bucket === undefined) {
      bucket = {
        counts: { typed: 0, acked: 0, delivered: 0, reconnects: 0, goodbyes: 0, errors: 0 },
        ack: new Durations(),
        shown: new Durations(),
        samples: new Set(),
      };
      this.open.set(at, bucket);
    }
    return bucket;
  }

  /** Tells what is whole, or what is late. */
  private advance(now: number): void {
    const waited = this.latest.flatMap((sample, process) =>
      this.gone.has(process) ? [] : [sample === undefined ? 0 : (sample.at - this.beganAt) / 1000],
    );
    const whole = Math.max(Math.min(...waited), now - PATIENCE_S);
    while (this.next + 1 <= whole) this.tell();
  }

  private tell(): void {
    const { counts, ack, shown, samples } = this.bucket(this.next);
    if (ack.count === 0) for (const { ackMs } of samples) ack.mergeEncoded(ackMs);
    if (shown.count === 0) for (const { shownMs } of samples) shown.mergeEncoded(shownMs);
    this.open.delete(this.next);
    this.next++;
    const second: Second = {
      at: this.next,
      joined: this.sum('joined'),
      typing: this.sum('typing'),
      offline: this.sum('offline'),
      unacked: this.sum('unacked'),
      typed: tenth(counts.typed),
      acked: tenth(counts.acked),
      delivered: tenth(counts.delivered),
      reconnects: tenth(counts.reconnects),
      goodbyes: tenth(counts.goodbyes),
      errors: tenth(counts.errors),
      ackP50: ack.valueAt(0.5),
      ackP99: ack.valueAt(0.99),
      shownP50: shown.valueAt(0.5),
      shownP99: shown.valueAt(0.99),
    };
    this.keep(second);
    this.told(second);
  }

  private keep(second: Second): void {
    this.pending.push(second);
    if (this.pending.length < this.pointSeconds) return;
    this.points.push(joined(this.pending));
    this.pending = [];
    if (this.points.length < MAX_POINTS) return;
    const all = this.points.splice(0);
    for (let at = 0; at < all.length; at += 2) this.points.push(joined(all.slice(at, at + 2)));
    this.pointSeconds *= 2;
  }

  private sum(what: 'joined' | 'typing' | 'offline' | 'unacked'): number {
    return this.latest.reduce(
      (sum, sample, process) => sum + (sample === undefined || this.gone.has(process) ? 0 : sample[what]),
      0,
    );
  }
}

/** Several points as one: the mean of what there was, but the worst of the slowest, and how many wait at the end. */
function joined(points: readonly Second[]): Second {
  const last = points.at(-1);
  const mean = (pick: (point: Second) => number): number =>
    tenth(points.reduce((sum, point) => sum + pick(point), 0) / points.length);
  const worst = (pick: (point: Second) => number | null): number | null => {
    const values = points.map(pick).filter((value) => value !== null);
    return values.length === 0 ? null : Math.max(...values);
  };
  return {
    at: last?.at ?? 0,
    joined: Math.round(mean(({ joined }) => joined)),
    typing: Math.round(mean(({ typing }) => typing)),
    offline: Math.round(mean(({ offline }) => offline)),
    unacked: last?.unacked ?? 0,
    typed: mean(({ typed }) => typed),
    acked: mean(({ acked }) => acked),
    delivered: mean(({ delivered }) => delivered),
    reconnects: mean(({ reconnects }) => reconnects),
    goodbyes: mean(({ goodbyes }) => goodbyes),
    errors: mean(({ errors }) => errors),
    ackP50: worst(({ ackP50 }) => ackP50),
    ackP99: worst(({ ackP99 }) => ackP99),
    shownP50: worst(({ shownP50 }) => shownP50),
    shownP99: worst(({ shownP99 }) => shownP99),
  };
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
