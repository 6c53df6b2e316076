import { EMBED } from './copy-json.js';
import { type Effort, textDistance } from './copy-text-distance.js';

/** How much of a line is looked at on each side of an embed, and how far from it the next lines are looked for, in UTF-16 code units. */
const WIDTH = 256;
const NEAR = 1024;

/** What a character of its own line counts for, and what a line above or below it does: more if it is the very next one. */
const CHARACTER = 8;
const NEXT_LINE = 12;
const OTHER_LINE = 8;

/** The nearest line that holds more than embeds; empty if there is none. */
interface Neighbour {
  readonly line: string;
  /** No other line is between. */
  readonly isNext: boolean;
}

/** What stands around an embed. */
export interface EmbedContext {
  /** What stands before it in its line, and behind it. */
  readonly left: string;
  readonly right: string;
  readonly above: Neighbour;
  readonly below: Neighbour;
}

export function contextOf(text: string, at: number): EmbedContext {
  const before = text.slice(Math.max(0, at - NEAR), at);
  const behind = text.slice(at + 1, at + 1 + NEAR);
  const start = before.lastIndexOf('\n') + 1;
  const end = behind.indexOf('\n');
  const rest = end < 0 ? behind : behind.slice(0, end);
  return {
    left: before.slice(Math.max(start, before.length - WIDTH)),
    right: rest.slice(0, WIDTH),
    above: neighbourIn(before.slice(0, start).split('\n').slice(0, -1).reverse()),
    below: neighbourIn(behind.slice(rest.length).split('\n').slice(1)),
  };
}

/**
 * How much what is around an embed is like what was around one. Its own line counts for most, but not if it is mostly another
 * one; the lines above and below tell apart what that does not.
 *
 * @returns a whole number: the greater, the more alike
 */
export function likeness(was: EmbedContext, now: EmbedContext, effort: Effort): number {
  // The same for all of which hardly anything is left, so that chance does not choose among them.
  const most = Math.ceil((now.left.length + now.right.length) / 2) + 1;
  const left = textDistance(was.left, now.left, most, effort);
  const both = left < most ? left + textDistance(was.right, now.right, most - left, effort) : most;
  return (
    alikeLines(was.above, now.above, effort) + alikeLines(was.below, now.below, effort) - CHARACTER * both
  );
}

/** @param lines from the embed on */
function neighbourIn(lines: readonly string[]): Neighbour {
  const at = lines.findIndex((line) => line.replaceAll(EMBED, '').trim() !== '');
  return { line: (lines[at] ?? '').slice(0, WIDTH), isNext: at === 0 };
}

function alikeLines(a: Neighbour, b: Neighbour, effort: Effort): number {
  if (a.line === '' || b.line === '') return 0;
  const weight = a.isNext && b.isNext ? NEXT_LINE : OTHER_LINE;
  const length = Math.max(a.line.length, b.line.length);
  const third = Math.ceil(length / 3);
  const distance = textDistance(a.line, b.line, third, effort);
  return distance === third ? 0 : Math.round(weight * (1 - distance / length));
}
