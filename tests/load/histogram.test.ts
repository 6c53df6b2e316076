import { describe, expect, test } from '@jest/globals';
import { Durations } from '../../load/histogram.js';

describe('durations', () => {
  test('[BENCH8] quantiles are exact to three digits, from microseconds to minutes', () => {
    const durations = new Durations();
    for (let i = 1; i <= 1000; i++) durations.add(i / 10);
    const { count, p50, p90, p99, p999, max } = durations.quantiles();
    expect(count).toBe(1000);
    for (const [found, exact] of [
      [p50, 50],
      [p90, 90],
      [p99, 99],
      [p999, 99.9],
      [max, 100],
    ]) {
      expect(Math.abs((found ?? 0) / (exact ?? 1) - 1)).toBeLessThan(0.001);
    }
    for (const ms of [0.004, 90_000]) {
      const one = new Durations();
      one.add(ms);
      expect(Math.abs((one.quantiles().p50 ?? 0) / ms - 1)).toBeLessThan(0.001);
    }
  });

  test('[BENCH8] what never came is slower than everything that did', () => {
    const durations = new Durations();
    for (let i = 1; i <= 950; i++) durations.add(i);
    const { p50, p90, p99, max } = durations.quantiles(0.95);
    // As of 1,000, of which 50 are still under way.
    expect(p50).toBeCloseTo(500, -1);
    expect(p90).toBeCloseTo(900, -1);
    expect([p99, max]).toEqual([null, null]);
    expect(new Durations().quantiles()).toEqual({
      count: 0,
      p50: null,
      p90: null,
      p99: null,
      p999: null,
      max: null,
    });
  });
});

describe('durations of several processes', () => {
  test('[LOADGEN17] they add up as if they had been taken in one', () => {
    const [one, other, all, sum] = [new Durations(), new Durations(), new Durations(), new Durations()];
    for (let i = 1; i <= 2_000; i++) {
      const ms = i * i * 0.01;
      (i % 3 === 0 ? one : other).add(ms);
      all.add(ms);
    }
    expect(one.encode().length).toBeLessThan(4_000);
    sum.mergeEncoded(one.encode());
    sum.mergeEncoded('');
    sum.mergeEncoded(other.encode());
    expect(sum.quantiles()).toEqual(all.quantiles());
    expect(sum.curve()).toEqual(all.curve());
    const twice = new Durations();
    twice.merge(sum);
    twice.merge(all);
    expect(twice.quantiles()).toEqual({ ...all.quantiles(), count: 4_000 });
    sum.reset();
    expect([sum.count, sum.encode(), sum.valueAt(0.5), sum.curve()]).toEqual([0, '', null, []]);
    expect(() => sum.mergeEncoded('no histogram')).toThrow();
  });

  test('[LOADGEN17] the curve rises with the shares, and ends with the slowest', () => {
    const durations = new Durations();
    for (let i = 1; i <= 1_000; i++) durations.add(i);
    const curve = durations.curve();
    for (const [index, [share, ms]] of curve.entries()) {
      expect(share).toBeGreaterThan(curve[index - 1]?.[0] ?? -1);
      expect(ms).toBeGreaterThanOrEqual(curve[index - 1]?.[1] ?? 0);
    }
    expect(curve.at(-1)).toEqual([1, durations.quantiles().max]);
    expect(durations.valueAt(0.5)).toBeCloseTo(500, 0);
  });
});
