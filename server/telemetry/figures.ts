/** A histogram as Prometheus has it: how many were at most `bounds[i]` but above the bound before, and above all. */
export interface Buckets {
  /** Upper bounds in milliseconds (or whatever is measured), ascending. */
  readonly bounds: readonly number[];
  /** One more than bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** What a node has done since its start, and how it is at this moment. Whoever wants rates takes two of them. */
export interface NodeFigures {
  /** At this moment. */
  readonly sessions: number;
  readonly connections: number;
  readonly followers: number;
  readonly openDocuments: number;
  readonly lagMs: number;
  /** Updates that wait for a commit, of all documents, and bytes that wait to be sent. */
  readonly waitingEdits: number;
  readonly outgoingBytes: number;
  /** Since the start. */
  readonly joins: number;
  readonly edits: number;
  readonly editBytes: number;
  readonly sentUpdates: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly commits: number;
  readonly compactions: number;
  readonly resyncs: number;
  /** From an update's arrival to its acknowledgement, and of a commit, in milliseconds. */
  readonly ackMs: Buckets;
  readonly commitMs: Buckets;
  /** Refusals by code of the table of errors. */
  readonly refused: Readonly<Record<string, number>>;
}
