import { expect, test } from '@jest/globals';
import { KeptSamples } from '../../../load/nodes/kept-samples.js';

test('[LOADREP12] ten hours of samples take no more room than an hour of them, and nothing that stood out is gone', () => {
  const kept = new KeptSamples();
  const seconds = 36_000;
  for (let at = 1; at <= seconds; at++) {
    const sample = { at, cpu: 0.5, rss: at, lagMs: at === 777 ? 900 : 1, sessions: at };
    kept.add({ ...sample, up: at !== 5_000 });
  }
  const samples = kept.samples();
  expect(samples.length).toBeLessThanOrEqual(3_600);
  expect(samples.length).toBeGreaterThan(1_700);
  expect(samples.at(-1)).toMatchObject({ at: seconds, sessions: seconds, rss: seconds });
  expect(samples.filter(({ lagMs }) => lagMs === 900)).toHaveLength(1);
  expect(samples.filter(({ up }) => !up)).toHaveLength(1);
  expect(samples.every(({ cpu }) => Math.abs((cpu ?? 0) - 0.5) < 1e-9)).toBe(true);
  const times = samples.map(({ at }) => at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('[LOADREP12] what comes after the last whole point is there too, and what was never told stays away', () => {
  const kept = new KeptSamples(4);
  for (let at = 1; at <= 5; at++) kept.add({ at, up: true, rss: 10 * at });
  expect(kept.samples()).toEqual([
    { at: 2, up: true, rss: 20 },
    { at: 4, up: true, rss: 40 },
    { at: 5, up: true, rss: 50 },
  ]);
});
