import type { Role } from '../../shared/protocol.js';
import type { ReplacedCopy } from '../rejected-edits.js';
import type { Position } from '../replica.js';

/** Whose copy of what. */
export interface Place {
  /** For whom it is kept; `''` for nobody in particular. */
  readonly scope: string;
  readonly server: string;
  readonly document: string;
}

/** The *base* of a kept copy: how far it goes. */
export interface BaseHead extends Position {
  readonly role: Role | undefined;
  readonly rows: number;
  readonly bytes: number;
  /** Number of the next row. */
  readonly next: number;
}

/** Where something unsaved is kept: under the tab that made it, in the order in which it did. */
export type RowKey = readonly [tab: string, number: number];

/** Something that the server may not have. */
export interface UnsavedRow {
  readonly key: RowKey;
  /** Of the copy that it was made in; `undefined` if that had nothing of the server yet. */
  readonly generation: string | undefined;
  /** See `Change`. */
  readonly madeBy: number | undefined;
  readonly count: number;
  readonly update: Uint8Array;
}

/** A copy of an earlier generation that nobody has taken yet. */
export interface ReplacedRow {
  readonly key: string;
  readonly copy: ReplacedCopy;
}

export interface StoredCopy {
  readonly head: BaseHead | undefined;
  /** Updates that together are the base. */
  readonly base: readonly Uint8Array[];
  readonly unsaved: readonly UnsavedRow[];
  readonly replaced: readonly ReplacedRow[];
}

/**
 * What is to become of the base. `extend`: these follow `from`, and lead to the position. `add`: these are in the log, too.
 * `replace`: this is everything up to the position. `erase`: there is none any more.
 */
export type BaseWrite =
  | {
      readonly kind: 'extend';
      readonly from: number;
      readonly position: Position;
      readonly role: Role | undefined;
      readonly updates: readonly Uint8Array[];
    }
  | { readonly kind: 'add'; readonly generation: string; readonly updates: readonly Uint8Array[] }
  | {
      readonly kind: 'replace';
      readonly position: Position;
      readonly role: Role | undefined;
      readonly state: Uint8Array;
    }
  | { readonly kind: 'erase' };

/** What is written at once: all of it, or nothing. */
export interface Batch {
  readonly put?: readonly UnsavedRow[];
  readonly drop?: readonly RowKey[];
  readonly base?: BaseWrite | undefined;
  readonly putReplaced?: readonly ReplacedRow[];
  readonly dropReplaced?: readonly string[];
}

/** What has become of the base. */
export interface BaseOutcome {
  /** `false`: the base does not lead to where `extend` begins, so that it goes no further than before. */
  readonly fits: boolean;
  readonly head: BaseHead | undefined;
}

/**
 * Where kept copies are. A call that fails has changed nothing, except that of a `write` the rows may be put and the rest not,
 * or the other way round: neither does harm. Calls are done in their order, those of other tabs in between.
 */
export interface CopyStore {
  read(place: Place): Promise<StoredCopy>;
  write(place: Place, batch: Batch): Promise<BaseOutcome>;
  /** Wipes everything under this place. */
  forget(place: Place): Promise<void>;
  close(): void;
}
