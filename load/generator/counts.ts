import { Durations } from '../histogram.js';

/** Different errors that are counted apart; more are `others`. */
const MAX_ERRORS = 50;

/** What has happened since the last sample. */
export class Counts {
  typed = 0;
  acked = 0;
  delivered = 0;
  joins = 0;
  reconnects = 0;
  goodbyes = 0;
  /** Never fall: bytes over connections that are over. */
  bytesSent = 0;
  bytesReceived = 0;
  /** In milliseconds. */
  readonly ack = new Durations();
  readonly shown = new Durations();
  readonly join = new Durations();
  /** Never falls: messages that came and connections that were begun or ended. Where it stands still nothing is under way. */
  activity = 0;
  /** What went wrong last. */
  lastError: string | undefined;
  readonly errors = new Map<string, number>();
  /** Of the whole run. */
  readonly #names = new Set<string>();

  /** @param reason as it was told, if there is more to say */
  error(name: string, reason = name): void {
    this.lastError = reason;
    const isNew = !this.#names.has(name);
    const counted = isNew && this.#names.size >= MAX_ERRORS ? 'others' : name;
    this.#names.add(counted);
    this.errors.set(counted, (this.errors.get(counted) ?? 0) + 1);
  }

  /** A server is about to stop. If nobody gets in, that is why. */
  goodbye(reason: string): void {
    this.goodbyes++;
    this.lastError = reason;
  }

  reset(): void {
    this.typed = this.acked = this.delivered = this.joins = this.reconnects = this.goodbyes = 0;
    this.errors.clear();
    for (const durations of [this.ack, this.shown, this.join]) durations.reset();
  }
}
