import { expect, test } from '@jest/globals';
import { ColdRun } from '../../../../bench/generator/documents/cold-run.js';
import { writeLongText } from '../../../../bench/generator/documents/long-text.js';
import { withContext } from '../../../support/bench-context.js';

const SIZE = { characters: 15_000, insertion: 5, deletion: 3 };

test('[BENCH32] a stored document is opened in all these ways, and whoever comes back gets only what it missed', async () => {
  const options = {
    atOnce: 5,
    restarts: 1,
    missed: 20,
    missedLong: 40,
    returns: 2,
    storedAfterMs: 0,
    mergedEveryMs: 0,
  };
  const figures = await withContext('coscribe', (context) =>
    new ColdRun(context, writeLongText(SIZE, context.random), options).run(),
  );
  const { first, together, missed, missedLong, stateBytes, stopsThatHung } = figures;
  expect(stateBytes).toBeGreaterThan(80_000);
  expect([first.medianMs.length, together?.medianMs.length, stopsThatHung]).toEqual([1, 1, 0]);
  for (const ms of [...first.medianMs, ...first.cpuMs, ...(together?.maxMs ?? [])])
    expect(ms).toBeGreaterThan(0);
  expect(first.bytes[0]).toBeGreaterThanOrEqual(stateBytes);
  for (const { ms, cpuMs, bytes } of [missed, missedLong]) {
    expect(ms).toBeGreaterThan(0);
    expect(cpuMs).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(stateBytes / 10);
  }
  expect([missed.updates, missedLong.updates]).toEqual([20, 40]);
});
