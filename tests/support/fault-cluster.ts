import { randomInt } from 'node:crypto';
import { rowOf } from '../../tools/soak/faults/table.js';
import { lineOf } from '../../tools/soak/report.js';
import { Company } from '../../tools/soak/soak.js';

/** For a test with several faults; the longest ones take half a minute each, and one that fails is watched for a minute. */
export const FAULTS_TIMEOUT_MS = 300_000;
/** Of what the processes wrote, for messages. */
const OUTPUT_CHARACTERS = 20_000;

export interface FaultClusterOptions {
  readonly nodes: number;
  readonly redisCluster?: boolean;
}

/** A cluster of processes to which the faults of a test file happen, one after the other. */
export class FaultCluster {
  private company: Company | undefined;
  private seed = Number(process.env.SEED ?? randomInt(2 ** 31));

  constructor(private readonly options: FaultClusterOptions) {}

  /**
   * Runs faults of one row of the table, as often as the table says unless told otherwise.
   *
   * @throws Error that says what was wrong, and how to have it happen again
   */
  async run(name: string, times?: number): Promise<void> {
    const { nodes, redisCluster = false } = this.options;
    const row = rowOf(name);
    for (let run = 0; run < (times ?? row.inTest); run++) {
      if (this.company?.kind !== row.crowd) await this.close();
      this.company ??= await Company.open({ nodes, redisCluster, quick: true }, row.crowd);
      const result = await this.company.runner.run(row, this.seed++);
      if (result.problems.length === 0) continue;
      const output = this.company.stage.output().slice(-OUTPUT_CHARACTERS);
      // The next row begins with other processes.
      await this.close();
      const more = redisCluster ? ' --redis-cluster' : '';
      const again = `npm run soak -- --quick --nodes ${nodes}${more} --faults ${row.name}=1 --seed ${result.seed}`;
      throw new Error(`${lineOf(result)}\nAgain with: ${again}\n\n${output}`);
    }
  }

  async close(): Promise<void> {
    await this.company?.close();
    this.company = undefined;
  }
}
