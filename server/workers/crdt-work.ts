import type { SplitBounds } from '../../shared/update-split.js';

/** What a compaction makes of a snapshot and the log since. */
export interface Compacted {
  /** A Yjs update (version 1) with everything, garbage collected. */
  readonly state: Uint8Array;
  /** The encoded `DocumentIndex` of `state`. */
  readonly index: Uint8Array;
}

export interface CompactionJob {
  /** State of the snapshot, if there is one. */
  readonly state: Uint8Array | undefined;
  /** Updates since, as `encodeUpdateList` writes them. Given away: its buffer is no longer the caller's. */
  readonly since: Uint8Array;
  /** An earlier attempt failed: the others go first. */
  readonly again: boolean;
}

export interface HashJob {
  /** State of the snapshot, if there is one. */
  readonly state: Uint8Array | undefined;
  /** Updates since, as `encodeUpdateList` writes them. Given away: its buffer is no longer the caller's. */
  readonly since: Uint8Array;
}

/** What is kept of a document, to be looked at as a whole. */
export interface VerifiedDocument {
  readonly snapshot:
    | { readonly seq: number; readonly state: Uint8Array; readonly index: Uint8Array }
    | undefined;
  /** `seq` of the first of the updates. */
  readonly first: number;
  /** The log that is there, without gaps: rows that the snapshot was made of, too. */
  readonly updates: readonly Uint8Array[];
}

/** What is wrong with it; the names are those of `coscribe verify`. */
export interface VerifyProblem {
  readonly kind: 'snapshot-does-not-load' | 'snapshot-contradicts-log' | 'index-wrong' | 'log-does-not-load';
  readonly what: string;
}

/** Does the work that takes as long as a document is large, away from the main thread. */
export interface CrdtWork {
  /**
   * Merges updates, in order, into one state, and makes sure that the state loads and has the same content.
   *
   * @throws CoscribeError `document-unreadable` if it does not, `internal` if the work cannot be done, takes too long
   *   or too much memory
   */
  compact(job: CompactionJob): Promise<Compacted>;

  /**
   * What a copy with this state vector lacks of a document's whole state: an update for that copy alone.
   * `undefined` if that saves little.
   *
   * @throws CoscribeError `internal` if it cannot be had soon
   */
  diff(state: Uint8Array, stateVector: Uint8Array): Promise<Uint8Array | undefined>;

  /**
   * The hash of the content (`hashContent`) that these updates make when a fresh document loads them. Everything else
   * goes first.
   *
   * @throws CoscribeError `document-unreadable` if they don't load, `internal` as `compact`
   */
  hash(job: HashJob): Promise<string>;

  /**
   * Cuts an update into parts, as `splitUpdate` does. Somebody waits for it.
   *
   * @throws CoscribeError as `splitUpdate`; `internal` as `compact`
   */
  split(update: Uint8Array, bounds: SplitBounds): Promise<readonly Uint8Array[]>;

  /**
   * Looks whether snapshot and log make one document. Everything else goes first.
   *
   * @throws CoscribeError `internal` as `compact`
   */
  verify(document: VerifiedDocument): Promise<readonly VerifyProblem[]>;

  /** Ends what runs; what is not done fails. */
  close(): Promise<void>;
}
