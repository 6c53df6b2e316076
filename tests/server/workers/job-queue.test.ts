import { expect, test } from '@jest/globals';
import { type Job, JobQueue, type Rank } from '../../../server/workers/job-queue.js';

const job = (rank: Rank, bytes = 1): Job => ({ rank, bytes });

test('[WORK1] what somebody waits for goes first, what failed before goes last, the rest as it came', () => {
  const queue = new JobQueue({ maxJobs: 10, maxBytes: 100 });
  const [a, b, c, d] = [job('again'), job('first'), job('awaited'), job('first')];
  for (const one of [a, b, c, d]) expect(queue.add(one)).toBe(true);
  queue.remove(d);
  expect([queue.next(), queue.next(), queue.next(), queue.next()]).toEqual([c, b, a, undefined]);
});

test('[WORK2] what waits is bounded in number and bytes; a single large job gets its turn', () => {
  const queue = new JobQueue({ maxJobs: 2, maxBytes: 100 });
  const large = job('first', 1_000);
  expect(queue.add(large)).toBe(true);
  expect(queue.add(job('first'))).toBe(false);
  queue.remove(large);
  queue.remove(large);
  expect(queue.add(job('first', 50))).toBe(true);
  expect(queue.add(job('first', 51))).toBe(false);
  expect(queue.add(job('awaited', 50))).toBe(true);
  expect(queue.add(job('first', 0))).toBe(false);
  queue.next();
  expect(queue.add(job('first', 50))).toBe(true);
});
