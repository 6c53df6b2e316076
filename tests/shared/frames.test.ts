import { describe, expect, test } from '@jest/globals';
import {
  decodeFrame,
  decodeUpdateList,
  encodeFrame,
  encodeUpdateList,
  frameEnd,
  type UpdateFrame,
} from '../../shared/frames.js';
import type { Random } from '../../shared/time.js';
import { between, forSeeds, randomBytes } from '../support/seeds.js';

const RERUN = 'tests/shared/frames.test.ts';
const BAD_REQUEST = expect.objectContaining({ code: 'bad-request' });

function randomFrame(random: Random): UpdateFrame {
  const updates = Array.from({ length: between(random, 0, 12) }, () =>
    randomBytes(random, between(random, 0, 300)),
  );
  return { from: between(random, 1, 2 ** between(random, 1, 50)), updates };
}

describe('frames', () => {
  test('[FRAME1] any frame comes out as it went in', () => {
    forSeeds(200, RERUN, (random) => {
      const frame = randomFrame(random);
      expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
      expect(decodeUpdateList(encodeUpdateList(frame.updates))).toEqual(frame.updates);
      expect(frameEnd(frame)).toBe(frame.from + frame.updates.length - 1);
    });
  });

  test('[FRAME1] has the layout of docs/PROTOCOL.md', () => {
    const updates = [Uint8Array.of(7, 8), Uint8Array.of()];
    expect([...encodeUpdateList(updates)]).toEqual([2, 2, 7, 8, 0]);
    expect([...encodeFrame({ from: 300, updates })]).toEqual([0xac, 0x02, 2, 2, 7, 8, 0]);
  });

  test('[FRAME1] a frame can be read out of the middle of a larger buffer', () => {
    const bytes = encodeFrame({ from: 5, updates: [Uint8Array.of(1, 2, 3)] });
    const larger = new Uint8Array(bytes.length + 20).fill(255);
    larger.set(bytes, 9);
    expect(decodeFrame(larger.subarray(9, 9 + bytes.length))).toEqual({
      from: 5,
      updates: [Uint8Array.of(1, 2, 3)],
    });
  });

  test('[FRAME2] every part of a frame is refused, and so is every longer one', () => {
    forSeeds(20, RERUN, (random) => {
      const bytes = encodeFrame(randomFrame(random));
      const cuts = new Set(Array.from({ length: 30 }, () => between(random, 0, bytes.length - 1)));
      for (const cut of cuts) expect(() => decodeFrame(bytes.subarray(0, cut))).toThrow(BAD_REQUEST);
      expect(() => decodeFrame(Uint8Array.of(...bytes, 0))).toThrow(BAD_REQUEST);
    });
  });

  test('[FRAME2] junk is a frame or is refused; nothing else happens', () => {
    forSeeds(2_000, RERUN, (random) => {
      const junk = randomBytes(random, between(random, 0, 40));
      for (const decode of [decodeFrame, decodeUpdateList]) {
        try {
          decode(junk);
        } catch (error) {
          expect(error).toEqual(BAD_REQUEST);
        }
      }
    });
  });

  test.each([
    ['2^21 updates', [0x80, 0x80, 0x80, 0x01]],
    ['2^53 - 1 updates', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['more than a safe integer of updates', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['one update of 2^53 - 1 bytes', [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['a number without end', Array.from({ length: 100 }, () => 0x80)],
  ])('[FRAME2] [FRAME3] %s in a few bytes are refused without reserving memory', (_, bytes) => {
    const lists = Uint8Array.from(bytes);
    const before = process.memoryUsage();
    for (let round = 0; round < 100; round += 1) {
      expect(() => decodeUpdateList(lists)).toThrow(BAD_REQUEST);
      expect(() => decodeFrame(Uint8Array.of(1, ...lists))).toThrow(BAD_REQUEST);
    }
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(1e6);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(50e6);
  });

  test('[FRAME3] a count as large as the bytes that follow costs no more than they do', () => {
    const bytes = new Uint8Array(1_000);
    bytes.set([0xe6, 0x07]);
    expect(decodeUpdateList(bytes)).toHaveLength(998);
  });
});
