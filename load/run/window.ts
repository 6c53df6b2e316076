import { Durations } from '../histogram.js';
import type { Sample } from '../messages.js';
import type { Findings } from '../options/objective.js';
import type { Figures } from '../result.js';
import { LATE_MS } from './generator-limit.js';

/** What is summed up of samples over some time, of all processes. */
export class Window implements Findings {
  typed = 0;
  errors = 0;
  private acked = 0;
  private delivered = 0;
  private bytesSent = 0;
  private bytesReceived = 0;
  private joins = 0;
  private reconnects = 0;
  private lagMs = 0;
  /** Of each process: processor time, and time with a late event loop, in seconds. */
  private readonly worked = new Map<number, number>();
  private readonly late = new Map<number, number>();
  private unackedNow: number;
  /** Clients and typists of each process, each times the seconds that they were there. */
  private readonly clientSeconds = new Map<number, number>();
  private readonly typistSeconds = new Map<number, number>();
  /** Seconds that are known of each process. */
  private readonly covered = new Map<number, number>();
  private until = Number.POSITIVE_INFINITY;
  private readonly durations = { ack: new Durations(), shown: new Durations(), join: new Durations() };

  /**
   * @param from when it begins, in milliseconds since the Unix epoch
   * @param unackedBefore edits that wait for their acknowledgement then
   */
  constructor(
    readonly acknowledges: boolean,
    private readonly from: number,
    private readonly unackedBefore: number,
  ) {
    this.unackedNow = unackedBefore;
  }

  /**
   * What is typed from this moment on no longer belongs to it. What was typed before may still come through, and counts
   * when it does: nobody may type meanwhile.
   */
  end(until: number): void {
    this.until = until;
  }

  /**
   * A sample belongs to it if its middle does.
   *
   * @param unacked edits of all processes that wait now
   */
  add(process: number, sample: Sample, unacked: number): void {
    const middle = sample.at - sample.spanMs / 2;
    if (middle < this.from) return;
    this.acked += sample.acked;
    this.delivered += sample.delivered;
    this.unackedNow = unacked;
    this.durations.ack.mergeEncoded(sample.ackMs);
    this.durations.shown.mergeEncoded(sample.shownMs);
    if (middle >= this.until) return;
    const seconds = sample.spanMs / 1000;
    add(this.covered, process, seconds);
    add(this.worked, process, sample.cpu * seconds);
    if (sample.lagMs > LATE_MS) add(this.late, process, seconds);
    add(this.clientSeconds, process, sample.joined * seconds);
    add(this.typistSeconds, process, sample.typing * seconds);
    this.typed += sample.typed;
    this.errors += countOf(sample.errors);
    this.bytesSent += sample.bytesSent;
    this.bytesReceived += sample.bytesReceived;
    this.joins += sample.joins;
    this.reconnects += sample.reconnects;
    this.lagMs = Math.max(this.lagMs, sample.lagMs);
    this.durations.join.mergeEncoded(sample.joinMs);
  }

  /** No sample has come yet. */
  get isEmpty(): boolean {
    return this.covered.size === 0;
  }

  /** By how many the edits that wait have become more. */
  get backlog(): number {
    return Math.max(0, this.unackedNow - this.unackedBefore);
  }

  /** Share of the edits that came through while they were waited for: the rest is slower than all of them. */
  private get arrived(): number {
    return this.acked === 0 && this.backlog === 0 ? 1 : this.acked / (this.acked + this.backlog);
  }

  quantile(measure: 'ack' | 'shown' | 'join', share: number): number | null {
    const durations = this.durations[measure];
    const arrived = measure === 'join' ? 1 : this.arrived;
    if (durations.count === 0 || share > arrived) return null;
    return durations.valueAt(share / arrived);
  }

  /** @param joins of how long joining took, if not only what happened meanwhile counts */
  figures(joins: Durations = this.durations.join): Figures {
    const { ack, shown } = this.durations;
    const long = Math.max(0.001, ...this.covered.values());
    return {
      seconds: rounded(long),
      clients: this.people(this.clientSeconds),
      typists: this.people(this.typistSeconds),
      typed: this.typed,
      acked: this.acked,
      delivered: this.delivered,
      typedPerSecond: rounded(this.typed / long),
      deliveredPerSecond: rounded(this.delivered / long),
      bytesSent: this.bytesSent,
      bytesReceived: this.bytesReceived,
      joins: this.joins,
      reconnects: this.reconnects,
      ackMs: ack.quantiles(this.arrived),
      shownMs: shown.quantiles(this.arrived),
      joinMs: joins.quantiles(),
      curves: { ack: ack.curve(), shown: shown.curve(), join: joins.curve() },
      generatorLagMs: rounded(this.lagMs),
      generatorLate: this.most(this.late),
      generatorCpu: this.most(this.worked),
    };
  }

  /** Of all processes together on average, each over the time that is known of it. */
  private people(seconds: ReadonlyMap<number, number>): number {
    const means = [...this.covered].map(([process, all]) => (seconds.get(process) ?? 0) / all);
    return Math.round(means.reduce((sum, mean) => sum + mean, 0));
  }

  /** Share of its time, of the process that has most of it. */
  private most(seconds: ReadonlyMap<number, number>): number {
    const shares = [...this.covered].map(([process, all]) => (seconds.get(process) ?? 0) / all);
    return Math.round(1000 * Math.max(0, ...shares)) / 1000;
  }
}

export function countOf(errors: Readonly<Record<string, number>>): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function add(to: Map<number, number>, process: number, seconds: number): void {
  to.set(process, (to.get(process) ?? 0) + seconds);
}
