import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { DocumentIndex } from '../../shared/document-index.js';
import { CoscribeError } from '../../shared/errors.js';
import { checkUpdate } from '../../shared/update-gate.js';
import { type SplitBounds, splitUpdate } from '../../shared/update-split.js';
import { contentOf, docOf, hasPending, withoutFormats } from '../support/edit-swarm.js';
import { between, forSeeds } from '../support/seeds.js';
import { LIMITS, Swarm } from '../support/swarm-server.js';
import { any, binary, buildUpdate, gc, string } from '../support/update-builder.js';

const RERUN = 'tests/shared/update-split.test.ts';
const ME = 7;

/** Parts through the gate one after the other; returns the document that they make of `state`. */
function admitAll(parts: readonly Uint8Array[], bounds: SplitBounds, state = buildUpdate([])): Y.Doc {
  const index = DocumentIndex.ofState(state);
  const limits = { maxUpdateBytes: bounds.maxBytes, maxDeleteRanges: bounds.maxDeleteRanges };
  const doc = docOf(state);
  for (const part of parts) {
    const checked = checkUpdate(part, { index, kind: 'catch-up', clientId: ME, limits });
    expect(checked.update).toBe(part);
    index.admit(checked);
    Y.applyUpdate(doc, part);
    expect(hasPending(doc)).toBe(false);
  }
  expect(index.stateVector()).toEqual(Y.encodeStateVector(doc));
  return doc;
}

/** Doubles the bytes allowed while something that cannot be cut is larger; 200 are enough for what editors here do. */
function partsWithin(
  update: Uint8Array,
  bounds: { maxBytes: number; maxDeleteRanges: number },
): Uint8Array[] {
  try {
    return splitUpdate(update, bounds);
  } catch (error) {
    if (!(error instanceof CoscribeError) || error.code !== 'update-too-large' || bounds.maxBytes >= 200)
      throw error;
    bounds.maxBytes *= 2;
    return partsWithin(update, bounds);
  }
}

function expectSame(actual: Y.Doc, expected: Y.Doc): void {
  expect(contentOf(actual)).toEqual(contentOf(expected));
  expect(Y.encodeStateVector(actual)).toEqual(Y.encodeStateVector(expected));
  expect(Y.equalSnapshots(Y.snapshot(actual), Y.snapshot(expected))).toBe(true);
}

