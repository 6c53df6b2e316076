import { describe, expect, test } from '@jest/globals';
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
    expect(result.limit?.objective).toBe('p99<100ms');
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
    expect(result.limit).toMatchObject({ typists: 400, held: 400, broke: null });
  });

  test('[LOAD7] Ctrl-C ends it with what is known by then', async () => {
    const { result } = await play({
      line: LIMIT,
      scripts: [{}, {}],
      meanwhile: (seconds, interrupt) => {
        if (seconds === 30) interrupt();
      },
    });
    expect(result.outcome).toBe('interrupted');
    expect(result.limit?.held).toBeGreaterThan(10);
  });
});
