import type { Tail } from './tail.js';

/** How a document stands in the store, and the part of it that memory holds. */
export interface StoredState {
  /** The committed log since the snapshot. */
  readonly tail: Tail;
  /** `seq` of the newest snapshot, 0 if there is none. */
  snapshotSeq: number;
  snapshotBytes: number;
  /** First log row that the store still has. */
  firstRow: number;
}

/** Snapshot and log since, in bytes: an upper bound of what a fresh copy takes. */
export function storedBytes(stored: StoredState): number {
  return stored.snapshotBytes + stored.tail.bytes;
}
