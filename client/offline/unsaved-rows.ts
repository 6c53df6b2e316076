import type { Change } from '../outbox.js';
import type { RowKey, UnsavedRow } from './copy-store.js';
import type { WriteQueue } from './write-queue.js';

interface UnsavedRowsOptions {
  /** Under which what is changed here is kept. */
  readonly tab: string;
  readonly queue: WriteQueue;
  generation(): string | undefined;
}

/** What is not saved, and where it is kept. */
export class UnsavedRows {
  readonly #options: UnsavedRowsOptions;
  readonly #rows = new Map<Change, UnsavedRow>();
  #next = 0;

  constructor(options: UnsavedRowsOptions) {
    this.#options = options;
  }

  keep(change: Change): void {
    const { tab, queue, generation } = this.#options;
    const { madeBy, count, update } = change;
    const row: UnsavedRow = { key: [tab, this.#next++], generation: generation(), madeBy, count, update };
    this.#rows.set(change, row);
    queue.put(row);
  }

  /** The change is kept already. */
  adopt(change: Change, row: UnsavedRow): void {
    this.#rows.set(change, row);
  }

  saved(changes: readonly Change[]): void {
    const keys: RowKey[] = [];
    for (const change of changes) {
      const row = this.#rows.get(change);
      if (row !== undefined) keys.push(row.key);
      this.#rows.delete(change);
    }
    this.#options.queue.drop(keys);
  }

  /** The generation is known: what was changed before belongs to it from now on, sent as it may be at any moment. */
  name(generation: string): void {
    for (const [change, row] of this.#rows) {
      if (row.generation !== undefined) continue;
      const named = { ...row, generation };
      this.#rows.set(change, named);
      this.#options.queue.put(named);
    }
  }

  /** Somebody else has all of it. @returns where it was kept */
  handOver(): RowKey[] {
    const keys = [...this.#rows.values()].map(({ key }) => key);
    this.#rows.clear();
    return keys;
  }
}
