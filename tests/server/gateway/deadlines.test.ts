import { expect, test } from '@jest/globals';
import { Deadlines } from '../../../server/gateway/deadlines.js';
import { ManualClock } from '../../support/manual-clock.js';

test('[LIMIT9] any number of things have one timer, and each its time', () => {
  const clock = new ManualClock();
  const expired: number[] = [];
  const things = Array.from({ length: 1_000 }, (_, number) => ({ number }));
  const deadlines = new Deadlines<{ number: number }>(clock, 100, ({ number }) => expired.push(number));
  for (const thing of things) {
    deadlines.start(thing);
    clock.advance(0.05);
  }
  expect(clock.pending).toBe(1);
  for (const thing of things) if (thing.number % 2 === 0) deadlines.done(thing);
  const [first] = things;
  if (first !== undefined) deadlines.start(first);
  clock.advance(99.97);
  expect(expired).toHaveLength(500);
  expect(expired).not.toContain(0);
  clock.advance(2);
  expect(expired.at(-1)).toBe(0);
  expect(expired.filter((number) => number !== 0 && number % 2 === 0)).toEqual([]);
  expect(deadlines.size).toBe(0);
  expect(clock.pending).toBe(0);
});
