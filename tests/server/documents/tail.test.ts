import { describe, expect, test } from '@jest/globals';
import { Tail } from '../../../server/documents/tail.js';
import { decodeUpdateList, encodeUpdateList } from '../../../shared/frames.js';
import { between, forSeeds, randomBytes } from '../../support/seeds.js';

const RERUN = 'tests/server/documents/tail.test.ts';

describe('the tail', () => {
  test('[MEM4] gives back what was pushed and not trimmed, from any number on', () => {
    forSeeds(40, RERUN, (random) => {
      const first = between(random, 1, 1_000);
      const tail = new Tail(first);
      const kept: Uint8Array[] = [];
      let gone = 0;
      for (let step = 0; step < 60; step++) {
        if (random() < 0.1) {
          const trimTo = between(random, first - 2, first + gone + kept.length - 1);
          tail.trim(trimTo);
          const count = Math.max(0, trimTo - (first + gone) + 1);
          kept.splice(0, count);
          gone += count;
        } else {
          const update = randomBytes(random, between(random, 0, random() < 0.1 ? 4_000 : 300));
          tail.push(update);
          kept.push(update.slice());
          update.fill(0);
        }
        expect([tail.first, tail.length, tail.head]).toEqual([
          first + gone,
          kept.length,
          first + gone + kept.length - 1,
        ]);
        expect(tail.bytes).toBe(kept.reduce((sum, { length }) => sum + length, 0));
      }
      const from = between(random, 0, kept.length);
      const seq = first + gone - 1 + from;
      const hex = (updates: readonly Uint8Array[]) =>
        updates.map((update) => Buffer.from(update).toString('hex'));
      expect(hex(tail.after(seq))).toEqual(hex(kept.slice(from)));
      expect(hex(decodeUpdateList(encodeUpdateList([], tail.encodedAfter(seq))))).toEqual(
        hex(kept.slice(from)),
      );
    });
  });

  test('[MEM4] what it has handed out stays as it is, whatever is pushed and trimmed', () => {
    const tail = new Tail(1);
    for (let n = 1; n <= 10; n++) tail.push(Uint8Array.of(n, n));
    const views = tail.after(0);
    const piece = tail.encodedAfter(5);
    const before = piece.bytes.slice();
    for (let n = 11; n <= 200; n++) tail.push(Uint8Array.of(n));
    tail.trim(150);
    tail.push(new Uint8Array(1_000));
    expect(views).toEqual(Array.from({ length: 10 }, (_, n) => Uint8Array.of(n + 1, n + 1)));
    expect(piece.bytes).toEqual(before);
    expect(() => tail.after(149)).toThrow(RangeError);
  });

  test('[MEM3] its updates are in one buffer, little larger than they are', () => {
    const tail = new Tail(1);
    tail.push(new Uint8Array(2_000));
    expect(tail.encodedAfter(0).bytes.buffer.byteLength).toBeLessThan(2_010);
    for (let n = 0; n < 1_000; n++) tail.push(new Uint8Array(25));
    expect(new Set(tail.after(0).map(({ buffer }) => buffer)).size).toBe(1);
    expect(tail.encodedAfter(0).bytes.buffer.byteLength).toBeLessThan(1.6 * tail.bytes);
    tail.trim(900);
    expect(tail.encodedAfter(900).bytes.buffer.byteLength).toBeLessThan(1.1 * tail.bytes);
  });
});
