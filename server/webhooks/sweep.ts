import type { DocumentId } from '../../shared/ids.js';
import { about, type Clock, type Random, type Timer } from '../../shared/time.js';
import type { DuePage, DuePlace } from '../storage/delivery-store.js';
import type { Log } from '../telemetry/log.js';
import { noteStoreFault } from './store-fault.js';

/** How often it is looked, in milliseconds; nodes do it at different times. */
const EVERY_MS = 30_000;
const SPREAD = 0.5;

/** How many documents the store is asked about at once. */
const PAGE = 256;

const MINUTE_MS = 60_000;

/** Clocks of nodes may differ by so much, or be put back: the last hour is always looked at. */
const MARGIN_MINUTES = 60;

/** The store is told how far everything was told when that is so much further. */
const NOTE_EVERY_MINUTES = 10;

interface SweepOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Documents that were edited less long ago are left to the node that knows of it, in milliseconds. */
  readonly quietMs: number;
  /** As `dueDocuments` of a `DeliveryStore`. */
  look(after: DuePlace, limit: number): Promise<DuePage>;
  /** As `hookChecked`. */
  checked(minute: number): Promise<void>;
  wants(id: DocumentId): boolean;
  /** Looks for something else in the same way. @returns `false` if there was no room */
  lookFurther(): Promise<boolean>;
  /** A document of which something is due. @returns `false` if there is no room for it */
  found(id: DocumentId): boolean;
}

/**
 * Looks for what is due and nobody knows of: a node that had committed it ended, or there was no room. Begins where everything
 * before was told, as far as documents are ordered by the minutes of their last edits; so it costs little while all is well.
 */
export class Sweep {
  private minute = 0;
  private noted = 0;
  private timer: Timer | undefined;
  private looking = false;
  private leftOut = false;
  private stopped = false;

  constructor(private readonly options: SweepOptions) {}

  /** @param minute nothing is due that was edited before it */
  start(minute: number): void {
    this.minute = minute;
    this.noted = minute;
    void this.look();
  }

  /** There is room again: what was left out is looked for. */
  hasRoom(): void {
    if (this.leftOut) void this.look();
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== undefined) this.options.clock.cancel(this.timer);
  }

  private async look(): Promise<void> {
    const { clock, random, log } = this.options;
    if (this.looking || this.stopped) return;
    this.looking = true;
    this.leftOut = false;
    if (this.timer !== undefined) clock.cancel(this.timer);
    try {
      await this.lookThrough();
    } catch (error) {
      // The next time finds what there is.
      noteStoreFault(log, error);
    }
    this.looking = false;
    if (!this.stopped) this.timer = clock.schedule(about(EVERY_MS, SPREAD, random), () => void this.look());
  }

  private async lookThrough(): Promise<void> {
    const { clock, quietMs, look, wants, found } = this.options;
    const now = clock.wall();
    let earliest = Math.floor(now / MINUTE_MS) - MARGIN_MINUTES;
    let place: DuePlace | undefined = { minute: this.minute, key: 0 };
    let full = false;
    while (place !== undefined && !full) {
      const { documents, next }: DuePage = await look(place, PAGE);
      if (this.stopped) return;
      for (const { id, updatedAt } of documents) {
        if (!wants(id)) continue;
        earliest = Math.min(earliest, Math.floor(updatedAt / MINUTE_MS));
        if (updatedAt > now - quietMs || found(id)) continue;
        full = true;
        break;
      }
      place = next;
    }
    await this.note(earliest);
    if (this.stopped) return;
    const all = !full && (await this.options.lookFurther());
    if (!all) this.leftOut = true;
  }

  private async note(minute: number): Promise<void> {
    this.minute = Math.max(this.minute, minute);
    if (this.minute < this.noted + NOTE_EVERY_MINUTES) return;
    await this.options.checked(this.minute);
    this.noted = this.minute;
  }
}