describe('splitting', () => {
  test('[SPLIT1] parts of any update, at any bounds, pass in order and make the same document', () => {
    let split = 0;
    forSeeds(20, RERUN, (random) => {
      const swarm = new Swarm(random, 4);
      for (let step = 0; step < 60; step++) swarm.step();
      const early = Y.encodeStateAsUpdate(swarm.server.doc);
      for (let step = 0; step < 60; step++) swarm.step();
      for (const doc of swarm.settle()) {
        for (const state of [buildUpdate([]), early]) {
          const update = Y.encodeStateAsUpdate(doc, Y.encodeStateVectorFromUpdate(state));
          const bounds = { maxBytes: between(random, 64, 300), maxDeleteRanges: between(random, 1, 20) };
          const parts = partsWithin(update, bounds);
          if (parts.length > 1) split++;
          const whole = docOf(state, update);
          expectSame(docOf(state, Y.mergeUpdates(parts)), whole);
          // Between two parts, Yjs itself drops formats that have nothing to format yet.
          const stepwise = admitAll(parts, bounds, state);
          expect(withoutFormats(stepwise)).toEqual(withoutFormats(whole));
          expect(Y.encodeStateVector(stepwise)).toEqual(Y.encodeStateVector(whole));
        }
      }
    });
    if (process.env.SEED === undefined) expect(split).toBeGreaterThan(80);
  });

  test('[SPLIT1] [SPLIT3] a paste of 1 MB with emoji', () => {
    const doc = new Y.Doc();
    const text = 'a😀é漢👩‍👩‍👧\n'.repeat(40_000);
    doc.getText('text').insert(0, text);
    const update = Y.encodeStateAsUpdate(doc);
    expect(update.length).toBeGreaterThan(2 ** 20);
    const bounds = { maxBytes: LIMITS.maxUpdateBytes, maxDeleteRanges: 10 };
    const parts = splitUpdate(update, bounds);
    expect(parts).toHaveLength(Math.ceil(update.length / bounds.maxBytes));
    expect(admitAll(parts, bounds).getText('text').toString()).toBe(text);
  });

  test('[SPLIT1] the parts of a live update are live updates', () => {
    const doc = new Y.Doc();
    doc.getText('text').insert(0, 'old text');
    const index = DocumentIndex.ofState(Y.encodeStateAsUpdate(doc));
    let update = buildUpdate([]);
    doc.on('update', (made) => {
      update = made;
    });
    doc.transact(() => {
      doc.getText('text').delete(2, 4);
      doc.getText('text').insert(2, 'x'.repeat(1_000));
    });
    for (const part of splitUpdate(update, { maxBytes: 100, maxDeleteRanges: 10 })) {
      index.admit(checkUpdate(part, { index, kind: 'live', clientId: doc.clientID, limits: LIMITS }));
    }
    expect(index.stateVector()).toEqual(Y.encodeStateVector(doc));
  });

  test('[SPLIT1] many values, many clients, many deletes', () => {
    const values = Array.from({ length: 3_000 }, (_, i) => ({ i, text: '😀'.repeat(i % 7) }));
    const sections = [
      { client: 9_000, clock: 0, structs: [any(values, { parent: 'array' })] },
      ...Array.from({ length: 2_500 }, (_, i) => ({ client: 5_000 - i, clock: 0, structs: [gc(3)] })),
    ];
    const ranges = Array.from({ length: 1_000 }, (_, i) => [3 * i, 1] as const);
    const update = buildUpdate(sections, [{ client: 9_000, ranges }]);
    const bounds = { maxBytes: 8_192, maxDeleteRanges: 300 };
    expectSame(admitAll(splitUpdate(update, bounds), bounds), docOf(update));
  });

  test('[SPLIT2] an update within the bounds is returned as it is', () => {
    const update = buildUpdate(
      [{ client: ME, clock: 3, structs: [string('x')] }],
      [{ client: ME, ranges: [[0, 1]] }],
    );
    expect(splitUpdate(update, { maxBytes: update.length, maxDeleteRanges: 1 })).toEqual([update]);
    expect(splitUpdate(update, { maxBytes: 64, maxDeleteRanges: 1 })[0]).toBe(update);
  });

  test('[SPLIT3] surrogate pairs stay whole at every bound', () => {
    const update = buildUpdate([{ client: ME, clock: 0, structs: [string('😀'.repeat(100))] }]);
    for (let maxBytes = 64; maxBytes < 140; maxBytes++) {
      const parts = splitUpdate(update, { maxBytes, maxDeleteRanges: 1 });
      expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(maxBytes);
      expect(
        docOf(...parts)
          .getText('text')
          .toString(),
      ).toBe('😀'.repeat(100));
    }
  });

  test('[SPLIT4] what cannot be cut and is too large is update-too-large', () => {
    const tooLarge = expect.objectContaining({ code: 'update-too-large' });
    for (const struct of [
      binary(new Uint8Array(300)),
      any(['x'.repeat(300)]),
      string('x', { parent: 'n'.repeat(300) }),
    ]) {
      const update = buildUpdate([{ client: ME, clock: 0, structs: [struct] }]);
      expect(() => splitUpdate(update, { maxBytes: 200, maxDeleteRanges: 1 })).toThrow(tooLarge);
    }
    const deletes = buildUpdate([], [{ client: ME, ranges: [[0, 1]] }]);
    expect(() => splitUpdate(deletes, { maxBytes: 64, maxDeleteRanges: 0 })).toThrow(tooLarge);
  });

  test('[SPLIT4] what is not well-formed is invalid-update', () => {
    const invalid = expect.objectContaining({ code: 'invalid-update' });
    expect(() => splitUpdate(Uint8Array.of(), { maxBytes: 64, maxDeleteRanges: 1 })).toThrow(invalid);
    expect(() => splitUpdate(Uint8Array.of(0, 0, 0), { maxBytes: 64, maxDeleteRanges: 1 })).toThrow(invalid);
  });
});
