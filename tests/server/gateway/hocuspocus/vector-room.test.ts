import { expect, test } from '@jest/globals';
import { VectorRoom } from '../../../../server/gateway/hocuspocus/vector-room.js';

const LARGEST = 65_536;

test('[HOCUS13] state vectors of one connection have so much room together, and what is not needed gives it back', () => {
  const room = new VectorRoom();
  const owners = Array.from({ length: 5 }, () => ({}));
  const [first = {}, second = {}] = owners;
  expect(room.take(first, LARGEST + 1)).toBe(false);
  expect(owners.map((owner) => room.take(owner, LARGEST))).toEqual([true, true, true, true, false]);
  expect(room.take(first, LARGEST)).toBe(true);
  room.leave(second);
  expect(room.take({}, LARGEST)).toBe(true);
  expect(room.take({}, 1)).toBe(false);
});
