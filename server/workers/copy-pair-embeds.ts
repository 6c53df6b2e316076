import * as Y from 'yjs';
import { CoscribeError } from '../../shared/errors.js';
import { align } from './copy-align.js';
import { contextOf, likeness } from './copy-embed-contexts.js';
import { EMBED, isSame } from './copy-json.js';
import type { Effort } from './copy-text-distance.js';

/** How many pairs of embeds are compared at most for one text, and with how much effort: some tenths of a second. */
const MOST_COMPARED = 40_000;
const MOST_EFFORT = 50_000_000;

/** How much effort is spent on finding out whether as many as before have changed places; what is not looked at has not. */
const EFFORT_FOR_MOVES = 5_000_000;

/** By less than this no embed is told from another: it is what two lines have in common by chance. */
const MARGIN = 3;

/** Weighs more than any likeness: an embed is kept rather than a U+FFFC that somebody has typed. */
const WORTH = 1_000_000;

const WHAT_ELSE = 'with PATCH embeds are deleted, moved and made by their places';

/** A U+FFFC of a text as it is. */
export interface Mark {
  readonly at: number;
  /** What is embedded there, or `undefined` if somebody has typed the character. */
  readonly embed: unknown;
}

/** Numbers of one mark in two texts. */
type Pair = readonly [old: number, wanted: number];

/**
 * Which mark of `old` each U+FFFC of `wanted` is, in their order. Those in a line that is in both texts once are the same; between
 * them, if there are fewer than before, it is those around which most is the same.
 *
 * @returns places in `old` and `wanted`
 * @throws CoscribeError `patch-failed` if there are more of them than before, if some have changed places, or if it could as well be
 *   others, of which something else is kept
 */
export function pairEmbeds(old: string, marks: readonly Mark[], wanted: string): readonly Pair[] {
  const places = placesIn(wanted);
  if (places.length > marks.length)
    throw new CoscribeError(
      'patch-failed',
      'the text has more U+FFFC than embeds are there: each stands for one that the document has, and new ones are made with PATCH',
    );
  const before = marks.map(({ at }) => at);
  const certain = places.length === 0 ? [] : sameLines(linesOf(old, before), linesOf(wanted, places));
  const pairs: Pair[] = [];
  const effort = { left: MOST_EFFORT };
  const moves = { left: EFFORT_FOR_MOVES };
  let [nextOld, nextNew, compared] = [0, 0, 0];
  for (const [oldEnd, newEnd] of [...certain, [marks.length, places.length] as const]) {
    const [have, want] = [oldEnd - nextOld, newEnd - nextNew];
    if (want > have) throw moved();
    if (want < have) compared += want * (have - want + 1);
    if (compared > MOST_COMPARED) throw tooMuch();
    const there = marks.slice(nextOld, oldEnd);
    const chosen = choose(old, there, wanted, places.slice(nextNew, newEnd), effort, moves);
    for (const n of chosen) pairs.push([nextOld + n, nextNew++]);
    if (newEnd < places.length) pairs.push([oldEnd, newEnd]);
    [nextOld, nextNew] = [oldEnd + 1, newEnd + 1];
  }
  return pairs.map(([from, to]) => [before[from] ?? 0, places[to] ?? 0]);
}

function choose(
  old: string,
  marks: readonly Mark[],
  wanted: string,
  places: readonly number[],
  effort: Effort,
  moves: Effort,
): readonly number[] {
  if (places.length === 0) return [];
  if (places.length === marks.length) {
    if (haveMoved(old, marks, wanted, places, moves)) throw moved();
    return places.map((_, n) => n);
  }
  const had = marks.map(({ at }) => contextOf(old, at));
  const now = places.map((at) => contextOf(wanted, at));
  const { chosen, rivals } = align(marks.length, places.length, (n, m) => {
    const [one, other] = [had[n], now[m]];
    const worth = marks[n]?.embed === undefined ? 0 : WORTH;
    return one === undefined || other === undefined ? 0 : worth + likeness(one, other, effort);
  });
  if (effort.left < 0) throw tooMuch();
  for (const [m, n] of chosen.entries())
    for (const rival of rivals(m, MARGIN))
      if (!isSameEmbed(marks[n]?.embed, marks[rival]?.embed))
        throw new CoscribeError(
          'patch-failed',
          `the text does not tell which of the embeds stay, as too little around them is different: ${WHAT_ELSE}`,
        );
  return chosen;
}

/** Whether two beside each other would be more alike the other way round. */
function haveMoved(
  old: string,
  marks: readonly Mark[],
  wanted: string,
  places: readonly number[],
  effort: Effort,
): boolean {
  for (let n = 1; n < places.length && effort.left > 0; n++) {
    if (isSameEmbed(marks[n - 1]?.embed, marks[n]?.embed)) continue;
    const [a, b] = [contextOf(old, marks[n - 1]?.at ?? 0), contextOf(old, marks[n]?.at ?? 0)];
    const [c, d] = [contextOf(wanted, places[n - 1] ?? 0), contextOf(wanted, places[n] ?? 0)];
    const straight = likeness(a, c, effort) + likeness(b, d, effort);
    const crossed = likeness(a, d, effort) + likeness(b, c, effort);
    if (effort.left >= 0 && crossed >= straight + MARGIN) return true;
  }
  return false;
}

function moved(): CoscribeError {
  return new CoscribeError('patch-failed', `embeds of the text have changed places: ${WHAT_ELSE}`);
}

function tooMuch(): CoscribeError {
  return new CoscribeError('patch-failed', `too many embeds have changed: ${WHAT_ELSE}`);
}

function isSameEmbed(a: unknown, b: unknown): boolean {
  if (a instanceof Y.AbstractType || b instanceof Y.AbstractType) return a === b;
  return isSame(a, b);
}

export function placesIn(text: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(EMBED); at >= 0; at = text.indexOf(EMBED, at + 1)) places.push(at);
  return places;
}

/** A line with marks: the numbers of the first of them, and of the one behind the last. */
interface Line {
  readonly first: number;
  end: number;
}

/** Lines with marks that are there once; `undefined` stands for one that is there more often. */
function linesOf(text: string, places: readonly number[]): ReadonlyMap<string, Line | undefined> {
  const lines = new Map<string, Line | undefined>();
  let line: Line | undefined;
  let lineEnd = -1;
  for (const [n, at] of places.entries()) {
    if (line !== undefined && at < lineEnd) {
      line.end = n + 1;
      continue;
    }
    const start = text.lastIndexOf('\n', at) + 1;
    const next = text.indexOf('\n', at);
    lineEnd = next < 0 ? text.length : next;
    line = { first: n, end: n + 1 };
    const words = text.slice(start, lineEnd);
    lines.set(words, lines.has(words) ? undefined : line);
  }
  return lines;
}

/** The marks of lines that are in both texts once, in their order. @throws CoscribeError if that is another one */
function sameLines(
  old: ReadonlyMap<string, Line | undefined>,
  wanted: ReadonlyMap<string, Line | undefined>,
): readonly Pair[] {
  const pairs: Pair[] = [];
  let last = -1;
  for (const [words, now] of wanted) {
    const was = old.get(words);
    if (now === undefined || was === undefined) continue;
    if (was.first < last) throw moved();
    last = was.end;
    for (let n = 0; was.first + n < was.end; n++) pairs.push([was.first + n, now.first + n]);
  }
  return pairs;
}
