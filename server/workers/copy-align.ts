/** What the best way to leave out some of a row is. */
export interface Alignment {
  /** For each one that is wanted, which of those that there are. */
  readonly chosen: readonly number[];
  /** For one that is wanted, the others that it could nearly as well be: those of another choice that is less than `margin` worse. */
  rivals(wanted: number, margin: number): readonly number[];
}

/**
 * Finds in a row of `have` the `want` that fit best, in their order: those with the greatest sum of scores.
 *
 * It takes time and memory as `want * (have - want + 1)`.
 *
 * @param score of one that there is for one that is wanted, a whole number; both counted from 0
 * @param want at most `have`
 */
export function align(have: number, want: number, score: (had: number, wanted: number) => number): Alignment {
  const spare = have - want;
  const width = spare + 1;
  const scores = new Float64Array(want * width);
  for (let n = 0; n < want; n++)
    for (let skip = 0; skip <= spare; skip++) scores[n * width + skip] = score(n + skip, n);
  // The sums of the best choices that lead here, and on from here, each with what is here.
  const upTo = scores.slice();
  const from = scores.slice();
  for (let n = 1; n < want; n++)
    for (let skip = 0, best = -Infinity; skip <= spare; skip++) {
      best = Math.max(best, upTo[(n - 1) * width + skip] ?? 0);
      upTo[n * width + skip] = best + (upTo[n * width + skip] ?? 0);
    }
  for (let n = want - 2; n >= 0; n--)
    for (let skip = spare, best = -Infinity; skip >= 0; skip--) {
      best = Math.max(best, from[(n + 1) * width + skip] ?? 0);
      from[n * width + skip] = best + (from[n * width + skip] ?? 0);
    }
  const through = upTo.map((sum, at) => sum + (from[at] ?? 0) - (scores[at] ?? 0));
  const best = through.subarray(0, width).reduce((most, sum) => Math.max(most, sum), -Infinity);
  // Where several choices are best, the one that leaves out the fewest as early as it can is one of them.
  const chosen = Array.from(
    { length: want },
    (_, n) => n + through.subarray(n * width, (n + 1) * width).indexOf(best),
  );
  return {
    chosen,
    rivals: (n, margin) =>
      Array.from({ length: width }, (_, skip) => n + skip).filter(
        (had) => had !== chosen[n] && (through[n * width + had - n] ?? 0) > best - margin,
      ),
  };
}
