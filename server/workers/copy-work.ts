import type { CoscribeError } from '../../shared/errors.js';

/**
 * What of a document is looked at. `root` is the name of a shared type. In a `text` each embed is U+FFFC, so that places in it are
 * those of the shared type; `plain` is without embeds, and `delta` all of it in Quill's form. Without `root` `json` is an object of all of them, and
 * `markdown` that of all texts and XML that have some, by name. `state` is everything (`Y.encodeStateAsUpdate`), or with
 * `since` what a copy with that state vector lacks.
 *
 * A root in which nothing can be seen counts as absent, for nobody keeps of what type it is: as a text it is empty, in JSON
 * it is `null`, and not among all of them. In JSON a text is its string, XML too, and bytes are base64.
 */
export type View =
  | { readonly as: 'text' | 'plain' | 'delta'; readonly root: string }
  | { readonly as: 'markdown'; readonly root?: string }
  | { readonly as: 'json'; readonly root?: string }
  | { readonly as: 'state'; readonly since?: Uint8Array }
  | { readonly as: 'state-vector' };

/** An operation of Quill's delta format: exactly one of `retain`, `insert` and `delete`. */
export interface DeltaOperation {
  readonly retain?: number;
  /** Text, or an object that stands for something embedded. */
  readonly insert?: string | Readonly<Record<string, unknown>>;
  readonly delete?: number;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** An operation of a JSON patch (RFC 6902). The first part of a path is the name of a shared type. */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** How a copy is changed. What comes from outside must have its form, and must not nest deeper than a call stack is. */
export type ContentChange =
  /**
   * By the smallest difference, so that the carets of those who are in it stay where they are. Each embed is U+FFFC in it: one
   * whose U+FFFC is gone is deleted. It is `patch-failed` if it cannot be told which that is, or if there are more than before.
   */
  | { readonly as: 'replace-text'; readonly root: string; readonly text: string }
  | { readonly as: 'append-text'; readonly root: string; readonly text: string }
  | { readonly as: 'delta'; readonly root: string; readonly operations: readonly DeltaOperation[] }
  /**
   * Objects and arrays become `Y.Map`s and `Y.Array`s. A text that is replaced by a string is changed by the smallest
   * difference. A root in which nothing can be seen may be given its first member: with `-` it is an array, else a map.
   */
  | { readonly as: 'json-patch'; readonly operations: readonly PatchOperation[] };

/** What is followed: a text as deltas, or shared types as JSON patches; without `root` all of them. */
export type Followed =
  | { readonly as: 'text'; readonly root: string }
  | { readonly as: 'json'; readonly root?: string };

/** What committed updates did to what is followed. */
export interface FollowedChange {
  /** It goes on from what is followed as it was at this `seq`: up to it nothing has happened since the change before. */
  readonly from: number;
  /** After it, everything up to this `seq` is in. */
  readonly seq: number;
  /** `DeltaOperation[]` or `PatchOperation[]`, as JSON. */
  readonly json: string;
}

/** What is done with a copy. `number`s are chosen by whoever asks. */
export type CopyTask =
  /** Nothing but taking what is new. */
  | { readonly kind: 'take' }
  | { readonly kind: 'view'; readonly view: View }
  /** It gives the update; nobody else may see the copy until that is in the log. Not with a copy that is followed. */
  | {
      readonly kind: 'change';
      readonly change: ContentChange;
      readonly clientId: number;
      /** What may be written at most, in bytes of JSON: a JSON patch can double a document with every operation. */
      readonly maxBytes: number;
    }
  | { readonly kind: 'follow'; readonly number: number; readonly what: Followed }
  /** How much the copy takes is found out: what is told with every answer is the most that it can be. */
  | { readonly kind: 'measure' }
  | { readonly kind: 'look'; readonly number: number }
  | { readonly kind: 'unfollow'; readonly number: number }
  /** The document shows what hashes to this (`hashContent`) at that `seq`; a copy that shows something else ends. */
  | { readonly kind: 'check'; readonly seq: number; readonly hash: string };

/** What came of a task. */
export interface CopyAnswer {
  /** Everything up to it is in the copy. */
  readonly seq: number;
  /**
   * What is seen, in UTF-8 unless it is a state; of a text that is followed its delta, as JSON; of a change the update. Empty
   * if there is nothing.
   */
  readonly body: Uint8Array;
  /** Of what is followed from now on: the changes after `since` and up to `seq`. */
  readonly before: readonly FollowedChange[];
  readonly since: number;
}

/** Updates that a copy lacks, and what is in it after them. */
export interface CopyFeed {
  /** As `encodeUpdateList` writes them: one for each `seq`, of which the first may be the state up to its own. */
  readonly list: Uint8Array;
  readonly seq: number;
}

/** Whoever keeps a copy: tells what it lacks, and hears of it. */
export interface CopyKeeper {
  /** Of the whole document, about: what a task may take depends on it. */
  readonly bytes: number;
  /** What the copy lacks; asked once for each task, when its turn has come. */
  takeFeed(): CopyFeed | undefined;
  /** So much is in the copy now, in bytes of updates. */
  measured(bytes: number): void;
  changed(number: number, change: FollowedChange): void;
  /** This cannot be followed any more; the copy itself goes on. */
  unfollowed(number: number, error: CoscribeError): void;
  /**
   * The copy is gone, and whatever it was asked has been answered.
   *
   * @param isCause what it was asked took too long or too much memory, so that all copies are gone
   */
  ended(error: CoscribeError, isCause: boolean): void;
}

/** A copy of a document: a `Y.Doc` elsewhere. */
export interface HeldCopy {
  /** @throws CoscribeError `wrong-type`, `patch-failed`, `update-too-large`, `bad-request`, `server-busy`, `shutting-down`, … */
  ask(task: CopyTask): Promise<CopyAnswer>;
  /** Lets go of it. Nobody hears of it any more. */
  drop(): void;
}

/** Holds copies of documents, away from the main thread, which they would hold up. */
export interface CopyWork {
  /** A copy with nothing in it. */
  hold(keeper: CopyKeeper): HeldCopy;
  /** Every copy ends. */
  close(): Promise<void>;
}
