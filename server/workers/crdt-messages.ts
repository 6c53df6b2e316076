import type { ErrorCode } from '../../shared/errors.js';
import type { SplitBounds } from '../../shared/update-split.js';
import type { Compacted, VerifiedDocument, VerifyProblem } from './crdt-work.js';

/** What the thread is asked; one request at a time. */
export type CrdtRequest =
  | {
      readonly kind: 'compact';
      readonly state: Uint8Array | undefined;
      /** Updates as `encodeUpdateList` writes them. */
      readonly since: Uint8Array;
    }
  | { readonly kind: 'hash'; readonly state: Uint8Array | undefined; readonly since: Uint8Array }
  | { readonly kind: 'split'; readonly update: Uint8Array; readonly bounds: SplitBounds }
  | { readonly kind: 'verify'; readonly document: VerifiedDocument }
  | { readonly kind: 'diff'; readonly state: Uint8Array; readonly stateVectors: readonly Uint8Array[] };

export type CrdtReply =
  | { readonly kind: 'compacted'; readonly compacted: Compacted }
  /** In the order of `stateVectors`. */
  | { readonly kind: 'diffs'; readonly diffs: readonly (Uint8Array | undefined)[] }
  /** As `encodeUpdateList` writes them. */
  | { readonly kind: 'parts'; readonly list: Uint8Array }
  | { readonly kind: 'hashed'; readonly hash: string }
  | { readonly kind: 'verified'; readonly problems: readonly VerifyProblem[] }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly detail: string };
