import type { DocumentId } from '../../shared/ids.js';
import { backoff, type Clock, type Random } from '../../shared/time.js';
import type { Log } from '../telemetry/log.js';

/** When so many different documents have failed, one after the other, it is the receiver's fault and not theirs. */
const AWAY_AFTER = 3;

/** When one document has failed so often, that is logged. */
const LOG_AFTER = 3;

/** Pauses double from the first to the second, in milliseconds; each is random between half of that and all of it. */
const PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 3_600_000;

/** Why something could not be told. */
export interface Failure {
  readonly why: string;
  /** How long the receiver asks to be left alone, in milliseconds; 0 if it does not. */
  readonly retryAfterMs: number;
}

interface HealthOptions {
  /** Of the receiver, for the log: its address may hold secrets. */
  readonly host: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * What is known of a receiver: whether it takes anything at the moment, and until when it is left alone. Its troubles
 * cost one line in the log, and their end another one, however many requests fail.
 */
export class ReceiverHealth {
  /** Documents that failed since something was taken last; no more of them than make it be away. */
  private readonly failed = new Set<DocumentId>();
  private awayUntil = 0;
  private askedUntil = 0;
  private probes = 0;
  /** The document that was logged. */
  private logged: DocumentId | undefined;

  constructor(private readonly options: HealthOptions) {}

  /** Whether it takes nothing. It is asked now and then, once at a time. */
  get away(): boolean {
    return this.failed.size >= AWAY_AFTER;
  }

  /** Nothing is sent before then, by the monotonic clock. */
  get pausedUntil(): number {
    return Math.max(this.awayUntil, this.askedUntil);
  }

  /** @returns whether it had been away */
  succeeded(document: DocumentId): boolean {
    const wasAway = this.away;
    this.failed.clear();
    this.probes = 0;
    this.awayUntil = 0;
    if (this.logged !== undefined && (wasAway || document === this.logged)) {
      this.options.log.info({ webhook: this.options.host }, 'the webhook takes requests again');
      this.logged = undefined;
    }
    return wasAway;
  }

  /** It is asked at once, whatever it has asked for, and however often it has failed. */
  askNow(): void {
    this.awayUntil = 0;
    this.askedUntil = 0;
    this.probes = 0;
  }

  /**
   * @param failures how often this document has failed in a row
   * @returns how long to wait before it is told again, in milliseconds
   */
  noteFailure(document: DocumentId, failures: number, { why, retryAfterMs }: Failure): number {
    const { clock, random } = this.options;
    const now = clock.monotonic();
    if (!this.away) this.failed.add(document);
    // Of many requests that were under way together, the first one says it all.
    if (this.away && now >= this.awayUntil)
      this.awayUntil = now + backoff(this.probes++, PAUSE_MS, MAX_PAUSE_MS, random);
    this.askedUntil = Math.max(this.askedUntil, now + retryAfterMs);
    if (this.away || failures >= LOG_AFTER) this.warn(document, why);
    return backoff(failures - 1, PAUSE_MS, MAX_PAUSE_MS, random);
  }

  private warn(document: DocumentId, why: string): void {
    if (this.logged !== undefined) return;
    this.logged = document;
    const fields = { webhook: this.options.host, document, why };
    this.options.log.warn(fields, 'the webhook does not take requests; it is tried again until it does');
  }
}
