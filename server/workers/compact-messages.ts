import type { ErrorCode } from '../../shared/errors.js';

/** Sent to the worker: updates as `encodeUpdateList` writes them. */
export interface CompactRequest {
  readonly updates: Uint8Array;
}

export type CompactReply =
  | { readonly ok: true; readonly state: Uint8Array; readonly index: Uint8Array }
  | { readonly ok: false; readonly code: ErrorCode; readonly detail: string };
