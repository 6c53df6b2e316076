import type { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Admission } from '../documents/admitted.js';
import type { WriteGuard } from '../documents/write-guard.js';
import type { ContentChange, Followed, FollowedChange, View } from '../workers/copy-work.js';

export type {
  DeltaOperation,
  Followed,
  FollowedChange,
  PatchOperation,
  View,
} from '../workers/copy-work.js';

/** Where a document's log stands. */
export interface Position {
  readonly generation: string;
  readonly seq: number;
}

/**
 * What somebody sees of a document: UTF-8, or for states and state vectors what Yjs reads. Others may have the same bytes:
 * nobody changes them, or gives them away.
 */
export interface Viewed extends Position {
  readonly body: Uint8Array;
}

/** How a document is changed. */
export type Change =
  | ContentChange
  /** A Yjs update that was made elsewhere. */
  | { readonly as: 'update'; readonly update: Uint8Array };

/** The document as it is after a change, as far as that is known: others may have changed it as well. */
export interface Changed extends Position {
  /** `false` if there was nothing to change, so that nothing was written. */
  readonly changed: boolean;
}

export interface Follower {
  /** In the order of the log, each once, none missing after `Following.seq`. */
  changed(changes: readonly FollowedChange[]): void;
  /** This ends: what is followed has to be followed anew if `error` is retryable. Nothing comes after it. */
  ended(error: CoscribeError): void;
}

/**
 * What is followed, as it was at the beginning. `body` is JSON: of a text an object of `text`, in which an embed is U+FFFC (so
 * that it counts as one character, as it does in deltas), and `delta` if it has formats or embeds.
 */
export interface Following extends Viewed {
  /** Changes after `since` and up to `seq`, oldest first, without gaps; for those who come back and have seen some. */
  readonly before: readonly FollowedChange[];
  /** From here on changes are known; `seq` if none are. */
  readonly since: number;
  /** What is followed as it is now, at a `seq` of which `changed` tells, or has told. */
  look(): Promise<Viewed>;
  stop(): void;
}

/**
 * Documents as `Y.Doc`s, in a thread of their own: for those who look at them, change or follow them without a `Y.Doc` at
 * the other end. They are kept up to date from the log, and for a while after their last use.
 */
export interface DocumentCopies {
  /**
   * What a document shows now: everything is in it that was answered before the call, on this node.
   *
   * @throws CoscribeError `no-access` if there is no such document; `wrong-type` if the root is something else;
   *   `document-deleted`, `store-unavailable`, `server-busy`, …
   */
  view(id: DocumentId, view: View): Promise<Viewed>;

  /**
   * Changes a document, in the name of whoever asks, and creates it if there is none; fulfils once that is durable. Changes of
   * a document run one after the other. What is larger than one update is stored in parts, all of them or none.
   *
   * Nobody is asked once more whether he may: `by` has to be fresh. No hook is asked either, and nobody sees him.
   *
   * @returns where its last row is; if nothing has changed, where that was so
   * @throws CoscribeError as `view`; `precondition-failed`, `patch-failed`, `read-only`, `token-expired`, `update-too-large`, …;
   *   `request-under-way` if the receipt is there already. What is `retryable` has not happened, but for
   *   `store-unavailable` and `internal`: then it may have
   */
  change(id: DocumentId, by: Admission, change: Change, guard?: WriteGuard): Promise<Changed>;

  /**
   * Follows a document. The follower may be told something before whoever asked for it sees the promise fulfil; if it rejects,
   * he was told nothing.
   *
   * @throws CoscribeError as `view`
   */
  follow(id: DocumentId, what: Followed, follower: Follower): Promise<Following>;

  /**
   * Whoever has looked at many documents is done with this one. What was made or loaded for such a look is not kept any longer,
   * unless somebody else needs it.
   */
  letGo(id: DocumentId): void;

  /** Ends the thread. Whoever waits is told `shutting-down`. */
  close(): Promise<void>;
}
