import type { Clock, Timer } from '../../shared/time.js';
import type { Sample } from '../messages.js';
import type { NodeWatch } from '../nodes/node-watch.js';
import type { LoadOptions } from '../options/options.js';
import type { Target } from '../plan.js';
import type { FaultRecord, PhaseName, Second, Step } from '../result.js';
import type { WatchedNode } from '../servers.js';
import { PHASES, plainLine, type RunState, viewLines } from '../view/run-view.js';
import { type Output, Screen } from '../view/screen.js';
import { count, span } from '../view/words.js';
import type { CourseEvents } from './course-types.js';
import type { GeneratorWatch } from './generator-watch.js';
import type { Recorder } from './recorder.js';

const REDRAW_MS = 250;
/** Where nobody watches, a line is enough so often. */
const LINE_EVERY_MS = 5_000;
/** Seconds that the little curves go back. */
const KEPT_SECONDS = 120;

/** What the view shows besides what the course tells. */
export interface ViewSources {
  readonly targets: readonly Target[];
  readonly watched: readonly WatchedNode[];
  readonly watch: Pick<NodeWatch, 'latest'>;
  readonly generators: Pick<GeneratorWatch, 'latest' | 'take'>;
  readonly acknowledges: boolean;
  faults(): readonly FaultRecord[];
}

/** Tells people how a run goes: a picture that changes on a terminal, a line now and then elsewhere. */
export class LiveView implements CourseEvents {
  private readonly screen: Screen | undefined;
  private sources: ViewSources | undefined;
  private timer: Timer | undefined;
  private phaseName: PhaseName = 'arrive';
  private phaseSince = 0;
  private phaseOf: number | undefined;
  private readonly seconds: Second[] = [];
  private sofar: Pick<Recorder, 'errors' | 'goodbyes'> = { errors: {}, goodbyes: 0 };
  private levelNow = 0;
  private readonly steps: Step[] = [];

  /** @param output `undefined`: nothing is shown */
  constructor(
    private readonly options: LoadOptions,
    private readonly output: Output | undefined,
    private readonly clock: Clock,
  ) {
    this.screen = output === undefined ? undefined : new Screen(output);
  }

  /** A line that stays. */
  say(line: string): void {
    this.screen?.say(line);
  }

  begin(sources: ViewSources): void {
    this.sources = sources;
    this.say(titleOf(this.options, sources));
  }

  /** Takes the picture away. */
  end(): void {
    if (this.timer !== undefined) this.clock.cancel(this.timer);
    this.timer = undefined;
    this.screen?.wipe();
  }

  phase(name: PhaseName, forMs?: number): void {
    this.phaseName = name;
    this.phaseSince = this.clock.monotonic();
    this.phaseOf = forMs;
    if (this.output === undefined) return;
    if (!this.output.isTTY) this.say(this.plain());
    if (this.timer === undefined) this.tick();
  }

  sample(process: number, sample: Sample): void {
    this.sources?.generators.take(process, sample);
  }

  second(second: Second, sofar: Pick<Recorder, 'errors' | 'goodbyes'>): void {
    this.sofar = sofar;
    this.seconds.push(second);
    if (this.seconds.length > KEPT_SECONDS) this.seconds.shift();
  }

  level(typists: number): void {
    this.levelNow = typists;
  }

  step(step: Step): void {
    this.steps.push(step);
  }

  private tick(): void {
    const { output } = this;
    if (output === undefined) return;
    this.timer = this.clock.schedule(output.isTTY ? REDRAW_MS : LINE_EVERY_MS, () => this.show());
  }

  private show(): void {
    const { output } = this;
    const state = this.state();
    if (output?.isTTY) this.screen?.draw(viewLines(state, output.columns));
    else this.say(plainLine(state));
    this.tick();
  }

  /** `measuring, 1:00` */
  private plain(): string {
    const { phaseName, phaseOf } = this;
    if (phaseOf === undefined || phaseOf < 1_000) return PHASES[phaseName];
    const isBound = phaseName === 'settle' || phaseName === 'check';
    return `${PHASES[phaseName]}, ${isBound ? 'at most ' : ''}${span(phaseOf / 1000)}`;
  }

  private state(): RunState {
    const { options, sources } = this;
    const samples = sources?.watch.latest() ?? [];
    return {
      phase: this.phaseName,
      phaseSeconds: (this.clock.monotonic() - this.phaseSince) / 1000,
      phaseOf: this.phaseOf === undefined ? undefined : this.phaseOf / 1000,
      clients: options.clients,
      seconds: this.seconds,
      acknowledges: sources?.acknowledges ?? true,
      nodes: (sources?.watched ?? []).map(({ name }, at) => ({ name, sample: samples[at] })),
      faults: sources?.faults() ?? [],
      ...(options.find === undefined || this.phaseName !== 'measure'
        ? {}
        : { search: { objective: options.find.objective, level: this.levelNow, steps: this.steps } }),
      generator: sources?.generators.latest(),
      errors: this.sofar.errors,
      goodbyes: this.sofar.goodbyes,
    };
  }
}

/** Who drives what: `600 clients (300 type) in 100 documents at http://… and 2 more, seed 42`. */
export function titleOf(
  { clients, typists, docs, protocol, seed }: LoadOptions,
  { targets }: ViewSources,
): string {
  const first = targets[0]?.url ?? '';
  const more = targets.length > 1 ? ` and ${targets.length - 1} more` : '';
  const people = `${count(clients, 'client')} (${typists} type) in ${count(docs, 'document')}`;
  return `${people} at ${first}${more}, protocol ${protocol}, seed ${seed}`;
}
