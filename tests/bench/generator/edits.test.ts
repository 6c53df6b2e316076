import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { FIRST_CLIENT_ID, letterOf, oneCharacter, wholeRun } from '../../../bench/generator/edits.js';
import { typedRuns } from '../../../bench/generator/seen-messages.js';
import { DocumentIndex } from '../../../shared/document-index.js';
import { checkUpdate } from '../../../shared/update-gate.js';
import { hasPending } from '../../support/edit-swarm.js';

const LIMITS = { maxUpdateBytes: 1024, maxDeleteRanges: 10 };
const A = FIRST_CLIENT_ID;
const B = FIRST_CLIENT_ID + 1;

function letters(clientId: number, count: number): string {
  return Array.from({ length: count }, (_, clock) => letterOf(clientId, clock)).join('');
}

describe('hand-made edits', () => {
  test('[BENCH3] Yjs and the gate take them, and each typist has written one run', () => {
    const doc = new Y.Doc();
    let index = new DocumentIndex();
    for (let clock = 0; clock < 150; clock++) {
      for (const clientId of [A, B]) {
        const update = oneCharacter(clientId, clock);
        index.admit(checkUpdate(update, { index, kind: 'live', clientId, limits: LIMITS }));
        Y.applyUpdate(doc, update);
      }
    }
    expect(hasPending(doc)).toBe(false);
    expect(doc.getText('text').toString()).toBe(letters(A, 150) + letters(B, 150));
    index = DocumentIndex.ofState(Y.encodeStateAsUpdate(doc));
    expect([index.clock(A), index.clock(B)]).toEqual([150, 150]);
  });

  test('[BENCH3] the whole run is what the single characters make', () => {
    const single = new Y.Doc();
    for (let clock = 0; clock < 20; clock++) Y.applyUpdate(single, oneCharacter(A, clock));
    const whole = new Y.Doc();
    Y.applyUpdate(whole, wholeRun(A, 20));
    expect(Y.encodeStateAsUpdate(whole)).toEqual(Y.encodeStateAsUpdate(single));
  });

  test('[BENCH3] what was typed is read back out of single, gathered and merged updates', () => {
    expect(typedRuns(oneCharacter(B, 7))).toEqual([1, 7, 1]);
    const updates = [oneCharacter(A, 3), oneCharacter(A, 4), oneCharacter(B, 0), oneCharacter(A, 5)];
    const merged = typedRuns(Y.mergeUpdates(updates));
    const clocks = new Map<number, number[]>();
    for (let at = 0; at < merged.length; at += 3) {
      const [typist = -1, clock = -1, length = 0] = merged.slice(at, at + 3);
      for (let c = clock; c < clock + length; c++) clocks.set(typist, [...(clocks.get(typist) ?? []), c]);
    }
    expect(clocks).toEqual(
      new Map([
        [1, [0]],
        [0, [3, 4, 5]],
      ]),
    );
  });

  test('[BENCH3] a gap that merging has filled with Skip is not something typed', () => {
    const merged = Y.mergeUpdates([oneCharacter(A, 0), oneCharacter(A, 5)]);
    expect(typedRuns(merged)).toEqual([0, 0, 1, 0, 5, 1]);
  });
});
