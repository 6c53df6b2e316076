import type { CoscribeError } from '../../shared/errors.js';
import type { NewReceipt } from '../storage/receipts.js';

/** An edit that shares a commit with others, and may build on those before it. */
export interface ChainedEdit {
  /** Stored together or not at all, one or more; each may build on those before it. */
  readonly updates: readonly Uint8Array[];
  /** What a fresh copy takes with it in, merged, in bytes: for an edit that puts something in the place of something else. */
  readonly bytesAfter?: number | undefined;
  /** As `WriteGuard.receipt`. */
  readonly receipt?: NewReceipt;
  /** Told the number of the last one once it is durable, or why nothing is stored. */
  settle(outcome: number | CoscribeError): void;
}

/** What has to be so that an edit is made at all; that is looked at in the same transaction that makes it. */
export interface WriteGuard {
  /** The document is this one, and its log ends there: nobody has changed it since, on whichever node. */
  readonly after?: { readonly generation: string; readonly seq: number };
  /** Says that the edit was made, and is kept with it. If it is there already the edit is not made again. */
  readonly receipt?: NewReceipt;
}
