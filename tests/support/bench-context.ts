import type { RunContext } from '../../bench/scenarios/scenario.js';
import { seededRandom } from '../../tools/seeded-random.js';
import { withBench } from './server-under-test.js';

/** Runs a scenario's part against a server of the benchmark, shortly. */
export async function withContext<T>(
  name: string,
  run: (context: RunContext) => Promise<T>,
  measureMs = 500,
): Promise<T> {
  let result: { readonly of: T } | undefined;
  await withBench(name, async ({ server, process }) => {
    const choices = { typists: [], documents: [], warmUpMs: 200, measureMs, seed: 1 };
    result = { of: await run({ server, process, choices, random: seededRandom(1) }) };
  });
  if (result === undefined) throw new Error('the server did not run');
  return result.of;
}
