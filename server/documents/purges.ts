import { about, type Clock, type Random, type Timer } from '../../shared/time.js';
import type { DocumentStore } from '../storage/store.js';
import type { Log } from '../telemetry/log.js';

/** How often it is looked for documents to erase, in milliseconds; nodes do it at different times. */
const EVERY_MS = 600_000;
const SPREAD = 0.5;
const AT_ONCE = 20;
/** How long one can still be told that a request was carried out, in milliseconds. */
const KEEP_RECEIPTS_MS = 24 * 3_600_000;
const RECEIPTS_AT_ONCE = 1_000;

interface PurgesOptions {
  readonly store: Pick<DocumentStore, 'purge' | 'forgetReceipts'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How long a deleted document can be restored, in milliseconds. */
  readonly keepDeletedMs: number;
}

/** Erases documents for good some time after they were deleted, and old receipts. */
export class Purges {
  private timer: Timer | undefined;
  private stopped = false;

  constructor(private readonly options: PurgesOptions) {}

  /** Erases what is due, and goes on doing so. */
  start(): void {
    void this.purge();
    void this.forgetReceipts();
    const { clock, random } = this.options;
    this.timer = clock.schedule(about(EVERY_MS, SPREAD, random), () => this.start());
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== undefined) this.options.clock.cancel(this.timer);
  }

  private async purge(): Promise<void> {
    const { store, clock, log, keepDeletedMs } = this.options;
    try {
      while (!this.stopped) {
        const erased = await store.purge(clock.wall() - keepDeletedMs, AT_ONCE);
        for (const document of erased)
          log.info({ audit: 'document-erased', document }, 'a deleted document was erased for good');
        if (erased.length < AT_ONCE) return;
      }
    } catch (err) {
      // The next time finds them, too.
      log.warn({ err }, 'deleted documents could not be erased');
    }
  }

  private async forgetReceipts(): Promise<void> {
    const { store, clock, log } = this.options;
    try {
      while (!this.stopped) {
        const until = clock.wall() - KEEP_RECEIPTS_MS;
        if ((await store.forgetReceipts(until, RECEIPTS_AT_ONCE)) < RECEIPTS_AT_ONCE) return;
      }
    } catch (err) {
      log.warn({ err }, 'old receipts could not be removed');
    }
  }
}
