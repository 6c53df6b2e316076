import { watchMachine } from '../nodes/machine-usage.js';
import { readObjective } from '../options/objective.js';
import type { PhaseName, PhaseRecord, Second, Step } from '../result.js';
import { CouldNotBegin, type CourseOptions, type CourseResult, type Ending } from './course-types.js';
import { Crew, CrewError, type Findings } from './crew.js';
import { findLimit } from './find-limit.js';
import { hinted } from './hints.js';
import { aborted, pause } from './pauses.js';
import { Recorder } from './recorder.js';
import type { Limit } from './search.js';
import { Watchman } from './watchman.js';

/** How long the end may take that somebody asked for with Ctrl-C, in milliseconds for each of its two parts. */
const HURRY_MS = 10_000;
/** How long the last ones may take to come, in milliseconds: generators give up earlier, and say why. */
const ARRIVE_WITHIN_MS = 120_000;

/**
 * One run: everybody comes, warms up, types for the time that is measured (or until the limit is found), everything that
 * is under way arrives, and all of it is compared.
 *
 *     arrive ─> warm-up ─> measure ─> settle ─> check ─> result
 *        │         │          │ Ctrl-C   ▲
 *        │         └──────────┴──────────┘            servers or generators gone for good: result without a verdict
 *        └ nobody gets in: CouldNotBegin            (or everybody is refused for good)
 *
 * @throws CouldNotBegin if nobody gets in, or everybody is refused for good before anything is measured
 */
export function runCourse(options: CourseOptions): Promise<CourseResult> {
  return new Course(options).run();
}

class Course {
  private readonly crew: Crew;
  private readonly recorder: Recorder;
  private readonly beganAt: number;
  /** Aborted when it does not go on as planned. */
  private readonly stop = new AbortController();
  private ending: Ending | undefined;
  private readonly phases: PhaseRecord[] = [];
  private readonly steps: Step[] = [];
  private readonly notes: string[] = [];
  private last: Second | undefined;
  /** Who has not come yet has nothing that could be compared. */
  private haveCome = false;

  constructor(private readonly course: CourseOptions) {
    const { generators, plans, clock, acknowledges, options } = course;
    this.beganAt = clock.wall();
    const watchman = new Watchman(options.clients, options.lostAfterMs / 1000);
    this.recorder = new Recorder(generators.length, this.beganAt, acknowledges, clock, (second) => {
      this.last = second;
      const gone = watchman.see(second);
      if (gone !== undefined) this.endWith('target-lost', gone);
      course.events.second(second, this.recorder);
    });
    this.crew = new Crew(generators, plans, clock, {
      sample: (process, sample) => {
        this.recorder.take(process, sample);
        const refused = watchman.hear(process, sample);
        if (refused !== undefined) this.endWith('failed', hinted(refused, options));
        course.events.sample(process, sample);
      },
      left: (process) => this.recorder.left(process),
    });
    void this.crew.lost.then((reason) => this.endWith('target-lost', reason));
  }

  async run(): Promise<CourseResult> {
    const { signal } = this.course;
    const interrupt = (): void => this.endWith('interrupted', 'It was ended before its time.');
    signal.addEventListener('abort', interrupt);
    if (signal.aborted) interrupt();
    try {
      return await this.play();
    } finally {
      signal.removeEventListener('abort', interrupt);
      this.crew.end();
    }
  }

  private async play(): Promise<CourseResult> {
    const { options } = this.course;
    await this.phase('arrive', this.arrivalMs, () => this.arrive());
    await this.phase('warm-up', options.warmUpMs, () => this.pause(options.warmUpMs));
    if (this.ending?.outcome === 'failed') throw new CouldNotBegin(this.ending.reason);
    // So that what came before does not count, and what comes afterwards does.
    this.crew.sample();
    const total = this.recorder.open();
    const busy = watchMachine();
    const limit = await this.phase('measure', this.measureMs, () => this.measure());
    const machineBusy = busy();
    total.end(this.course.clock.wall());
    const findings = await this.compare();
    this.recorder.timeline.end();
    return {
      ...(this.ending === undefined ? {} : { ending: this.ending }),
      findings,
      total,
      recorder: this.recorder,
      phases: this.phases,
      steps: this.steps,
      limit,
      machineBusy,
      notes: this.notes,
    };
  }

