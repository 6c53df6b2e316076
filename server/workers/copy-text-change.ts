import * as Y from 'yjs';
import { CoscribeError } from '../../shared/errors.js';
import { replaceLoneSurrogates, smallestDifference, splitsPair } from '../../shared/text-diff.js';
import { unitsOf } from './copy-json.js';
import type { DeltaOperation } from './copy-work.js';

/** Makes a text what it is to be, by the smallest difference. Embeds stay, unless they lie within what is replaced. */
export function replaceText(text: Y.Text, wanted: string): void {
  const after = replaceLoneSurrogates(wanted);
  const before = text.toString();
  const difference = smallestDifference(before, after);
  if (difference === undefined) return;
  const places = before.length === text.length ? undefined : placesOf(text);
  const placeOf = (index: number): number => (places === undefined ? index : (places[index] ?? text.length));
  const { index, remove, insert } = difference;
  if (remove === 0) {
    // Right behind the character before it, and formatted as that is.
    text.insert(index === 0 ? 0 : placeOf(index - 1) + 1, insert);
    return;
  }
  const first = placeOf(index);
  const attributes = attributesAt(text, first);
  text.delete(first, placeOf(index + remove - 1) + 1 - first);
  if (insert !== '') text.insert(first, insert, attributes);
}

/** What is said about the character at a place. */
function attributesAt(text: Y.Text, place: number): Record<string, unknown> {
  let at = 0;
  for (const { insert, attributes } of text.toDelta()) {
    at += typeof insert === 'string' ? insert.length : 1;
    if (at > place) return attributes ?? {};
  }
  return {};
}

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

/** Where each character is that is no embed. */
function placesOf(text: Y.Text): Uint32Array {
  const places = new Uint32Array(text.length);
  let count = 0;
  let at = 0;
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted || !item.countable) continue;
    const isText = item.content instanceof Y.ContentString;
    for (let left = item.length; left > 0; left--, at++) if (isText) places[count++] = at;
  }
  return places.subarray(0, count);
}

function unfit(number: number, why: string): CoscribeError {
  return new CoscribeError('patch-failed', `operation ${number}: ${why}`);
}
