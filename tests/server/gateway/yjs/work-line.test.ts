import { expect, test } from '@jest/globals';
import { WorkLine } from '../../../../server/gateway/yjs/work-line.js';

function someWork() {
  const line = new WorkLine();
  const done: number[] = [];
  const ends: (() => void)[] = [];
  const add = (number: number, bytes = 1): boolean =>
    line.add(bytes, async () => {
      done.push(number);
      await new Promise<void>((resolve) => ends.push(resolve));
    });
  const end = async (): Promise<void> => {
    ends.shift()?.();
    await new Promise(setImmediate);
  };
  return { line, done, add, end };
}

test('[LIMIT11] what a client has sent is done one after the other', async () => {
  const { line, done, add, end } = someWork();
  expect([add(1), add(2), add(3)]).toEqual([true, true, true]);
  await end();
  expect(done).toEqual([1]);
  await end();
  await end();
  expect(done).toEqual([1, 2, 3]);
  await end();
  expect(line.isEmpty).toBe(true);
  expect(add(4)).toBe(true);
  await end();
  expect(done).toEqual([1, 2, 3, 4]);
});

test('[LIMIT11] so much may wait, and nothing of it is kept for somebody who has left', async () => {
  const { line, done, add, end } = someWork();
  expect([add(1, 5_000_000), add(2)]).toEqual([true, false]);
  await end();
  await end();
  for (let number = 3; number <= 1_002; number++) expect(add(number)).toBe(true);
  expect(add(1_003)).toBe(false);
  await end();
  line.clear();
  await end();
  await end();
  expect(done).toEqual([1, 3]);
  expect(line.isEmpty).toBe(true);
  expect(add(7)).toBe(true);
  await end();
  expect(done).toEqual([1, 3, 7]);
});
