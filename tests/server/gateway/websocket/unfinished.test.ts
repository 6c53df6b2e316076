import { expect, test } from '@jest/globals';
import { Unfinished } from '../../../../server/gateway/websocket/unfinished.js';

const MIB = 1024 * 1024;

test('[LIMIT11] beginnings of messages have so much room together, and each some of its own', () => {
  const unfinished = new Unfinished(2 * MIB);
  const [one, two] = [{ unfinished: 0 }, { unfinished: 0 }];
  expect(unfinished.add(one, 2 * MIB)).toBe(true);
  expect(unfinished.add(two, MIB / 2)).toBe(true);
  expect(unfinished.add(two, 1)).toBe(false);
  unfinished.finish(one);
  expect(unfinished.add(two, 1)).toBe(true);
});

test('[LIMIT11] control frames take no room, also between the pieces of a message', () => {
  const unfinished = new Unfinished(MIB);
  const [one, two] = [{ unfinished: 0 }, { unfinished: 0 }];
  unfinished.add(one, MIB);
  for (let count = 0; count < 10_000; count++) {
    unfinished.add(two, 131);
    unfinished.finishControl(two, 125);
  }
  expect([one.unfinished, two.unfinished]).toEqual([MIB, 0]);
  unfinished.add(two, 100 + 131);
  unfinished.finishControl(two, 125);
  expect(two.unfinished).toBe(100);
  // A chunk may have ended in the middle of the frame.
  unfinished.finishControl(two, 125);
  expect(two.unfinished).toBe(0);
});
