import type { DocumentId } from '../../shared/ids.js';

/** When an edit was where, in milliseconds of the node's monotonic clock. */
export interface TracedEdit {
  /** It came from the client. */
  readonly receivedAt: number;
  /** It was found to be sound, and put in line. */
  readonly admittedAt: number;
  readonly update: Uint8Array;
}

/** Edits `from`, `from + 1`, … of a document's log, which a node has committed. */
export interface TracedCommit {
  readonly document: DocumentId;
  readonly generation: string;
  readonly from: number;
  readonly edits: readonly TracedEdit[];
  /** The commit began, and the edits were durable. Times as in `TracedEdit`. */
  readonly takenAt: number;
  readonly durableAt: number;
  /** Their senders were answered. */
  readonly answeredAt: number;
}

/** Edits `from` … `from + count - 1`, which a node has sent to its sessions as one frame. */
export interface TracedFrame {
  readonly document: DocumentId;
  readonly generation: string;
  readonly from: number;
  readonly count: number;
  readonly sessions: number;
  /** They were known to be durable here, for the first of them, and the frame was sent. Times as in `TracedEdit`. */
  readonly heldAt: number;
  readonly sentAt: number;
}

/**
 * Follows some edits on their way, through several nodes. Which ones is the same everywhere, so that nothing has to travel
 * with an edit: see `traceOf`. Must not throw.
 */
export interface EditTraces {
  committed(commit: TracedCommit): void;
  sent(frame: TracedFrame): void;
}
