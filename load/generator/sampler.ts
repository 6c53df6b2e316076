import type { Clock } from '../../shared/time.js';
import type { Sample } from '../messages.js';
import { OwnUsage } from '../nodes/own-usage.js';
import type { Counts } from './counts.js';
import type { Crowd } from './people/crowd.js';

const SAMPLE_EVERY_MS = 1_000;

/** Takes a sample every second. */
export class Sampler {
  readonly #usage: OwnUsage;
  #takenAt: number;
  /** Bytes at the last sample. */
  #sent = 0;
  #received = 0;

  constructor(
    private readonly clock: Clock,
    private readonly counts: Counts,
    private readonly crowd: Crowd,
    private readonly tell: (sample: Sample) => void,
  ) {
    this.#takenAt = clock.monotonic();
    this.#usage = new OwnUsage(clock, (now) => {
      if (now - this.#takenAt >= SAMPLE_EVERY_MS) this.#take(now);
    });
  }

  /** Takes one now, of what has happened since the one before: something else begins, or ends. */
  take(): void {
    this.#take(this.clock.monotonic());
  }

  /** Takes the last one. */
  stop(): void {
    this.#usage.stop();
    this.take();
  }

  #take(now: number): void {
    const spanMs = now - this.#takenAt;
    if (spanMs <= 0) return;
    const { counts } = this;
    const bytes = this.#bytes();
    this.tell({
      at: this.clock.wall(),
      spanMs,
      joined: this.crowd.count(({ client }) => client.isIn),
      typing: this.crowd.count((seat) => this.crowd.types(seat)),
      offline: this.crowd.count(({ client }) => client.offline),
      denied: this.#denied(),
      typed: counts.typed,
      acked: counts.acked,
      delivered: counts.delivered,
      unacked: this.#unacked(),
      bytesSent: bytes.sent,
      bytesReceived: bytes.received,
      joins: counts.joins,
      reconnects: counts.reconnects,
      goodbyes: counts.goodbyes,
      ackMs: counts.ack.encode(),
      shownMs: counts.shown.encode(),
      joinMs: counts.join.encode(),
      errors: Object.fromEntries(counts.errors),
      ...this.#usage.take(),
    });
    counts.reset();
    this.#takenAt = now;
  }

  #denied(): Record<string, number> {
    const denied: Record<string, number> = {};
    for (const { client } of this.crowd.seats)
      if (client.denied !== undefined) denied[client.denied] = (denied[client.denied] ?? 0) + 1;
    return denied;
  }

  #unacked(): number {
    let unacked = 0;
    for (const { client } of this.crowd.seats) unacked += client.outgoing?.unacked ?? 0;
    return unacked;
  }

  /** Since the last time, over connections that are open and those that are over. */
  #bytes(): { readonly sent: number; readonly received: number } {
    let { bytesSent, bytesReceived } = this.counts;
    for (const { client } of this.crowd.seats) {
      bytesSent += client.bytes.sent;
      bytesReceived += client.bytes.received;
    }
    const passed = { sent: bytesSent - this.#sent, received: bytesReceived - this.#received };
    this.#sent = bytesSent;
    this.#received = bytesReceived;
    return passed;
  }
}
