import { expect, test } from '@jest/globals';
import { SlowReaderRun } from '../../../bench/generator/slow-reader-run.js';
import { withContext } from '../../support/bench-context.js';

test('[BENCH35] others are measured before and during the pause, and the slow client has the text in the end', async () => {
  const options = {
    clients: 5,
    typists: 2,
    rate: 10,
    length: 500,
    warmUpMs: 100,
    calmMs: 400,
    pausedMs: 600,
  };
  const figures = await withContext('coscribe-memory', (context) =>
    new SlowReaderRun(context, options).run(),
  );
  expect(figures).toMatchObject({ missing: 0, drained: 'complete', othersText: null, stayed: true });
  expect(figures.closedAfterMs).toBeNull();
  expect(figures.recoveredMs).toBeGreaterThan(0);
  expect(figures.latencyCalmMs?.p99).toBeGreaterThan(0);
  expect(figures.latencyPausedMs?.p99).toBeGreaterThan(0);
  expect(figures.residentPeak).toBeGreaterThan(0);
});
