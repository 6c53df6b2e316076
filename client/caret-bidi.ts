import type { Box } from './caret-plane.js';

type Direction = 'ltr' | 'rtl';

/** Where pieces of a text are laid out. */
export interface LaidOutText {
  readonly text: string;
  /** The boxes of a range, in the order of the text. */
  rects(start: number, end: number): readonly Box[];
}

/** Characters that are written from right to left, and signs that make others be. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const FIRST_STRONG =
  /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}\p{L}\u200e]/u;

/** So far on both sides of a place the direction of its paragraph and the ends of its line are looked for. */
const AROUND = 2_000;

/** Whether anything in a text is written from right to left. */
export function hasRightToLeft(text: string): boolean {
  return RIGHT_TO_LEFT.test(text);
}

/**
 * Where a caret stands beside text of several directions. A place between two characters that are written in opposite
 * directions is two places on the screen; a browser's own caret stands at the one beside the character that is written
 * in the direction of the paragraph, and at the ends of a line at the ends of the line. (Chromium 156, found by its
 * caret's pixels.)
 *
 * @param base the direction of the field, or `undefined` if that of each paragraph depends on its text
 * @param otherwise of a paragraph without letters
 * @returns `undefined` where everything has one direction
 */
export function bidiCaret(
  laidOut: LaidOutText,
  index: number,
  base: Direction | undefined,
  otherwise: Direction,
): Box | undefined {
  const { text } = laidOut;
  const from = Math.max(index - AROUND, text.lastIndexOf('\n', index - 1) + 1);
  const lineBreak = text.indexOf('\n', index);
  const to = Math.min(index + AROUND, lineBreak < 0 ? text.length : lineBreak);
  const paragraph = text.slice(from, to);
  const direction = base ?? directionOf(paragraph) ?? otherwise;
  if (paragraph === '' || (direction === 'ltr' && !RIGHT_TO_LEFT.test(paragraph))) return undefined;
  const first = index > from ? characterAt(laidOut, index - 1) : undefined;
  const second = index < to ? characterAt(laidOut, index) : undefined;
  const edge = (place: Box, leftmost: boolean): Box => ({
    ...place,
    left: lineEdge(laidOut.rects(from, to), place, leftmost),
  });
  // Where a line wraps, what is before the place is on the line above.
  if (second !== undefined && (first === undefined || !sameLine(first.box, second.box))) {
    return second.direction === direction ? undefined : edge(second.box, direction === 'ltr');
  }
  if (first === undefined) return undefined;
  if (second === undefined)
    return first.direction === direction ? undefined : edge(first.box, direction === 'rtl');
  if (first.direction === second.direction) return undefined;
  return first.direction === direction ? endOf(first) : startOf(second);
}

interface Character {
  readonly box: Box;
  readonly direction: Direction;
}

function characterAt(laidOut: LaidOutText, index: number): Character | undefined {
  const start = laidOut.rects(index, index).at(-1);
  const boxes = laidOut.rects(index, index + 1);
  if (start === undefined) return undefined;
  const box = boxes.find((rect) => sameLine(rect, start)) ?? boxes[0] ?? start;
  // What has no direction of its own shows by the side on which the place before it is; but where a run begins, that
  // may be told as the end of the run before.
  const isLeft = Math.abs(start.left - box.left) <= Math.abs(start.left - right(box));
  return { box, direction: ownDirection(laidOut.text, index) ?? (isLeft ? 'ltr' : 'rtl') };
}

/** The direction of a letter or digit; numbers are written from left to right everywhere. */
function ownDirection(text: string, index: number): Direction | undefined {
  const sign = String.fromCodePoint(text.codePointAt(index) ?? 0);
  if (/\p{Nd}/u.test(sign)) return 'ltr';
  if (RIGHT_TO_LEFT.test(sign)) return 'rtl';
  return /\p{L}/u.test(sign) ? 'ltr' : undefined;
}

function startOf({ box, direction }: Character): Box {
  return direction === 'ltr' ? box : { ...box, left: right(box) };
}

function endOf({ box, direction }: Character): Box {
  return direction === 'rtl' ? box : { ...box, left: right(box) };
}

/** The direction of the first letter that has one. */
function directionOf(paragraph: string): Direction | undefined {
  const [letter] = FIRST_STRONG.exec(paragraph) ?? [];
  if (letter === undefined) return undefined;
  return RIGHT_TO_LEFT.test(letter) ? 'rtl' : 'ltr';
}

/** The left or right end of the line that a place is on. */
function lineEdge(rects: readonly Box[], place: Box, leftmost: boolean): number {
  const line = rects.filter((rect) => sameLine(rect, place));
  return leftmost
    ? Math.min(place.left, ...line.map(({ left }) => left))
    : Math.max(place.left, ...line.map(right));
}

function sameLine(a: Box, b: Box): boolean {
  return Math.abs(a.top + a.height / 2 - b.top - b.height / 2) < Math.min(a.height, b.height) / 2;
}

function right({ left, width }: Box): number {
  return left + width;
}
