import { describe, expect, test } from '@jest/globals';
import { verdictLines } from '../../../load/view/verdict-view.js';
import { play } from '../../support/play-course.js';
import type { Script } from '../../support/scripted-generator.js';

describe('looking for the limit', () => {
  const LIMIT = '--docs 2 --clients 400 --arrive 1000/s --find p99<100ms --from 10 --level 8s';
  /** Both processes together hold `most` typists. */
  const holding = (most: number): Script => ({
    latencyMs: (active) =>
      2 * active < most ? 10 : 2 * active < 1.2 * most ? 200 : Number.POSITIVE_INFINITY,
  });

  test('[LOAD7] more and more type until the objective breaks, and then where it breaks', async () => {
    const { result } = await play({ line: LIMIT, scripts: [holding(150), holding(150)] });
    expect(result.steps.slice(0, 5).map(({ typists, held }) => [typists, held])).toEqual([
      [10, true],
      [20, true],
      [40, true],
      [80, true],
      [160, false],
    ]);
    expect(result.limit).toMatchObject({ objective: 'p99<100ms', complete: true });
    expect(result.limit?.typists).toBeGreaterThan(135);
    expect(result.limit?.typists).toBeLessThan(165);
    expect(result.outcome).toBe('passed');
  });

  test('[LOAD7] after a level that broke nobody types until what waits is through', async () => {
    const { generators } = await play({ line: LIMIT, scripts: [holding(60), holding(60)] });
    const levels = generators[0]?.commands.flatMap((command) =>
      command.kind === 'typists' ? [command.active] : [],
    );
    expect(levels?.slice(0, 7)).toEqual([5, 5, 10, 20, 40, 0, expect.any(Number)]);
  });

  test('[LOAD7] says so when all of them are too few', async () => {
    const { result } = await play({ line: LIMIT, scripts: [{}, {}] });
    expect(result.limit).toMatchObject({ complete: true, typists: 400, held: 400, broke: null });
  });

  /** Interrupted after so many seconds, where the limit is at so many typists. */
  const interruptedAfter = async (at: number, most: number) => {
    const { result } = await play({
      line: LIMIT,
      scripts: [holding(most), holding(most)],
      meanwhile: (seconds, interrupt) => {
        if (seconds === at) interrupt();
      },
    });
    expect(result.outcome).toBe('interrupted');
    const line = verdictLines(result).find((one) => one.startsWith('limit'));
    return { limit: result.limit, line, steps: result.steps };
  };

  test('[LOAD23] Ctrl-C while it climbs: no limit is claimed, but what held so far', async () => {
    const { limit, line } = await interruptedAfter(30, 1_000);
    expect(limit).toMatchObject({ complete: false, broke: null });
    expect(limit?.held).toBeGreaterThan(10);
    expect(line).toBe(`limit     p99<100ms not found: interrupted; held with ${limit?.held} typists so far`);
  });

  test('[LOAD23] Ctrl-C while it closes in: no limit is claimed, but what held and broke so far', async () => {
    const { limit, line } = await interruptedAfter(60, 60);
    expect(limit?.complete).toBe(false);
    expect(line).toMatch(
      /^limit {5}p99<100ms not found: interrupted; held with \d+ typists, broke with \d+ typists so far$/,
    );
  });

  test('[LOAD23] Ctrl-C in the first level: nothing at all is known of the limit', async () => {
    const { limit, line, steps } = await interruptedAfter(5, 60);
    expect(steps).toEqual([]);
    expect(limit).toBeUndefined();
    expect(line).toBe('limit     p99<100ms not found: interrupted before one level was measured');
  });
});
