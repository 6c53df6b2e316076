/** When a document's log is merged into a snapshot, and how much of it stays. Times in milliseconds. */
export interface CompactionPolicy {
  /** A tail this long is worth a snapshot: joining it costs time, and memory holds it. */
  readonly atRows: number;
  readonly atBytes: number;
  /** A hot document is compacted this often at most. */
  readonly everyMs: number;
  /** A document that is put away with a tail this long is compacted first, so that it opens quickly again. */
  readonly onUnloadAtRows: number;
  readonly onUnloadAtBytes: number;
  /** Log rows that stay behind the snapshot, so that a client that was away for a while gets only what it missed. */
  readonly keepRows: number;
}

export const DEFAULT_COMPACTION: CompactionPolicy = {
  atRows: 500,
  atBytes: 256 * 1024,
  everyMs: 5_000,
  onUnloadAtRows: 100,
  onUnloadAtBytes: 32 * 1024,
  keepRows: 1_000,
};
