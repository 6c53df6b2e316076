import { EMBED } from './copy-json.js';

/** How many characters on each side of an embed are compared, and with how many embeds. */
const CONTEXT = 16;
const LOOKED_AT = 16;

/** Places of one embed in two texts. */
type Pair = readonly [old: number, wanted: number];

/**
 * Which U+FFFC of `old` each one of `wanted` is, in their order: if there are fewer in it, those between most of the same text.
 *
 * @returns `undefined` if `wanted` has more of them
 */
export function pairEmbeds(old: string, wanted: string): readonly Pair[] | undefined {
  const [before, after] = [marksIn(old), marksIn(wanted)];
  let spare = before.length - after.length;
  if (spare < 0) return undefined;
  let next = 0;
  return after.map((at) => {
    const candidates = before.slice(next, next + 1 + Math.min(spare, LOOKED_AT));
    const scores = candidates.map((place) => likeness(old, place, wanted, at));
    const chosen = scores.indexOf(Math.max(...scores));
    spare -= chosen;
    next += chosen + 1;
    return [candidates[chosen] ?? 0, at];
  });
}

function marksIn(text: string): number[] {
  const marks: number[] = [];
  for (let at = text.indexOf(EMBED); at >= 0; at = text.indexOf(EMBED, at + 1)) marks.push(at);
  return marks;
}

/** How much of what stands around two places is the same. */
function likeness(a: string, atA: number, b: string, atB: number): number {
  const side = (step: 1 | -1): number => {
    let same = 0;
    for (let n = 1; n <= CONTEXT; n++, same++) {
      const one = a[atA + n * step];
      if (one === undefined || one !== b[atB + n * step]) break;
    }
    return same;
  };
  return side(1) + side(-1);
}
