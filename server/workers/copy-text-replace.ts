import * as Y from 'yjs';
import { CoscribeError } from '../../shared/errors.js';
import { replaceLoneSurrogates, smallestDifference } from '../../shared/text-diff.js';
import { EMBED, unitsOf } from './copy-json.js';
import { type Mark, pairEmbeds, placesIn } from './copy-pair-embeds.js';

/**
 * Between how many embeds a part of what is there is changed at most. Yjs cuts what it holds in two for each, in a time that
 * grows with all that it holds: some tenths of a second.
 */
const MOST_CUTS = 4000;

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
 * Makes a text what it is to be, by small differences. If it has embeds each is U+FFFC in it, as in `unitsOf`: those that
 * `pairEmbeds` finds in it stay, the others are deleted. If it has none U+FFFC is a character as others are.
 *
 * @throws CoscribeError `patch-failed` if it cannot be told which embeds stay, or if it is too much; nothing has changed then
 */
export function replaceUnits(text: Y.Text, written: string): void {
  const old = unitsOf(text);
  const wanted = replaceLoneSurrogates(written);
  if (old === wanted) return;
  const marks = marksOf(text);
  const pairs = marks.some(({ embed }) => embed !== undefined) ? pairEmbeds(old, marks, wanted) : [];
  const edits: Edit[] = [];
  let cuts = 0;
  let [oldAt, newAt] = [0, 0];
  for (const [oldEnd, newEnd] of [...pairs, [old.length, wanted.length] as const]) {
    const part = smallestDifference(old.slice(oldAt, oldEnd), wanted.slice(newAt, newEnd));
    if (part !== undefined) {
      const { index, remove, insert } = part;
      if (remove < oldEnd - oldAt) cuts++;
      edits.push({ place: oldAt + index, remove, insert });
    }
    [oldAt, newAt] = [oldEnd + 1, newEnd + 1];
  }
  if (cuts > MOST_CUTS)
    throw new CoscribeError(
      'patch-failed',
      `parts of the text between more than ${MOST_CUTS} embeds have changed: write it in several steps`,
    );
  carryOut(text, edits);
}

/** Edits in the order of their places, all of them as the text is before, in one walk through it. */
function carryOut(text: Y.Text, edits: readonly Edit[]): void {
  const attributes = attributesOf(text, edits);
  const delta: object[] = [];
  let at = 0;
  for (const [n, { place, remove, insert }] of edits.entries()) {
    if (place > at) delta.push({ retain: place - at });
    if (remove > 0) delta.push({ delete: remove });
    if (insert !== '') delta.push({ insert, attributes: { ...attributes[n] } });
    at = place + remove;
  }
  text.applyDelta(delta);
}

/**
 * For each edit what is said about the first character that it replaces; if it replaces none, or an embed, about what is before
 * it.
 */
function attributesOf(
  text: Y.Text,
  edits: readonly Edit[],
): readonly (Readonly<Record<string, unknown>> | undefined)[] {
  if (edits.every(({ insert }) => insert === '')) return [];
  const pieces = text.toDelta() as readonly { insert?: unknown; attributes?: Record<string, unknown> }[];
  let next = 0;
  let end = 0;
  const pieceAt = (place: number) => {
    while (end <= place && next < pieces.length) end += lengthOf(pieces[next++]?.insert);
    return pieces[next - 1];
  };
  return edits.map(({ place, remove }) => {
    const before = place > 0 ? pieceAt(place - 1) : undefined;
    const replaced = remove > 0 ? pieceAt(place) : undefined;
    return (typeof replaced?.insert === 'string' ? replaced : before)?.attributes;
  });
}

function lengthOf(insert: unknown): number {
  return typeof insert === 'string' ? insert.length : EMBED.length;
}

/** Every U+FFFC of `unitsOf`. */
function marksOf(text: Y.Text): readonly Mark[] {
  const marks: Mark[] = [];
  let at = 0;
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted || !item.countable) continue;
    if (item.content instanceof Y.ContentString) {
      for (const place of placesIn(item.content.str)) marks.push({ at: at + place, embed: undefined });
      at += item.content.str.length;
    } else {
      marks.push({ at, embed: item.content.getContent()[0] ?? null });
      at += EMBED.length;
    }
  }
  return marks;
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
