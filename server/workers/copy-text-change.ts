import type * as Y from 'yjs';
import { CoscribeError } from '../../shared/errors.js';
import { replaceLoneSurrogates, splitsPair } from '../../shared/text-diff.js';
import { unitsOf } from './copy-json.js';
import type { DeltaOperation } from './copy-work.js';

export function appendText(text: Y.Text, more: string): void {
  if (more !== '') text.insert(text.length, replaceLoneSurrogates(more));
}

/** Applies operations of Quill's delta format. @throws CoscribeError `patch-failed`; then the text may have changed */
export function applyDelta(text: Y.Text, operations: readonly DeltaOperation[]): void {
  checkFit(text, operations);
  text.applyDelta([...operations]);
}

/** Retains and deletes end within the text, and never inside a character. */
function checkFit(text: Y.Text, operations: readonly DeltaOperation[]): void {
  const units = unitsOf(text);
  let at = 0;
  for (const [number, operation] of operations.entries()) {
    if (splitsPair(units, at)) throw unfit(number, 'it begins inside a character');
    at += operation.retain ?? operation.delete ?? 0;
    if (at > units.length) throw unfit(number, `it ends at ${at}, the text at ${units.length}`);
  }
  if (splitsPair(units, at)) throw unfit(operations.length - 1, 'it ends inside a character');
}

function unfit(number: number, why: string): CoscribeError {
  return new CoscribeError('patch-failed', `operation ${number}: ${why}`);
}
