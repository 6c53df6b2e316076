import { expect, test } from '@jest/globals';
import { align, fill, nines, ninesCurve, spread } from '../../../../load/page/charts/points.js';

test('[LOADREP9] lines with points of their own share one axis, with gaps where a line has none', () => {
  expect(align([])).toEqual({ x: [], lines: [] });
  const first = [
    [1, 10],
    [3, 30],
    [3, 31],
  ] as const;
  const second = [
    [2, 5],
    [3, null],
  ] as const;
  expect(align([first, second])).toEqual({
    x: [1, 2, 3],
    lines: [
      [10, null, 31],
      [null, 5, null],
    ],
  });
});

test('[LOADREP9] curves run straight between their points, and not beyond them', () => {
  expect(fill([0, 1, 2, 4, 5, 6], [null, 10, null, 40, null, null])).toEqual([null, 10, 20, 40, null, null]);
  expect(fill([0, 1], [null, null])).toEqual([null, null]);
});

test('[LOADREP9] each further nine of a percentile is as far as the one before, and the slowest of all has its place', () => {
  expect([0, 0.9, 0.99, 0.999].map((share) => Math.round(nines(share) * 1e6) / 1e6)).toEqual([0, 1, 2, 3]);
  const curve = ninesCurve(
    [
      [0, 1],
      [0.9, 2],
      [0.9999, 3],
      [1, 4],
    ],
    1_000,
  );
  expect(curve.map(([, ms]) => ms)).toEqual([1, 2, 3, 4]);
  expect(curve.map(([x]) => Math.round(x * 1e6) / 1e6)).toEqual([0, 1, 3, 3]);
  expect(ninesCurve([], 0)).toEqual([]);
});

test('[LOADREP9] the figures beside a chart are those of what it draws', () => {
  expect(spread([1, 2, 3, 4], [4, null, 12, 2])).toEqual({
    least: 2,
    median: 4,
    mean: 6,
    most: 12,
    mostAt: 3,
  });
  expect(spread([1], [null])).toBeUndefined();
});
