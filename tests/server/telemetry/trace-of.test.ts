import { expect, test } from '@jest/globals';
import { EditChoice, traceOf } from '../../../server/telemetry/trace-of.js';
import { between, forSeeds } from '../../support/seeds.js';

test('[TRACE2] a trace is named by generation and number, so that all nodes know it', () => {
  const ids = traceOf('one', 7);
  expect(ids).toEqual(traceOf('one', 7));
  expect(ids.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(ids.rootId).toMatch(/^[0-9a-f]{16}$/);
  const others = [traceOf('one', 8), traceOf('two', 7)];
  for (const other of others) {
    expect(other.traceId).not.toBe(ids.traceId);
    expect(other.rootId).not.toBe(ids.rootId);
  }
});

test('[TRACE2] every node chooses the same edits, and as many as it is told', () => {
  forSeeds(10, 'tests/server/telemetry/trace-of.test.ts', (random) => {
    const share = random();
    const here = new EditChoice(share);
    const there = new EditChoice(share);
    const generation = `generation ${random()}`;
    const first = between(random, 1, 1_000_000);
    let chosen = 0;
    for (let seq = first; seq < first + 10_000; seq++) {
      const isChosen = here.has(generation, seq);
      expect(there.has(generation, seq)).toBe(isChosen);
      // Nodes have other documents in between.
      if (seq % 97 === 0) there.has('another', seq);
      if (isChosen) chosen++;
    }
    // Ten standard deviations of as many throws at most.
    expect(Math.abs(chosen / 10_000 - share)).toBeLessThan(0.05);
  });
});

test('[TRACE2] all edits are chosen where all are wanted', () => {
  const all = new EditChoice(1);
  for (let seq = 1; seq <= 1_000; seq++) expect(all.has('generation', seq)).toBe(true);
});
