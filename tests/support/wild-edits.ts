import * as Y from 'yjs';
import type { Random } from '../../shared/time.js';
import { between } from './random.js';

/** What is typed and may be deleted again; no word that stays has it. */
const CHAFF = 'x';
const LARGEST_PASTE = 3_000;
const MOST_ITEMS = 60;
const KEYS = ['title', 'state', 'count', 'nested'];
const FORMATS: readonly Record<string, unknown>[] = [
  { bold: true },
  { bold: null },
  { italic: true },
  { link: 'https://example.com/' },
  { link: null, italic: null },
];

/** Everything that is in a document, so that two of them can be compared. */
export function allOf(doc: Y.Doc): string {
  const rich = doc.getText('rich').toDelta();
  return JSON.stringify([doc.getText('text').toString(), rich, jsonOf(doc)]);
}

/** Its maps and lists, with keys in one order. */
function jsonOf(doc: Y.Doc): unknown {
  const board = doc.getMap('board').toJSON();
  return [
    Object.keys(board)
      .sort()
      .map((key) => [key, board[key]]),
    doc.getArray('list').toJSON(),
  ];
}

/** One edit of any kind but those of words that stay: formats, deleted ranges, pastes, maps and lists, one in another. */
export function editWildly(doc: Y.Doc, random: Random): void {
  const acts = [chaffIn, pasteIn, formatIn, cutOut, changeMap, changeList];
  acts[between(random, 0, acts.length - 1)]?.(doc, random);
}

/** A few characters into the text that everybody writes in, or a part of what such ones there are out of it. */
function chaffIn(doc: Y.Doc, random: Random): void {
  const text = doc.getText('text');
  const content = text.toString();
  const run = [...content.matchAll(/x+/g)].at(between(random, 0, 5));
  if (run !== undefined) text.delete(run.index, between(random, 1, run[0].length));
  const spaces = [...content.matchAll(/ /g)].map(({ index }) => index);
  const place = spaces[between(random, 0, spaces.length)];
  if (run === undefined && place !== undefined) text.insert(place, CHAFF.repeat(between(random, 1, 20)));
}

/** A place in a text that cuts no character: what becomes of one that is cut differs from client to client. */
function placeIn(rich: Y.Text, random: Random, from = 0, to = rich.length): number {
  const place = between(random, from, to);
  const units = rich
    .toDelta()
    .map(({ insert }: { insert: unknown }) => (typeof insert === 'string' ? insert : '\ufffc'))
    .join('');
  return /^[\udc00-\udfff]/.test(units.slice(place)) ? place + 1 : place;
}

/** Rarely something large, with characters of two units and an embed. */
function pasteIn(doc: Y.Doc, random: Random): void {
  const rich = doc.getText('rich');
  const place = placeIn(rich, random);
  const length = random() < 0.1 ? LARGEST_PASTE : between(random, 1, 30);
  if (random() < 0.1) rich.insertEmbed(place, { image: 'cat.png' });
  else
    rich.insert(
      place,
      'naïve 🐈 '
        .repeat(length)
        .slice(0, length)
        .replace(/\p{Surrogate}$/u, ''),
    );
}

function formatIn(doc: Y.Doc, random: Random): void {
  const rich = doc.getText('rich');
  const place = placeIn(rich, random);
  const length = placeIn(rich, random, place, Math.min(place + 40, rich.length)) - place;
  const format = FORMATS[between(random, 0, FORMATS.length - 1)];
  if (length > 0 && format !== undefined) rich.format(place, length, format);
}

function cutOut(doc: Y.Doc, random: Random): void {
  const rich = doc.getText('rich');
  const place = placeIn(rich, random);
  const most = rich.length > LARGEST_PASTE ? rich.length : 50;
  const length = placeIn(rich, random, place, Math.min(place + most, rich.length)) - place;
  if (length > 0) rich.delete(place, length);
}

function changeMap(doc: Y.Doc, random: Random): void {
  const board = doc.getMap<unknown>('board');
  const key = KEYS[between(random, 0, KEYS.length - 1)] ?? '';
  const inner = board.get(key);
  if (random() < 0.2) board.delete(key);
  else if (inner instanceof Y.Array) inner.insert(between(random, 0, inner.length), [random()]);
  else board.set(key, key === 'nested' ? Y.Array.from([random()]) : { at: random(), of: [key] });
}

function changeList(doc: Y.Doc, random: Random): void {
  const list = doc.getArray<unknown>('list');
  const place = between(random, 0, list.length);
  const left = list.length - place;
  if (left > 0 && (list.length > MOST_ITEMS || random() < 0.3))
    list.delete(place, Math.min(between(random, 1, 3), left));
  else list.insert(place, [random(), { card: between(random, 0, 9) }]);
}
