import { expect, test } from '@jest/globals';
import { planFaults } from '../../../load/faults/plan-faults.js';
import type { FaultRate } from '../../../load/result.js';
import { between, forSeeds } from '../../support/seeds.js';

function plan(rates: readonly FaultRate[], seed: number, count: number) {
  const faults = planFaults(rates, seed);
  return Array.from({ length: count }, () => faults.next().value);
}

test('[LOADREP20] faults come at their rates, about evenly, and in order; the first within its interval', () => {
  forSeeds(12, 'tests/load/faults/plan-faults.test.ts', (random) => {
    const rates: FaultRate[] = [
      { kind: 'kill', perMinute: 1 + between(random, 0, 5) },
      { kind: 'redis', perMinute: 0.5 },
      { kind: 'cut', perMinute: 2 },
    ];
    const faults = plan(rates, between(random, 0, 2 ** 32), 150);
    const due = faults.map(({ dueMs }) => dueMs);
    expect(due).toEqual([...due].sort((a, b) => a - b));
    for (const { kind, perMinute } of rates) {
      const own = faults.filter((fault) => fault.kind === kind).map(({ dueMs }) => dueMs);
      const interval = 60_000 / perMinute;
      expect(own[0]).toBeGreaterThanOrEqual(0.2 * interval);
      expect(own[0]).toBeLessThanOrEqual(0.8 * interval);
      for (const [index, at] of own.slice(1).entries()) {
        const after = at - (own[index] ?? 0);
        expect(after).toBeGreaterThanOrEqual(0.8 * interval - 1e-6);
        expect(after).toBeLessThanOrEqual(1.2 * interval + 1e-6);
      }
      // Late by a part of the last one at most, so the rate is right over time.
      expect(own.length).toBeGreaterThan(((due.at(-1) ?? 0) / interval) * 0.8 - 2);
    }
  });
});

test('[LOADREP20] the seed decides everything, and other kinds change nothing for a kind', () => {
  const kill: FaultRate = { kind: 'kill', perMinute: 2 };
  const alone = plan([kill], 7, 30);
  expect(plan([kill], 7, 30)).toEqual(alone);
  expect(plan([kill], 8, 30)).not.toEqual(alone);
  const among = plan([{ kind: 'stop', perMinute: 2 }, kill, { kind: 'store', perMinute: 1 }], 7, 90);
  expect(among.filter(({ kind }) => kind === 'kill').slice(0, 30)).toEqual(alone);
});
