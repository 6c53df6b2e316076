import { describe, expect, test } from '@jest/globals';
import { textOf } from '../../../../bench/generator/convergence.js';
import { Completion } from '../../../../bench/generator/documents/completion.js';
import { untilComplete, Watcher } from '../../../../bench/generator/documents/watcher.js';
import { FIRST_CLIENT_ID, oneCharacter, wholeRun } from '../../../../bench/generator/edits.js';
import { withContext } from '../../../support/bench-context.js';

const A = FIRST_CLIENT_ID;
const edits = (from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from }, (_, index) => oneCharacter(A, from + index));
const TEXT = textOf([wholeRun(A, 5)]).text;

describe('when a copy is complete', () => {
  test('[BENCH31] it is so with the update that made it so, whatever comes before and after', () => {
    const completion = new Completion(TEXT);
    expect(completion.placeOf(edits(0, 5))).toBe(4);
    expect(completion.placeOf([Uint8Array.of(0, 0), wholeRun(A, 5), oneCharacter(A, 2)])).toBe(1);
    // What waits for an edit before it is not there yet.
    expect(completion.placeOf([...edits(1, 5), oneCharacter(A, 0), oneCharacter(A, 1)])).toBe(4);
    expect(completion.placeOf(edits(0, 4))).toBeUndefined();
    expect(completion.placeOf([])).toBeUndefined();
    expect(completion.placeOf(edits(0, 5))).toBe(4);
  });

  test('[BENCH31] a copy that had something before needs only the rest', () => {
    const completion = new Completion(TEXT, wholeRun(A, 3));
    expect(completion.placeOf(edits(3, 5))).toBe(1);
    expect(completion.placeOf(edits(4, 5))).toBeUndefined();
  });

  test('[BENCH31] a client that never gets the text is told with how many did', async () => {
    await withContext('coscribe-memory', async ({ server, process }) => {
      const watcher = new Watcher(server.protocol, process.address, { document: 'empty', clientId: 7 });
      try {
        await expect(untilComplete([watcher], new Completion(TEXT), 300)).rejects.toThrow('0 of 1 clients');
      } finally {
        watcher.client.close();
      }
    });
  });
});
