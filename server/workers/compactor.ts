/** What a compaction makes of a snapshot and the log since. */
export interface Compacted {
  /** A Yjs update (version 1) with everything, garbage collected. */
  readonly state: Uint8Array;
  /** The encoded `DocumentIndex` of `state`. */
  readonly index: Uint8Array;
}

/** Does CRDT work away from the main thread. */
export interface Compactor {
  /**
   * Merges updates, in order, into one state, and makes sure that the state loads and has the same content.
   *
   * @throws CoscribeError `document-unreadable` if it does not, `internal` if the worker fails
   */
  compact(updates: readonly Uint8Array[]): Promise<Compacted>;

  close(): Promise<void>;
}
