import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { differs, expectedText } from '../../../bench/generator/convergence.js';
import { FIRST_CLIENT_ID, oneCharacter, wholeRun } from '../../../bench/generator/edits.js';

const A = FIRST_CLIENT_ID;
const B = FIRST_CLIENT_ID + 1;
const TYPED = [
  { clientId: A, count: 4 },
  { clientId: B, count: 3 },
  { clientId: B + 1, count: 0 },
];

function edits(clientId: number, clocks: readonly number[]): Uint8Array[] {
  return clocks.map((clock) => oneCharacter(clientId, clock));
}

describe('whether texts are equal', () => {
  const expected = expectedText(TYPED);

  test('[BENCH10] a client that has everything, its own included, has the text, in whatever order it came', () => {
    expect(expected).toHaveLength(7);
    const own = { clientId: A, count: 4 };
    expect(differs({ name: 'x', own, updates: edits(B, [0, 1, 2]) }, expected)).toBeUndefined();
    expect(
      differs({ name: 'x', own, updates: [...edits(B, [2, 0, 1, 1]), ...edits(A, [3])] }, expected),
    ).toBeUndefined();
    const merged = Y.mergeUpdates([...edits(A, [0, 1, 2, 3]), ...edits(B, [0, 1, 2])]);
    expect(differs({ name: 'x', updates: [merged] }, expected)).toBeUndefined();
    expect(
      differs({ name: 'x', own: { clientId: B + 1, count: 0 }, updates: [merged] }, expected),
    ).toBeUndefined();
  });

  test('[BENCH10] what is missing, in between or at the end, and what is wrong is told', () => {
    const all = wholeRun(A, 4);
    expect(differs({ name: 'x', updates: [all, ...edits(B, [0, 1])] }, expected)).toBe(
      'x has 6 of 7 characters',
    );
    expect(differs({ name: 'x', updates: [all, ...edits(B, [0, 2])] }, expected)).toBe(
      'x waits for edits that never came',
    );
    const doc = new Y.Doc();
    doc.getText('text').insert(0, 'another');
    expect(differs({ name: 'x', updates: [Y.encodeStateAsUpdate(doc)] }, expected)).toBe(
      'x has the right number of characters, but others',
    );
  });
});
