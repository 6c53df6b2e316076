import type { DocumentId } from '../../shared/ids.js';
import { about, type Clock, type Random, type Timer } from '../../shared/time.js';
import type { DocumentStore } from '../storage/store.js';
import type { Log } from '../telemetry/log.js';
import type { LiveDocument } from './live-document.js';

/** How often the store is asked where the open documents stand, in milliseconds; nodes do it at different times. */
const EVERY_MS = 2_000;
const SPREAD = 0.2;
const DOCUMENTS_PER_REQUEST = 1_000;
/** Who is where is told anew for a part of the documents each time: what the bus lost of it is in no store. */
const PARTS = 15;

interface HeadWatchOptions {
  readonly store: Pick<DocumentStore, 'positions'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The documents that are loaded now. */
  loaded(): Iterable<LiveDocument>;
}

/**
 * Looks in the store for what the bus has lost: every two seconds, and at once when the bus is back. This is what makes
 * several nodes right; the bus only makes them quick.
 */
export class HeadWatch {
  private timer: Timer | undefined;
  private looking = false;
  private again = false;
  private stopped = false;
  private part = 0;

  constructor(private readonly options: HeadWatchOptions) {}

  start(): void {
    if (this.stopped || this.timer !== undefined) return;
    const { clock, random } = this.options;
    this.timer = clock.schedule(about(EVERY_MS, SPREAD, random), () => {
      this.timer = undefined;
      this.lookNow();
      this.renewPresence();
      this.start();
    });
  }

  /** Looks now, or once more after the look that is under way. */
  lookNow(): void {
    this.again = true;
    if (this.looking) return;
    this.looking = true;
    void this.look();
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== undefined) this.options.clock.cancel(this.timer);
    this.timer = undefined;
  }

  private renewPresence(): void {
    this.part = (this.part + 1) % PARTS;
    let number = 0;
    for (const document of this.options.loaded())
      if (number++ % PARTS === this.part) document.renewPresence();
  }

  private async look(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      try {
        await this.compareAll();
      } catch (err) {
        // Commits tell the operator that the store is away; the next look finds whatever was missed.
        this.options.log.debug({ err }, 'could not look where the documents stand');
      }
    }
    this.looking = false;
  }

  private async compareAll(): Promise<void> {
    const documents = [...this.options.loaded()];
    for (let at = 0; at < documents.length; at += DOCUMENTS_PER_REQUEST) {
      const some = documents.slice(at, at + DOCUMENTS_PER_REQUEST);
      const heads = some.map(({ head }) => head);
      const positions = await this.options.store.positions(some.map(({ id }): DocumentId => id));
      for (const [place, document] of some.entries())
        document.compare(positions.get(document.id), heads[place] ?? 0);
    }
  }
}
