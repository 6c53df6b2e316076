import { Dice } from '../dice.js';
import { Crowd } from './crowd.js';
import type { Lasting, Scene } from './faults/fault.js';
import { type CrowdKind, faultOf, type Row } from './faults/table.js';
import { NodeLogs } from './node-logs.js';
import type { Stage } from './stage.js';
import { judge, type Verdict, WATCH_MS, WITHIN_MS } from './verdict.js';
import { until } from './waiting.js';

/** How long faults may last: `test` keeps them short. */
export type Reach = 'test' | 'soak';

export interface RunResult extends Verdict {
  readonly row: string;
  readonly fault: string;
  readonly seed: number;
  /** From the first edit to the verdict. */
  readonly tookMs: number;
}

const DOCUMENTS = 2;
/** The reconnect storm: so many clients in so many documents, who type slowly. */
const HUGE = { documents: 50, perDocument: 40, pace: { from: 500, to: 3_000 } };
/** Everybody has to have the document before anything goes wrong. */
const GATHERED_WITHIN_MS = 60_000;
const ACKS_WITHIN_MS = 15_000;

/** Faults on one stage, one after the other, with clients that stay from one to the next. */
export class FaultRunner {
  private readonly logs: NodeLogs;
  private crowd: Crowd | undefined;

  /** @param watchMs how long is waited for what should have come in time */
  constructor(
    private readonly stage: Stage,
    private readonly reach: Reach,
    private readonly kind: CrowdKind,
    private readonly watchMs = WATCH_MS,
  ) {
    this.logs = new NodeLogs(stage);
  }

  /** One fault under load, as the seed decides it, and the verdict. Never rejects: what goes wrong is in the verdict. */
  async run(row: Row, seed: number): Promise<RunResult> {
    const dice = new Dice(seed);
    const fault = faultOf(row, seed);
    const began = performance.now();
    const result = (verdict: Verdict): RunResult => ({
      row: row.name,
      fault: fault.name,
      seed,
      tookMs: performance.now() - began,
      ...verdict,
    });
    try {
      const crowd = await this.gather(dice);
      crowd.type();
      const before = crowd.acked;
      await until(() => crowd.acked > before + dice.between(5, 40), 'edits are confirmed', ACKS_WITHIN_MS);
      let healedAt: number | undefined;
      const scene: Scene = {
        stage: this.stage,
        crowd,
        dice,
        lasting: (range) => this.lasting(range, dice),
        healed: () => {
          healedAt = performance.now();
        },
      };
      await fault.run(scene);
      healedAt ??= performance.now();
      crowd.pause();
      const { stage, logs, watchMs } = this;
      const withinMs = (this.reach === 'test' ? row.inTestWithinMs : undefined) ?? WITHIN_MS;
      const expected = fault.complaints ?? [];
      return result(await judge({ stage, crowd, logs, healedAt, expected, watchMs, withinMs }));
    } catch (error) {
      const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.crowd?.pause();
      return result({ convergedMs: undefined, residentBytes: 0, acked: 0, problems: [problem] });
    }
  }

  async close(): Promise<void> {
    await this.crowd?.leave();
    this.crowd = undefined;
  }

  private async gather(dice: Dice): Promise<Crowd> {
    if (this.crowd !== undefined) return this.crowd;
    const { stage, kind } = this;
    const size = kind === 'huge' ? HUGE : { documents: DOCUMENTS };
    const crowd = await Crowd.gather({ stage, dice, ...size });
    this.crowd = crowd;
    await until(
      () => crowd.members.every(({ provider }) => provider.synced),
      'everybody is synced',
      GATHERED_WITHIN_MS,
    );
    return crowd;
  }

  /** Short ones are as likely as long ones: the logarithm is drawn evenly. */
  private lasting({ from, to, toInTest }: Lasting, dice: Dice): number {
    const least = Math.max(from, 1);
    const most = this.reach === 'test' ? toInTest : to;
    return Math.round(least * (most / least) ** dice.random());
  }
}
