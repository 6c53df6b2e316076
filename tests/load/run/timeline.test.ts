import { describe, expect, test } from '@jest/globals';
import { Durations } from '../../../load/histogram.js';
import type { Sample } from '../../../load/messages.js';
import type { Second } from '../../../load/result.js';
import { MAX_POINTS, Timeline } from '../../../load/run/timeline.js';
import { between, forSeeds } from '../../support/seeds.js';

const BEGAN = 1_700_000_000_000;

function sample(until: number, span: number, over: Partial<Sample> = {}): Sample {
  return {
    at: BEGAN + 1000 * until,
    spanMs: 1000 * span,
    joined: 10,
    typing: 5,
    offline: 1,
    denied: {},
    typed: 0,
    acked: 0,
    delivered: 0,
    unacked: 0,
    bytesSent: 0,
    bytesReceived: 0,
    joins: 0,
    reconnects: 0,
    goodbyes: 0,
    ackMs: '',
    shownMs: '',
    joinMs: '',
    errors: {},
    lagMs: 0,
    cpu: 0,
    rss: 0,
    ...over,
  };
}

function durations(...ms: number[]): string {
  const all = new Durations();
  for (const one of ms) all.add(one);
  return all.encode();
}

describe('seconds out of samples', () => {
  test('[LOAD4] counts are shared out over the seconds that a sample is about', () => {
    const told: Second[] = [];
    const timeline = new Timeline(1, BEGAN, (second) => told.push(second));
    timeline.take(0, sample(1.5, 1.5, { typed: 15, errors: { a: 3 } }));
    timeline.take(0, sample(2.5, 1, { typed: 10 }));
    expect(told.map(({ at, typed, errors }) => [at, typed, errors])).toEqual([
      [1, 10, 2],
      [2, 10, 1],
    ]);
  });

  test('[LOAD4] several processes make one second, in which their clients are counted together', () => {
    const told: Second[] = [];
    const timeline = new Timeline(2, BEGAN, (second) => told.push(second));
    timeline.take(0, sample(1, 1, { typed: 4, ackMs: durations(1, 1, 1) }));
    expect(told).toEqual([]);
    timeline.take(1, sample(1.2, 1.2, { typed: 12, unacked: 3, ackMs: durations(100) }));
    expect(told).toEqual([
      expect.objectContaining({ at: 1, joined: 20, typing: 10, offline: 2, typed: 14, unacked: 3 }),
    ]);
    expect(told[0]?.ackP50).toBeCloseTo(1, 1);
    expect(told[0]?.ackP99).toBeCloseTo(100, 0);
    expect(told[0]?.shownP99).toBeNull();
  });

  test('[LOAD4] a process that is late or gone holds up nobody for long', () => {
    const told: number[] = [];
    const timeline = new Timeline(3, BEGAN, ({ joined }) => told.push(joined));
    timeline.left(2);
    for (let second = 1; second <= 5; second++) timeline.take(0, sample(second, 1));
    expect(told).toEqual([10, 10]);
    timeline.take(1, sample(5, 5));
    expect(told).toEqual([10, 10, 20, 20, 20]);
  });

  test('[LOAD4] nothing is lost or counted twice, however the samples lie', () => {
    forSeeds(20, 'tests/load/run/timeline.test.ts', (random) => {
      let seconds = 0;
      const timeline = new Timeline(3, BEGAN, () => seconds++);
      const ends = [0, 0, 0];
      let typed = 0;
      for (let count = 0; count < 200; count++) {
        const process = between(random, 0, 2);
        const span = between(random, 1, 30) / 10;
        const own = between(random, 0, 50);
        ends[process] = (ends[process] ?? 0) + span;
        typed += own;
        timeline.take(process, sample(ends[process] ?? 0, span, { typed: own }));
      }
      timeline.end();
      const all = timeline.points.reduce((sum, point) => sum + point.typed * timeline.pointSeconds, 0);
      // Points have one decimal.
      expect(Math.abs(all - typed)).toBeLessThan(0.1 * seconds + 1);
    });
  });

  test('[LOAD4] no second in which something came is without its durations, however the samples lie', () => {
    forSeeds(4, 'tests/load/run/timeline.test.ts', (random) => {
      const told: Second[] = [];
      const timeline = new Timeline(1, BEGAN, (second) => told.push(second));
      const busy = { acked: 50, delivered: 50, ackMs: durations(4), shownMs: durations(5) };
      let end = 0;
      for (let count = 0; count < 100; count++) {
        // As they come: a little longer than a second, now and then one that was asked for, or one that is late.
        const span = random() < 0.1 ? between(random, 1, 4_000) / 1_000 : 1 + between(random, 0, 25) / 1_000;
        end += span;
        timeline.take(0, sample(end, span, busy));
      }
      timeline.end();
      expect(told.filter(({ acked, ackP99 }) => acked > 0 && ackP99 === null)).toEqual([]);
      expect(told.filter(({ delivered, shownP50 }) => delivered > 0 && shownP50 === null)).toEqual([]);
    });
  });

  test('[LOAD4] a long run keeps as many points as a short one, with the worst of the slow ones', () => {
    const timeline = new Timeline(1, BEGAN, () => {});
    const length = 2.5 * MAX_POINTS;
    for (let second = 1; second <= length; second++) {
      const ackMs = second === 1_000 ? durations(500) : '';
      timeline.take(0, sample(second, 1, { typed: 6, ackMs }));
    }
    timeline.end();
    expect(timeline.pointSeconds).toBe(4);
    expect(timeline.points).toHaveLength(length / 4);
    expect(timeline.points.every(({ typed }) => typed === 6)).toBe(true);
    expect(Math.max(...timeline.points.map(({ ackP99 }) => ackP99 ?? 0))).toBeCloseTo(500, -1);
    expect(timeline.points.at(-1)?.at).toBe(length);
  });
});
