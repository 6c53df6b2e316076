import type { Clock, Timer } from '../../shared/time.js';
import type { BaseLog, CopyNow } from './base-log.js';
import type { Batch, CopyStore, Place, RowKey, UnsavedRow } from './copy-store.js';

/** The base may be behind by so many milliseconds: the server has what it lacks. */
const BASE_DELAY_MS = 1_000;

interface WriteQueueOptions {
  readonly place: Place;
  readonly clock: Clock;
  readonly base: BaseLog;
  now(): CopyNow;
  /** Nothing can be written any more. */
  failed(): void;
}

/**
 * Brings what changes to the store: one write at a time, and what comes meanwhile goes with the next one. What is not saved
 * is written at once; that something is saved, and the base, may wait for a moment.
 */
export class WriteQueue {
  readonly #options: WriteQueueOptions;
  #store: CopyStore | undefined;
  #put: UnsavedRow[] = [];
  #drop: RowKey[] = [];
  #writing: Promise<void> | undefined;
  #timer: Timer | undefined;
  #ended = false;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
  }

  /** Writes from now on. */
  begin(store: CopyStore): void {
    this.#store = store;
    if (this.#put.length > 0) this.flush();
  }

  put(row: UnsavedRow): void {
    this.#put.push(row);
    this.flush();
  }

  drop(keys: readonly RowKey[]): void {
    if (keys.length === 0) return;
    const dropped = new Set(keys);
    this.#put = this.#put.filter(({ key }) => !dropped.has(key));
    this.#drop.push(...keys);
    this.soon();
  }

  /** There is something to write that may wait. */
  soon(): void {
    if (this.#timer !== undefined || this.#ended || this.#store === undefined) return;
    if (this.#drop.length === 0 && !this.#options.base.isDue) return;
    this.#timer = this.#options.clock.schedule(BASE_DELAY_MS, () => {
      this.#timer = undefined;
      this.flush();
    });
  }

  /** Writes what there is, as soon as what is being written has been. */
  flush(): void {
    const store = this.#store;
    if (store === undefined || this.#ended || this.#writing !== undefined) return;
    const batch = this.#take();
    if (batch === undefined) return;
    this.#writing = this.#write(store, batch).then(() => {
      this.#writing = undefined;
      if (this.#put.length > 0) this.flush();
      else this.soon();
    });
  }

  /** The page may be about to go: the store gets what is not saved at once, whatever it is writing. */
  hurry(): void {
    if (this.#writing === undefined || this.#store === undefined || this.#put.length === 0) {
      this.flush();
      return;
    }
    const put = this.#put;
    this.#put = [];
    this.#store.write(this.#options.place, { put }).catch(() => {
      // With the next write, if there is one.
      if (!this.#ended) this.#put.unshift(...put);
    });
  }

  /** Fulfils when everything is written that there is now. */
  async finish(): Promise<void> {
    for (let turns = 0; turns < 2; turns++) {
      await this.#writing;
      this.flush();
    }
    await this.#writing;
    this.end();
  }

  /** Writes nothing more. */
  end(): void {
    this.#ended = true;
    this.#put = [];
    this.#drop = [];
    this.#stopTimer();
  }

  #take(): Batch | undefined {
    const { base, now } = this.#options;
    const copy = now();
    // What is about to be kept as unsaved may be in the copy, and not yet counted as unsaved.
    const write = base.take({ ...copy, isClean: copy.isClean && this.#put.length === 0 });
    const put = this.#put;
    const drop = this.#drop;
    if (write === undefined && put.length === 0 && drop.length === 0) return undefined;
    this.#put = [];
    this.#drop = [];
    return { put, drop, base: write };
  }

  async #write(store: CopyStore, batch: Batch): Promise<void> {
    const { place, base, failed } = this.#options;
    try {
      const outcome = await store.write(place, batch);
      if (batch.base !== undefined) base.written(batch.base, outcome);
    } catch {
      // There is no room, mostly. What the server has is the first to go.
      base.giveUp();
      try {
        await store.write(place, { ...batch, base: { kind: 'erase' } });
      } catch {
        this.end();
        failed();
      }
    }
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#options.clock.cancel(this.#timer);
    this.#timer = undefined;
  }
}