  private get arrivalMs(): number {
    const { clients, arrivalsPerSecond } = this.course.options;
    return (1000 * clients) / arrivalsPerSecond;
  }

  private get measureMs(): number | undefined {
    const { find, durationMs } = this.course.options;
    return find === undefined ? durationMs : undefined;
  }

  private async arrive(): Promise<void> {
    const { options } = this.course;
    const begun = this.crew.begin(this.arrivalMs + ARRIVE_WITHIN_MS).then(
      () => {
        this.haveCome = true;
      },
      // `crew.lost` tells why.
      () => {},
    );
    if (options.find !== undefined) this.crew.setTypists(options.find.from);
    await Promise.race([begun, aborted(this.stop.signal)]);
    if (this.haveCome || this.ending?.outcome === 'interrupted') return;
    if (this.ending?.outcome === 'failed') throw new CouldNotBegin(this.ending.reason);
    throw new CouldNotBegin(hinted(await this.whyNot(), options));
  }

  /** Why nobody came: in the generators' words, or because nobody was seen. */
  private whyNot(): Promise<string> {
    const seen = this.ending === undefined ? [] : [Promise.resolve(this.ending.reason)];
    return Promise.race([this.crew.lost, ...seen]);
  }

  private async measure(): Promise<Limit | undefined> {
    const faults = this.ending === undefined ? this.course.startFaults?.() : undefined;
    const limit = await this.load();
    try {
      await faults?.stop();
    } catch (error) {
      this.notes.push(messageOf(error));
    }
    return limit;
  }

  private async load(): Promise<Limit | undefined> {
    const { options, clock, events } = this.course;
    const { find } = options;
    if (find === undefined) {
      await this.pause(options.durationMs);
      return undefined;
    }
    return await findLimit({
      find,
      objective: readObjective('--find', find.objective),
      typists: options.typists,
      clock,
      signal: this.stop.signal,
      setTypists: (active) => this.crew.setTypists(active),
      open: () => this.recorder.open(),
      close: (window) => this.recorder.close(window),
      waiting: () => ({ unacked: this.recorder.unacked, delivered: this.last?.delivered ?? 0 }),
      onLevel: (typists, number) => events.level(typists, number),
      onStep: (step) => {
        this.steps.push(step);
        events.step(step);
      },
    });
  }

  /** @returns `undefined` if there is nobody to ask, or nobody who answers */
  private async compare(): Promise<Findings | undefined> {
    const isOver = this.ending !== undefined && this.ending.outcome !== 'interrupted';
    if (isOver || !this.haveCome) return undefined;
    const { settleTimeoutMs } = this.course.options;
    const timeout = (): number => (this.ending === undefined ? settleTimeoutMs : HURRY_MS);
    try {
      const truth = await this.phase('settle', timeout(), () => this.crew.settle(timeout()));
      return await this.phase('check', timeout(), () => this.crew.check(truth, timeout()));
    } catch (error) {
      if (error instanceof CrewError) return undefined;
      throw error;
    }
  }

  private async phase<T>(name: PhaseName, forMs: number | undefined, play: () => Promise<T>): Promise<T> {
    const from = this.seconds();
    this.course.events.phase(name, forMs);
    try {
      return await play();
    } finally {
      this.phases.push({ name, from, until: this.seconds() });
    }
  }

  private seconds(): number {
    return Math.round((this.course.clock.wall() - this.beganAt) / 100) / 10;
  }

  /** Until the time is up, or it does not go on. */
  private pause(ms: number): Promise<void> {
    return pause(this.course.clock, ms, this.stop.signal);
  }

  private endWith(outcome: Ending['outcome'], reason: string): void {
    this.ending ??= { outcome, reason };
    this.stop.abort();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
