import { describe, expect, test } from '@jest/globals';
import { between, perSecond, quantilesBetween } from '../../../server/admin/rates.js';
import type { Buckets } from '../../../server/telemetry/figures.js';

describe('rates', () => {
  test('[ADMIN4] are what came between two counts, each second, also when a count has begun anew', () => {
    expect(perSecond(10, 30, 2)).toBe(10);
    expect(perSecond(30, 30, 2)).toBe(0);
    expect(perSecond(30, 5, 1)).toBe(5);
    expect(perSecond(1, 2, 0)).toBe(0);
  });

  test('[ADMIN4] of refusals are counts by code, without those of which there were none', () => {
    expect(between({ a: 1, b: 2 }, { a: 1, b: 5, c: 4 })).toEqual({ b: 3, c: 4 });
    expect(between({ a: 9 }, { a: 2 })).toEqual({ a: 2 });
    expect(between({}, { constructor: 1 })).toEqual({ constructor: 1 });
  });
});

describe('quantiles', () => {
  const bounds = [1, 2, 4, 8];
  const buckets = (...counts: number[]): Buckets => ({ bounds, counts, sum: 0 });
  const NONE = buckets(0, 0, 0, 0, 0);

  test('[ADMIN4] are estimated out of what was added to a histogram, evenly within a bucket', () => {
    expect(quantilesBetween(NONE, buckets(100, 0, 0, 0, 0))).toEqual({ p50: 0.5, p99: 0.99 });
    expect(quantilesBetween(NONE, buckets(50, 0, 50, 0, 0))).toEqual({ p50: 1, p99: 2 + 2 * 0.98 });
    const before = buckets(1_000, 0, 0, 0, 0);
    expect(quantilesBetween(before, buckets(1_000, 10, 0, 0, 0))).toEqual({ p50: 1.5, p99: 1.99 });
  });

  test('[ADMIN4] above the last bound are the last bound; of nothing there are none', () => {
    expect(quantilesBetween(NONE, buckets(0, 0, 0, 0, 7))).toEqual({ p50: 8, p99: 8 });
    expect(quantilesBetween(NONE, NONE)).toEqual({ p50: null, p99: null });
    const nothing = { bounds: [], counts: [0], sum: 0 };
    expect(quantilesBetween(nothing, { ...nothing, counts: [3] })).toEqual({ p50: null, p99: null });
  });

  test('[ADMIN4] agree with the values within a bucket, for random ones', () => {
    const fine = Array.from({ length: 60 }, (_, at) => 1.15 ** at / 10);
    for (let round = 0; round < 20; round++) {
      const values = Array.from({ length: 500 }, (_, at) => ((at * 7919 + round * 104_729) % 1_000) / 3);
      const counts = Array.from({ length: fine.length + 1 }, () => 0);
      for (const value of values) {
        const at = fine.findIndex((bound) => value <= bound);
        const bucket = at < 0 ? fine.length : at;
        counts[bucket] = (counts[bucket] ?? 0) + 1;
      }
      const empty = { bounds: fine, counts: counts.map(() => 0), sum: 0 };
      const { p50, p99 } = quantilesBetween(empty, { ...empty, counts });
      const ordered = values.toSorted((a, b) => a - b);
      for (const [estimated, exact] of [
        [p50, ordered[249]],
        [p99, ordered[494]],
      ] as const) {
        expect((estimated ?? 0) / (exact ?? 0)).toBeGreaterThan(1 / 1.16);
        expect((estimated ?? 0) / (exact ?? 0)).toBeLessThan(1.16);
      }
    }
  });
});
