import type { ErrorCode } from '../../shared/errors.js';
import type { Compacted } from './crdt-work.js';

/** What the thread is asked; one request at a time. */
export type CrdtRequest =
  | {
      readonly kind: 'compact';
      readonly state: Uint8Array | undefined;
      /** Updates as `encodeUpdateList` writes them. */
      readonly since: Uint8Array;
    }
  | { readonly kind: 'hash'; readonly state: Uint8Array | undefined; readonly since: Uint8Array }
  | { readonly kind: 'diff'; readonly state: Uint8Array; readonly stateVectors: readonly Uint8Array[] };

/** The thread's first message. */
export interface CrdtThreadStarted {
  readonly kind: 'started';
  /** Number that the operating system gives the thread, where that can be found out. */
  readonly threadId: number | undefined;
}

export type CrdtReply =
  | { readonly kind: 'compacted'; readonly compacted: Compacted }
  /** In the order of `stateVectors`. */
  | { readonly kind: 'diffs'; readonly diffs: readonly (Uint8Array | undefined)[] }
  | { readonly kind: 'hashed'; readonly hash: string }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly detail: string };
