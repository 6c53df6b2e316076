import { expect, test } from '@jest/globals';
import { Histogram } from '../../../server/telemetry/histogram.js';
import { between, forSeeds } from '../../support/seeds.js';

test('[METRIC5] a value counts in the range whose upper end it does not exceed', () => {
  const histogram = new Histogram([1, 2, 5]);
  for (const value of [0, 1, 1.01, 2, 5, 5.01, 1e9, -3]) histogram.observe(value);
  expect(histogram.buckets()).toMatchObject({ bounds: [1, 2, 5], counts: [3, 2, 1, 2] });
  expect(histogram.count).toBe(8);
});

test('[METRIC5] so many values at once count as one after the other, and what was read does not change later', () => {
  const histogram = new Histogram([10]);
  histogram.observe(4, 1_000);
  const before = histogram.buckets();
  histogram.observe(40);
  expect(before).toEqual({ bounds: [10], counts: [1_000, 0], sum: 4_000 });
  expect(histogram.buckets()).toEqual({ bounds: [10], counts: [1_000, 1], sum: 4_040 });
});

test('[METRIC5] where a value belongs does not depend on the value before it', () => {
  forSeeds(100, 'tests/server/telemetry/histogram.test.ts', (random) => {
    const bounds = Array.from({ length: between(random, 0, 12) }, () => between(random, 0, 1_000)).sort(
      (a, b) => a - b,
    );
    const histogram = new Histogram(bounds);
    const expected = new Array<number>(bounds.length + 1).fill(0);
    for (let n = 0; n < 200; n++) {
      const value = between(random, 0, 1_100);
      const found = bounds.findIndex((bound) => value <= bound);
      const at = found < 0 ? bounds.length : found;
      expected[at] = (expected[at] ?? 0) + 1;
      histogram.observe(value);
    }
    // Of bounds that are equal the first one has it.
    expect(histogram.buckets().counts).toEqual(expected);
  });
});
