import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { diffState } from '../../../server/workers/diff-state.js';
import type { Random } from '../../../shared/time.js';
import { between, forSeeds } from '../../support/seeds.js';

/** Three people write at the same time, all kinds of content; copies are kept from every stage. */
function history(random: Random): { doc: Y.Doc; vectors: Uint8Array[] } {
  const docs = [1, 70_000, 2 ** 32 - 2].map((clientID) => Object.assign(new Y.Doc(), { clientID }));
  const vectors: Uint8Array[] = [];
  for (let round = 0; round < 30; round++) {
    for (const doc of docs) {
      const text = doc.getText('text');
      text.insert(
        between(random, 0, text.length),
        ['word ', 'é😀', 'x'.repeat(40)][between(random, 0, 2)] ?? '',
      );
      if (random() < 0.4) {
        const from = between(random, 0, text.length - 1);
        text.delete(from, Math.min(between(random, 1, 9), text.length - from));
      }
      doc.getArray('list').push([{ n: round }, 'two', 3]);
      if (random() < 0.2) doc.getMap('map').set('key', new Y.Map([['a', round]]));
      vectors.push(Y.encodeStateVector(doc));
    }
    const [a, b] = [docs[between(random, 0, 2)], docs[between(random, 0, 2)]];
    if (a !== undefined && b !== undefined) Y.applyUpdate(a, Y.encodeStateAsUpdate(b));
  }
  const doc = new Y.Doc();
  for (const one of docs) Y.applyUpdate(doc, Y.encodeStateAsUpdate(one));
  return { doc, vectors };
}

describe('what a copy lacks of a state', () => {
  test('[SYNC5] is, byte for byte, what Yjs finds, for all copies at once', () => {
    forSeeds(10, 'tests/server/workers/diff-state.test.ts', (random) => {
      const { doc, vectors } = history(random);
      const state = Y.encodeStateAsUpdate(doc);
      const end = Y.decodeStateVector(Y.encodeStateVector(doc));
      // Also in the middle of structs, of surrogate pairs, and of copies that are ahead.
      for (let n = 0; n < 60; n++) {
        const cut = new Map([...end].map(([client, clock]) => [client, between(random, 0, clock + 3)]));
        vectors.push(Y.encodeStateVector(cut));
      }
      const diffs = diffState(state, vectors);
      const small = diffs.filter((diff) => diff !== undefined).length;
      expect(small).toBeGreaterThan(10);
      expect(small).toBeLessThan(vectors.length);
      for (const [at, vector] of vectors.entries()) {
        const expected = Y.encodeStateAsUpdate(doc, vector);
        const diff = diffs[at];
        if (diff !== undefined) expect(Buffer.compare(diff, expected)).toBe(0);
        else expect(expected.length).toBeGreaterThan(state.length * 0.45);
      }
    });
  });

  test('[SYNC5] a copy that applies it has everything', () => {
    forSeeds(5, 'tests/server/workers/diff-state.test.ts', (random) => {
      const { doc } = history(random);
      const copy = new Y.Doc();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
      copy.getText('text').insert(0, 'not sent yet');
      const text = doc.getText('text');
      for (let n = 0; n < 10; n++) text.insert(between(random, 0, text.length), 'missed');
      text.delete(0, 20);
      const [diff] = diffState(Y.encodeStateAsUpdate(doc), [Y.encodeStateVector(copy)]);
      Y.applyUpdate(copy, diff ?? new Uint8Array());
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(copy));
      expect(copy.getText('text').toString()).toBe(text.toString());
      expect(copy.getMap('map').toJSON()).toEqual(doc.getMap('map').toJSON());
      expect(Y.encodeStateVector(copy)).toEqual(Y.encodeStateVector(doc));
    });
  });

  test('[SYNC5] a state or a vector that is none is an error', () => {
    const state = Y.encodeStateAsUpdate(history(() => 0.5).doc);
    expect(() => diffState(state.subarray(1), [Uint8Array.of(0)])).toThrow();
    expect(() => diffState(state, [Uint8Array.of(1)])).toThrow();
  });
});
