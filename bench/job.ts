import type { Cores } from './os/meter.js';
import type { Choices, Outcome } from './scenarios/scenario.js';

/** One case against one server: what `bench/run.ts` is told, as JSON, in its only argument. */
export interface Job {
  readonly scenario: string;
  /** Place of the case among the scenario's cases. */
  readonly caseIndex: number;
  readonly server: string;
  readonly choices: Choices;
  /** The project's root. */
  readonly root: string;
  /** An empty folder of the run's own. */
  readonly dataDir: string;
  readonly cores: Cores;
}

/** What it answers, as JSON, through the channel to its parent. */
export type JobResult = { readonly outcome: Outcome } | { readonly failed: string };

/** A row of the report. */
export interface Row {
  readonly scenario: string;
  readonly case: string;
  readonly server: string;
  readonly label: string;
  readonly outcome?: Outcome;
  /** Why there is no outcome. */
  readonly failed?: string;
}
