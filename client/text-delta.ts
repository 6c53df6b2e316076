import type { TextDifference } from '../shared/text-diff.js';

/** A change of a text as Yjs tells it (`event.delta`). */
export interface TextOp {
  readonly insert?: unknown;
  readonly delete?: number;
  readonly retain?: number;
}

/** How many places of a `Y.Text` an inserted thing takes: an embedded object takes one. */
export function insertedLength(inserted: unknown): number {
  return typeof inserted === 'string' ? inserted.length : 1;
}

/** Where a place of the text is after a change; `afterInserted`: behind what was inserted exactly there. */
export function mapIndex(delta: readonly TextOp[], index: number, afterInserted: boolean): number {
  let at = 0;
  let mapped = index;
  for (const op of delta) {
    if (op.retain !== undefined) at += op.retain;
    else if (op.delete !== undefined) {
      mapped -= Math.min(op.delete, index - at);
      at += op.delete;
    } else if (at < index || afterInserted) mapped += insertedLength(op.insert);
    if (at > index) break;
  }
  return mapped;
}

/** A text after some edits of it, which are ascending and in places of the text as it is. */
export function applyEdits(text: string, edits: readonly TextDifference[]): string {
  let at = 0;
  let result = '';
  for (const { index, remove, insert } of edits) {
    result += text.slice(at, index) + insert;
    at = index + remove;
  }
  return result + text.slice(at);
}
