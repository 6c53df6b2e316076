import { createGenerator } from '../../load/generator/create-generator.js';
import type { Command, DocumentTruth, Generator, Report, Sample } from '../../load/messages.js';
import type { GeneratorPlan, PlannedDocument } from '../../load/plan.js';
import { PATIENCE_MS } from './patience.js';

export type ReportOf<K extends Report['kind']> = Extract<Report, { kind: K }>;

let runs = 0;

/** Documents that nobody has seen before, each with these clients, the first of whom type. */
export function freshDocuments(count: number, clients: number, typists: number): PlannedDocument[] {
  const run = `${process.pid}-${++runs}`;
  return Array.from({ length: count }, (_, index) => ({
    name: `load/run-${run}-${index}`,
    clientsInAll: clients,
    clients: [...Array(clients).keys()],
    typists,
  }));
}

/** Quick people, so that tests are short. */
export function planFor(urls: readonly string[], given: Partial<GeneratorPlan> = {}): GeneratorPlan {
  return {
    protocol: 'coscribe',
    targets: urls.map((url) => ({ url })),
    seed: 1,
    documents: freshDocuments(2, 4, 2),
    typing: { model: 'keys', charactersPerSecond: 40, thinkMs: 0, maxCharacters: 300 },
    arrivalsPerSecond: 1_000,
    churnPerSecond: 0,
    offline: { perMinute: 0, forMs: 0 },
    presencePerSecond: 0,
    ...given,
  };
}

/** A generator and what it reports. */
export class LoadRun {
  readonly samples: Sample[] = [];
  ended: string | undefined;
  private readonly reports: Report[] = [];
  private wake: () => void = () => {};

  constructor(readonly generator: Generator = createGenerator()) {
    generator.listen(
      (report) => {
        if (report.kind === 'sample') this.samples.push(report.sample);
        else this.reports.push(report);
        this.wake();
      },
      (reason) => {
        this.ended = reason;
        this.wake();
      },
    );
  }

  /** What was counted so far. */
  total(name: 'typed' | 'acked' | 'delivered' | 'joins' | 'reconnects'): number {
    return this.samples.reduce((sum, sample) => sum + sample[name], 0);
  }

  /** Sends a command, and waits for its answer. @throws Error with the sentence if the generator fails */
  async ask<K extends Report['kind']>(command: Command, answer: K): Promise<ReportOf<K>> {
    this.generator.send(command);
    for (;;) {
      const report = this.reports.shift();
      if (report?.kind === answer) return report as ReportOf<K>;
      if (report?.kind === 'failed') throw new Error(report.message);
      if (this.ended !== undefined) throw new Error(`the generator has ended: ${this.ended}`);
      if (report === undefined) await this.change();
    }
  }

  begin(plan: GeneratorPlan): Promise<ReportOf<'arrived'>> {
    return this.ask({ kind: 'begin', plan }, 'arrived');
  }

  async settle(timeoutMs = PATIENCE_MS): Promise<readonly DocumentTruth[]> {
    return (await this.ask({ kind: 'settle', timeoutMs }, 'settled')).truth;
  }

  /** What is wrong, with the truth of this generator alone unless more is given. */
  check(truth: readonly DocumentTruth[], timeoutMs = PATIENCE_MS): Promise<ReportOf<'checked'>> {
    return this.ask({ kind: 'check', truth, timeoutMs }, 'checked');
  }

  /** Waits until the samples hold so. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.ended !== undefined) throw new Error(`the generator has ended: ${this.ended}`);
      await this.change();
    }
  }

  async end(): Promise<void> {
    this.generator.send({ kind: 'end' });
    while (this.ended === undefined) await this.change();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}

/** Runs a test with a generator that is ended in the end. */
export async function withLoad(run: (load: LoadRun) => Promise<void>, generator?: Generator): Promise<void> {
  const load = new LoadRun(generator);
  try {
    await run(load);
  } finally {
    await load.end();
  }
}
