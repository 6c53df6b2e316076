import { expect, test } from '@jest/globals';
import { DueQueue, type WaitingDocument } from '../../../server/webhooks/due-queue.js';
import { readRetryAfter } from '../../../server/webhooks/retry-after.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { between, forSeeds } from '../../support/seeds.js';

const waiting = (name: string, notBefore: number, failures = 0): WaitingDocument => ({
  id: parseDocumentId(name),
  commit: undefined,
  failures,
  notBefore,
});

test('[WEBHOOK10] documents wait each once, are taken by time, and there are no more than there may be', () => {
  forSeeds(100, 'tests/server/webhooks/due-queue', (random) => {
    const max = between(random, 1, 20);
    const queue = new DueQueue(max);
    let model: WaitingDocument[] = [];
    for (let step = 0; step < 60; step++) {
      const now = between(random, 0, 50);
      const action = between(random, 0, 9);
      if (action < 6) {
        const one = waiting(`${between(random, 0, 30)}`, between(random, 0, 50), between(random, 0, 1));
        const known = model.some(({ id }) => id === one.id);
        expect(queue.has(one.id)).toBe(known);
        expect(queue.add(one)).toBe(known || model.length < max);
        if (!known && model.length < max) model.push(one);
      } else if (action < 9) {
        const count = between(random, 0, 5);
        const taken = queue.take(now, count);
        const due = model.map(({ notBefore }) => notBefore).filter((time) => time <= now);
        const times = due.sort((a, b) => a - b).slice(0, count);
        expect(taken.map(({ notBefore }) => notBefore)).toEqual(times);
        model = model.filter(({ id }) => !taken.some((one) => one.id === id));
      } else {
        queue.hurry(now, ({ failures }) => failures > 0);
        model = model.map((one) =>
          one.failures > 0 ? { ...one, notBefore: Math.min(now, one.notBefore) } : one,
        );
      }
      expect(queue.size).toBe(model.length);
      const first = model.map(({ notBefore }) => notBefore).sort((a, b) => a - b)[0];
      expect(queue.nextAt).toBe(first);
    }
    queue.clear();
    expect([queue.size, queue.nextAt]).toEqual([0, undefined]);
  });
});

test.each([
  [undefined, 0],
  ['120', 120_000],
  [' 5 ', 5_000],
  ['0', 0],
  ['-5', 0],
  ['soon', 0],
  ['', 0],
  ['99999999999999', 86_400_000],
  ['Thu, 01 Jan 1970 00:01:30 GMT', 30_000],
  ['Thu, 01 Jan 1970 00:00:30 GMT', 0],
  ['Fri, 01 Jan 2100 00:00:00 GMT', 86_400_000],
])('[WEBHOOK8] "Retry-After: %s" means %d ms', (header, ms) => {
  expect(readRetryAfter(header, 60_000)).toBe(ms);
});
