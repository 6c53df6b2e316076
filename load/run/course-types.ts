import type { Clock } from '../../shared/time.js';
import type { Faults } from '../faults/faults.js';
import type { Generator, Sample } from '../messages.js';
import type { LoadOptions } from '../options/options.js';
import type { GeneratorPlan } from '../plan.js';
import type { PhaseName, PhaseRecord, Second, Step } from '../result.js';
import type { Findings } from './crew.js';
import type { Recorder } from './recorder.js';
import type { Limit } from './search.js';
import type { Window } from './window.js';

export interface CourseOptions {
  readonly options: LoadOptions;
  readonly generators: readonly Generator[];
  readonly plans: readonly GeneratorPlan[];
  /** Whether the servers say when an edit is safe. */
  readonly acknowledges: boolean;
  readonly clock: Clock;
  /** Aborted when somebody wants it to end, with what is known by then. */
  readonly signal: AbortSignal;
  /** Lets things go wrong from now on. */
  startFaults?(): Faults;
  readonly events: CourseEvents;
}

export interface CourseEvents {
  /** What a process that plays clients tells, about once a second. */
  sample(process: number, sample: Sample): void;
  /** @param forMs how long it takes, if that is known */
  phase(name: PhaseName, forMs?: number): void;
  /** @param sofar what of the recorder adds up over the run: errors by code, and goodbyes */
  second(second: Second, sofar: Pick<Recorder, 'errors' | 'goodbyes'>): void;
  level(typists: number, number: number): void;
  step(step: Step): void;
}

/** What a run has found out. */
export interface CourseResult {
  /** Absent: it went to its end. */
  readonly ending?: Ending;
  /** What was found when everything was compared; `undefined` if that was not possible. */
  readonly findings: Findings | undefined;
  readonly total: Window;
  readonly recorder: Recorder;
  readonly phases: readonly PhaseRecord[];
  readonly steps: readonly Step[];
  readonly limit: Limit | undefined;
  /** Share of all cores of this machine, 0 to 1, that was busy while it was measured, whoever used them. */
  readonly machineBusy: number;
  /** Sentences about what did not go as planned. */
  readonly notes: readonly string[];
}

export interface Ending {
  /** `failed`: everybody was refused for good. */
  readonly outcome: 'interrupted' | 'target-lost' | 'failed';
  readonly reason: string;
}

/** It could not even begin: a sentence that says what to do. */
export class CouldNotBegin extends Error {
  override readonly name = 'CouldNotBegin';
}
