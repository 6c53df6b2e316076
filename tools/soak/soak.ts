import type { CrowdKind, Row } from './faults/table.js';
import type { SoakOptions } from './options.js';
import { FaultRunner, type RunResult } from './run-fault.js';
import { Stage } from './stage.js';

export interface SoakStep {
  readonly result: RunResult;
  /** What all processes wrote, if something was wrong. */
  readonly output: string | undefined;
}

/** Clients and processes are renewed after so many runs. */
const RUNS_PER_STAGE = 50;

/**
 * Runs faults until the plan is done, the time is up, or it is told to stop: then at once, for a Ctrl-C in the terminal
 * reaches all processes. After a failure all processes are new.
 */
export async function* soak(options: SoakOptions, signal: AbortSignal): AsyncGenerator<SoakStep> {
  let { seed } = options;
  let company: Company | undefined;
  let runs = 0;
  const stopped = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  try {
    for (const row of schedule(options)) {
      if (signal.aborted) return;
      if (company !== undefined && (runs % RUNS_PER_STAGE === 0 || company.kind !== row.crowd)) {
        await company.close();
        company = undefined;
      }
      company ??= await Company.open(options, row.crowd);
      runs++;
      const result = await Promise.race([company.runner.run(row, seed++), stopped]);
      if (result === undefined) return;
      const failed = result.problems.length > 0;
      yield { result, output: failed ? company.stage.output() : undefined };
      if (!failed) continue;
      await company.close();
      company = undefined;
    }
  } finally {
    await company?.close();
  }
}

export type CompanyOptions = Pick<SoakOptions, 'nodes' | 'redisCluster' | 'quick'>;

/** A stage, and the clients on it. */
export class Company {
  private constructor(
    readonly kind: CrowdKind,
    readonly stage: Stage,
    readonly runner: FaultRunner,
  ) {}

  /** @throws Error if something does not start; then nothing runs on */
  static async open({ nodes, redisCluster, quick }: CompanyOptions, kind: CrowdKind): Promise<Company> {
    const stage = await Stage.open({ nodes, redisCluster, directStore: kind === 'huge' });
    return new Company(kind, stage, new FaultRunner(stage, quick ? 'test' : 'soak', kind));
  }

  async close(): Promise<void> {
    await this.runner.close();
    await this.stage.close();
  }
}

/** Which row comes next: row by row, or all in turn until the time is up. */
function* schedule({ plan, minutes }: SoakOptions): Iterable<Row> {
  if (minutes === undefined) {
    for (const { row, times } of plan) for (let run = 0; run < times; run++) yield row;
    return;
  }
  const end = performance.now() + minutes * 60_000;
  for (;;) {
    for (const { row } of plan) {
      if (performance.now() > end) return;
      yield row;
    }
  }
}
