import { randomInt } from 'node:crypto';
import { afterAll, test } from '@jest/globals';
import { type Row, rowOf } from '../../tools/soak/faults/table.js';
import { lineOf } from '../../tools/soak/report.js';
import { Company } from '../../tools/soak/soak.js';

const RUN_TIMEOUT_MS = 150_000;
/** Of what the processes wrote, for messages. */
const OUTPUT_CHARACTERS = 20_000;

export interface FaultTests {
  readonly nodes: number;
  readonly redisCluster?: boolean;
}

/** Rows of the table of faults as tests: how often the table says, one after the other, in one cluster. */
export function faultTests(
  options: FaultTests,
  rows: readonly (readonly [name: string, row: string, times?: number])[],
): void {
  let company: Company | undefined;
  let seed = Number(process.env.SEED ?? randomInt(2 ** 31));

  const close = async (): Promise<void> => {
    await company?.close();
    company = undefined;
  };
  afterAll(close, RUN_TIMEOUT_MS);

  for (const [name, rowName, times] of rows) {
    const row = rowOf(rowName);
    const runs = times ?? row.inTest;
    test(`${name}, ${runs} ${runs === 1 ? 'time' : 'times'}`, () => runAll(row, runs), runs * RUN_TIMEOUT_MS);
  }

  async function runAll(row: Row, runs: number): Promise<void> {
    const { nodes, redisCluster = false } = options;
    for (let run = 0; run < runs; run++) {
      if (company?.kind !== row.crowd) await close();
      company ??= await Company.open({ nodes, redisCluster, quick: true }, row.crowd);
      const result = await company.runner.run(row, seed++);
      if (result.problems.length === 0) continue;
      const output = company.stage.output().slice(-OUTPUT_CHARACTERS);
      // The next row begins with other processes.
      await close();
      const more = redisCluster ? ' --redis-cluster' : '';
      const again = `npm run soak -- --quick --nodes ${nodes}${more} --faults ${row.name}=1 --seed ${result.seed}`;
      throw new Error(`${lineOf(result)}\nAgain with: ${again}\n\n${output}`);
    }
  }
}
