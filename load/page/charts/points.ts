/** What a chart draws: x, and for each line a value or nothing at each x. */
export interface Points {
  readonly x: readonly number[];
  readonly lines: readonly (readonly (number | null)[])[];
}

/** One line by itself: x ascending. */
export type Line = readonly (readonly [x: number, y: number | null])[];

/** Lines with different x over one x; where a line has no value of its own, there is none. Of equal x the last counts. */
export function align(lines: readonly Line[]): Points {
  const x = [...new Set(lines.flatMap((line) => line.map(([at]) => at)))].sort((a, b) => a - b);
  return {
    x,
    lines: lines.map((line) => {
      const values = new Map(line);
      return x.map((at) => values.get(at) ?? null);
    }),
  };
}

/** A curve that runs over all x of others too: between its own points straight on, before and after them not at all. */
export function fill(x: readonly number[], values: readonly (number | null)[]): (number | null)[] {
  const own = values.flatMap((value, index) => (value === null ? [] : [{ index, value }]));
  let next = 0;
  return x.map((at, index) => {
    while (next < own.length && (own[next]?.index ?? 0) < index) next++;
    const after = own[next];
    const before = own[next - 1];
    if (after?.index === index) return after.value;
    if (after === undefined || before === undefined) return null;
    const from = x[before.index] ?? at;
    const to = x[after.index] ?? at;
    return before.value + ((after.value - before.value) * (at - from)) / (to - from);
  });
}

/**
 * Where a share of all durations lies on an axis on which each further nine is as wide as the one before: log10 of
 * 1 / (1 - share).
 */
export function nines(share: number): number {
  return Math.log10(1 / (1 - share));
}

/** A quantile curve on that axis; the slowest of `count` durations lies where one of `count` is slower. */
export function ninesCurve(curve: readonly (readonly [share: number, ms: number])[], count: number): Line {
  const last = Math.log10(Math.max(count, 1));
  return curve.map(([share, ms]) => [share >= 1 ? last : Math.min(nines(share), last), ms] as const);
}

export interface Spread {
  readonly least: number;
  readonly median: number;
  readonly mean: number;
  readonly most: number;
  /** Where the most was. */
  readonly mostAt: number;
}

/** How the values of a line are spread; `undefined` if it has none. */
export function spread(x: readonly number[], values: readonly (number | null)[]): Spread | undefined {
  const known = values
    .flatMap((value, index) => (value === null ? [] : [{ value, at: x[index] ?? 0 }]))
    .sort((a, b) => a.value - b.value);
  const [first] = known;
  const last = known.at(-1);
  const middle = known[Math.floor((known.length - 1) / 2)];
  if (first === undefined || last === undefined || middle === undefined) return undefined;
  const mean = known.reduce((sum, { value }) => sum + value, 0) / known.length;
  return { least: first.value, median: middle.value, mean, most: last.value, mostAt: last.at };
}
