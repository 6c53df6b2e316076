import type { LoadResult } from '../../load/result.js';
import { runCourse } from '../../load/run/course.js';
import type { CourseOptions, CourseResult } from '../../load/run/course-types.js';
import { dealPlans } from '../../load/run/deal.js';
import { GeneratorWatch } from '../../load/run/generator-watch.js';
import { makeResult } from '../../load/run/make-result.js';
import { loadOptions } from './load-options.js';
import { ManualClock, settle } from './manual-clock.js';
import { type Script, ScriptedGenerator } from './scripted-generator.js';

const LINE = '--docs 2 --clients 8 --processes 2 --warm-up 2s --arrive 8/s --lost-after 5s';
const DURATION = '--duration 10s';

export interface Play {
  readonly line?: string;
  readonly scripts: readonly Script[];
  readonly acknowledges?: boolean;
  /** Called after each quarter of a second. */
  readonly meanwhile?: (seconds: number, interrupt: () => void) => void;
  readonly startFaults?: CourseOptions['startFaults'];
}

export interface Played {
  readonly course: CourseResult;
  readonly result: LoadResult;
  readonly generators: readonly ScriptedGenerator[];
  readonly seconds: number;
}

/** Lets time pass until the run is over. @throws what the run throws */
export async function play({
  line = '',
  scripts,
  acknowledges = true,
  meanwhile,
  startFaults,
}: Play): Promise<Played> {
  const clock = new ManualClock();
  const options = loadOptions(`${LINE} ${line.includes('--find') ? '' : DURATION} ${line}`);
  const plans = dealPlans(options, [{ url: 'http://a' }], 'run');
  const generators = scripts.map((script) => new ScriptedGenerator(clock, script));
  const watch = new GeneratorWatch(scripts.length, clock.wall(), clock);
  const stop = new AbortController();
  let over = false;
  const running = runCourse({
    options,
    generators,
    plans,
    acknowledges,
    clock,
    signal: stop.signal,
    ...(startFaults === undefined ? {} : { startFaults }),
    events: {
      sample: (process, sample) => watch.take(process, sample),
      phase: () => {},
      second: () => {},
      level: () => {},
      step: () => {},
    },
  }).finally(() => {
    over = true;
    watch.stop();
  });
  running.catch(() => {});
  for (let quarters = 1; !over && quarters < 4 * 3_600; quarters++) {
    clock.advance(250);
    await settle();
    if (!over) meanwhile?.(quarters / 4, () => stop.abort());
  }
  const course = await running;
  const result = makeResult({
    options,
    targets: ['http://a'],
    acknowledges,
    course,
    startedAt: new Date(0),
    seconds: clock.monotonic() / 1000,
    remarks: [],
    faults: [],
    nodes: [],
    generators: watch.series(),
  });
  return { course, result, generators, seconds: clock.monotonic() / 1000 };
}
