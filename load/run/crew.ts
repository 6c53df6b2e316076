import type { Clock } from '../../shared/time.js';
import type {
  Checked,
  Command,
  DocumentTruth,
  Generator,
  Problem,
  Report,
  Sample,
  TypistTruth,
} from '../messages.js';
import type { GeneratorPlan } from '../plan.js';
import { dealTypists, typistsOf } from './deal.js';

/** Beyond the time that a generator is given for something, in milliseconds: it may be busy. */
const GRACE_MS = 15_000;
/** Problems that are told of one by one. */
const MAX_PROBLEMS = 200;

/** The generators are not all there any more, or nobody could get in: a sentence. */
export class CrewError extends Error {
  override readonly name = 'CrewError';
}

export interface CrewEvents {
  sample(process: number, sample: Sample): void;
  left(process: number): void;
}

/** Everything that was found at the end. */
export interface Findings {
  readonly problems: readonly Problem[];
  readonly checked: Checked;
}

/** A question to all generators, and who has still to answer. */
interface Question {
  readonly kind: Report['kind'];
  readonly answers: (Report | undefined)[];
  resolve(answers: readonly Report[]): void;
  reject(error: CrewError): void;
}

/** All generator processes of a run as one. */
export class Crew {
  /** Fulfils with a sentence when one of them is gone, or can't go on. */
  readonly lost: Promise<string>;
  private readonly typists: readonly number[];
  private question: Question | undefined;
  private lose: (reason: string) => void = () => {};
  private reason: string | undefined;
  private ending = false;

  constructor(
    private readonly generators: readonly Generator[],
    private readonly plans: readonly GeneratorPlan[],
    private readonly clock: Clock,
    private readonly events: CrewEvents,
  ) {
    this.typists = plans.map(typistsOf);
    this.lost = new Promise((resolve) => {
      this.lose = resolve;
    });
    for (const [process, generator] of generators.entries()) {
      generator.listen(
        (report) => this.take(process, report),
        (reason) => this.gone(process, reason),
      );
    }
  }

  /** Everybody comes. Fulfils when everybody is in. @throws CrewError if that is not possible, or takes longer */
  async begin(withinMs: number): Promise<void> {
    const arrived = this.ask('arrived', withinMs);
    for (const [process, plan] of this.plans.entries()) this.send(process, { kind: 'begin', plan });
    await arrived;
  }

  /** So many type from now on, in all. */
  setTypists(active: number): void {
    for (const [process, share] of dealTypists(active, this.typists).entries())
      this.send(process, { kind: 'typists', active: share });
  }

  /** Everybody tells at once what has happened until now. */
  sample(): void {
    for (const process of this.generators.keys()) this.send(process, { kind: 'sample' });
  }

  /**
   * Nobody types any more, and everybody gets what he lacks.
   *
   * @returns what all of them have written, document by document
   * @throws CrewError if a generator does not answer
   */
  async settle(timeoutMs: number): Promise<DocumentTruth[]> {
    const settled = this.ask('settled', timeoutMs + GRACE_MS);
    for (const process of this.generators.keys()) this.send(process, { kind: 'settle', timeoutMs });
    const truths = (await settled).flatMap((report) => (report.kind === 'settled' ? report.truth : []));
    return mergeTruths(truths);
  }

  /** Compares what everybody has with the truth. @throws CrewError if a generator does not answer */
  async check(truth: readonly DocumentTruth[], timeoutMs: number): Promise<Findings> {
    const checked = this.ask('checked', timeoutMs + GRACE_MS);
    for (const [process, { documents }] of this.plans.entries()) {
      const names = new Set(documents.map(({ name }) => name));
      const own = truth.filter(({ name }) => names.has(name));
      this.send(process, { kind: 'check', truth: own, timeoutMs });
    }
    return mergeFindings(await checked, truth.length);
  }

  /** Everybody goes. */
  end(): void {
    this.ending = true;
    for (const process of this.generators.keys()) this.send(process, { kind: 'end' });
  }

  /** Ends them at once. */
  kill(): void {
    this.ending = true;
    for (const generator of this.generators) generator.kill();
  }

  private send(process: number, command: Command): void {
    if (this.reason === undefined) this.generators[process]?.send(command);
  }

  private ask(kind: Report['kind'], withinMs: number): Promise<readonly Report[]> {
    return new Promise((resolve, reject) => {
      if (this.reason !== undefined) {
        reject(new CrewError(this.reason));
        return;
      }
      const timer = this.clock.schedule(withinMs, () =>
        this.fail(`A process that plays clients did not answer within ${Math.round(withinMs / 1000)} s.`),
      );
      const done = (): void => {
        this.clock.cancel(timer);
        this.question = undefined;
      };
      this.question = {
        kind,
        answers: this.generators.map(() => undefined),
        resolve: (answers) => {
          done();
          resolve(answers);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
    });
  }

  private take(process: number, report: Report): void {
    if (report.kind === 'sample') this.events.sample(process, report.sample);
    else if (report.kind === 'failed') this.fail(report.message);
    else if (this.question?.kind === report.kind) {
      const { answers } = this.question;
      answers[process] = report;
      const given = answers.filter((answer) => answer !== undefined);
      if (given.length === answers.length) this.question.resolve(given);
    }
  }

  private gone(process: number, reason: string): void {
    this.events.left(process);
    if (!this.ending) this.fail(`A process that plays clients has ended: ${reason}`);
  }

  private fail(reason: string): void {
    this.reason ??= reason;
    this.lose(reason);
    this.question?.reject(new CrewError(reason));
  }
}

function mergeTruths(truths: readonly DocumentTruth[]): DocumentTruth[] {
  const typists = new Map<string, TypistTruth[]>();
  for (const truth of truths) {
    const known = typists.get(truth.name);
    if (known === undefined) typists.set(truth.name, [...truth.typists]);
    else known.push(...truth.typists);
  }
  return [...typists].map(([name, of]) => ({ name, typists: of }));
}

function mergeFindings(reports: readonly Report[], documents: number): Findings {
  const found = reports.flatMap((report) => (report.kind === 'checked' ? [report] : []));
  const sum = (what: keyof Checked): number => found.reduce((all, { checked }) => all + checked[what], 0);
  return {
    problems: found.flatMap(({ problems }) => problems).slice(0, MAX_PROBLEMS),
    checked: {
      // One that several processes share is looked at by each of them.
      documents: Math.min(documents, sum('documents')),
      clients: sum('clients'),
      freshReads: sum('freshReads'),
      ackedEdits: sum('ackedEdits'),
      characters: sum('characters'),
    },
  };
}
