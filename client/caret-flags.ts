import type { Box, Point } from './caret-plane.js';

/** A flag to be placed beside a caret. */
export interface FlagWish {
  readonly caret: Box;
  readonly width: number;
  readonly height: number;
}

/** More flags than so many at one place cover one another. */
const MOST_ROWS = 8;

/** What is worse counts more. */
const COVERS_FLAG = 1_000;
const COVERS_OWN_LINE = 100;

/**
 * Places the names of carets: above theirs, as a rule, else below or beside it, within what can be seen, not over one
 * another, and not over the line in which the user writes, as far as there is room.
 *
 * @param room what can be seen, in the pixels of the carets
 * @param own where the user's own caret is, if he has one
 * @returns `undefined` for a caret that cannot be seen
 */
export function placeFlags(wishes: readonly FlagWish[], room: Box, own?: Box): (Point | undefined)[] {
  const placed: Box[] = [];
  return wishes.map((wish) => {
    if (!touches(wish.caret, room)) return undefined;
    let best: { flag: Box; cost: number } | undefined;
    for (const { place, rank } of candidates(wish)) {
      const flag = { ...within(place, wish, room), width: wish.width, height: wish.height };
      // Moved away from its caret's line, it would seem to be somebody else's.
      const moved = Math.abs(flag.top - place.top) > 1 ? COVERS_FLAG : 0;
      const covered = placed.filter((other) => overlap(other, flag)).length * COVERS_FLAG;
      const coversOwn = own !== undefined && flag.top < bottom(own) && bottom(flag) > own.top;
      const cost = moved + covered + (coversOwn ? COVERS_OWN_LINE : 0) + rank;
      if (best === undefined || cost < best.cost) best = { flag, cost };
      if (cost === rank) break;
    }
    if (best !== undefined) placed.push(best.flag);
    return best?.flag;
  });
}

/** Places for a flag, the best ones first; what is worse has a higher rank. */
function candidates({ caret, width, height }: FlagWish): { place: Point; rank: number }[] {
  const left = caret.left - 1;
  const rows = Array.from({ length: MOST_ROWS }, (_, row) => [
    { place: { left, top: caret.top - height * (row + 1) }, rank: 4 * row },
    { place: { left, top: bottom(caret) + height * row }, rank: 4 * row + 1 },
  ]).flat();
  const middle = caret.top + (caret.height - height) / 2;
  // It covers what is written there, but two rows away it would seem to be somebody else's.
  const beside = [
    { place: { left: caret.left + caret.width + 3, top: middle }, rank: 6 },
    { place: { left: caret.left - width - 3, top: middle }, rank: 7 },
  ];
  return [...rows, ...beside].sort((a, b) => a.rank - b.rank);
}

function within({ left, top }: Point, { width, height }: FlagWish, room: Box): Point {
  return {
    left: Math.max(room.left, Math.min(left, room.left + room.width - width)),
    top: Math.max(room.top, Math.min(top, bottom(room) - height)),
  };
}

/** Whether a box without a width, or without a height, is at least in part in another one. */
function touches(a: Box, b: Box): boolean {
  return a.left <= b.left + b.width && a.left + a.width >= b.left && a.top <= bottom(b) && bottom(a) >= b.top;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < bottom(b) && b.top < bottom(a);
}

function bottom({ top, height }: Box): number {
  return top + height;
}
