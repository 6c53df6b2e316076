import { expect, test } from '@jest/globals';
import { measureBigDocument } from '../../../bench/generator/big-document-run.js';
import { withContext } from '../../support/bench-context.js';

test('[BENCH37] the others type before and while the big document is edited and old copies come back to it', async () => {
  const options = {
    size: { characters: 300_000, insertion: 300, deletion: 100 },
    pieces: 10,
    pieceLength: 1_000,
    documents: 3,
    typists: 2,
    rate: 5,
    editEveryMs: 300,
    returnEveryMs: 200,
  };
  const { before, during, load } = await withContext('coscribe', (context) =>
    measureBigDocument(context, options),
  );
  for (const figures of [before, during]) {
    expect(figures).toMatchObject({ lost: 0, converged: true, failures: {} });
    expect(figures.latencyMs.p99).toBeGreaterThan(0);
  }
  expect(load.failures).toEqual([]);
  expect(load.edits).toBeGreaterThan(1);
  expect(load.acknowledged).toBe(load.edits);
  expect(load.returns).toBeGreaterThan(1);
  // A copy that lacks a little gets that, and not the whole.
  expect(load.returnBytes).toBeLessThan(150_000);
});
