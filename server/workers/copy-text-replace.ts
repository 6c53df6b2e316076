import * as Y from 'yjs';
import { CoscribeError } from '../../shared/errors.js';
import { replaceLoneSurrogates, smallestDifference } from '../../shared/text-diff.js';
import { EMBED, unitsOf } from './copy-json.js';
import { pairEmbeds } from './copy-pair-embeds.js';

/** What is at a place is replaced. */
interface Edit {
  readonly place: number;
  readonly remove: number;
  readonly insert: string;
}

/** Makes a text what it is to be, by the smallest difference. Embeds stay, unless they lie within what is replaced. */
export function replaceText(text: Y.Text, wanted: string): void {
  const before = text.toString();
  const difference = smallestDifference(before, replaceLoneSurrogates(wanted));
  if (difference === undefined) return;
  const places = before.length === text.length ? undefined : placesOf(text);
  const placeOf = (index: number): number => (places === undefined ? index : (places[index] ?? text.length));
  const { index, remove, insert } = difference;
  // What is only inserted comes right behind the character before it, and is formatted as that is.
  const place = remove > 0 ? placeOf(index) : index === 0 ? 0 : placeOf(index - 1) + 1;
  const end = remove > 0 ? placeOf(index + remove - 1) + 1 : place;
  carryOut(text, [{ place, remove: end - place, insert }]);
}

/**
 * Makes a text what it is to be, by small differences. Each embed is U+FFFC in it, as in `unitsOf`: one whose U+FFFC is still there
 * stays, the others are deleted.
 *
 * @throws CoscribeError `patch-failed` if a U+FFFC stands for nothing that is there; nothing has changed then
 */
export function replaceUnits(text: Y.Text, wanted: string): void {
  const before = unitsOf(text);
  const difference = smallestDifference(before, replaceLoneSurrogates(wanted));
  if (difference === undefined) return;
  const { index, remove, insert } = difference;
  const old = before.slice(index, index + remove);
  const pairs = pairEmbeds(old, insert);
  if (pairs === undefined)
    throw new CoscribeError(
      'patch-failed',
      'the text has more U+FFFC than embeds are there: each stands for one that the document has, and new ones are made with PATCH',
    );
  const edits: Edit[] = [];
  let [oldAt, newAt] = [0, 0];
  for (const [oldEnd, newEnd] of [...pairs, [old.length, insert.length] as const]) {
    const part = smallestDifference(old.slice(oldAt, oldEnd), insert.slice(newAt, newEnd));
    if (part !== undefined)
      edits.push({ place: index + oldAt + part.index, remove: part.remove, insert: part.insert });
    [oldAt, newAt] = [oldEnd + 1, newEnd + 1];
  }
  carryOut(text, edits);
}

/** Edits in the order of their places, all of them as the text is before. */
function carryOut(text: Y.Text, edits: readonly Edit[]): void {
  const attributes = attributesOf(text, edits);
  for (const [n, { place, remove, insert }] of [...edits.entries()].reverse()) {
    if (remove > 0) text.delete(place, remove);
    if (insert !== '') text.insert(place, insert, attributes[n]);
  }
}

/** For each edit what is said about the first character that it replaces; `undefined` if it replaces none, or an embed. */
function attributesOf(
  text: Y.Text,
  edits: readonly Edit[],
): readonly (Record<string, unknown> | undefined)[] {
  if (!edits.some(({ remove, insert }) => remove > 0 && insert !== '')) return [];
  const pieces = text.toDelta() as readonly { insert?: unknown; attributes?: Record<string, unknown> }[];
  let next = 0;
  let end = 0;
  return edits.map(({ place, remove }) => {
    while (end <= place && next < pieces.length) end += lengthOf(pieces[next++]?.insert);
    const piece = pieces[next - 1];
    return remove > 0 && typeof piece?.insert === 'string' ? (piece.attributes ?? {}) : undefined;
  });
}

function lengthOf(insert: unknown): number {
  return typeof insert === 'string' ? insert.length : EMBED.length;
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
