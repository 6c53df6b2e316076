/**
 * An event of a Chromium trace, as far as it is used here; times in microseconds. `tdur` is the processor time of the
 * thread, `dur` what the clock says: on a machine that others use too, a good deal more.
 */
export interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string; readonly data?: { readonly functionName?: string } };
}

/** What is asked of Chromium. */
export const CATEGORIES: readonly string[] = [
  'toplevel',
  'v8',
  'v8.execute',
  'devtools.timeline',
  'blink.user_timing',
  'disabled-by-default-devtools.timeline',
  'disabled-by-default-devtools.timeline.frame',
];

export type Kind = 'script' | 'style and layout' | 'paint' | 'other';

export interface Task {
  /** Processor time. */
  readonly ms: number;
  /** By the clock. */
  readonly wallMs: number;
  /** What took most of it: names of events and the milliseconds that each took by itself, longest first. */
  readonly parts: readonly (readonly [name: string, ms: number])[];
}

/** What the main thread of a page did. */
export interface MainThread {
  /** Length of the trace. */
  readonly wallMs: number;
  /** Processor time of all tasks. */
  readonly busyMs: number;
  readonly busyWallMs: number;
  readonly tasks: readonly Task[];
  readonly kinds: Readonly<Record<Kind, number>>;
  /** How often the style and the layout were computed. */
  readonly layouts: number;
  /** Frames that the page's compositor put on the screen, and those for which it was late. */
  readonly framesDrawn: number;
  readonly framesDropped: number;
}

/** The thread that ran most of the tasks of all pages is the one of the page that was watched. */
export function readTrace(events: readonly TraceEvent[]): MainThread {
  const mains = events.filter(
    ({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  const threads = mains.map(({ pid, tid }) =>
    events.filter((event) => event.pid === pid && event.tid === tid && event.ph === 'X'),
  );
  const own = threads.sort((a, b) => totalOf(b) - totalOf(a))[0] ?? [];
  const sorted = own.toSorted((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  const kinds: Record<Kind, number> = { script: 0, 'style and layout': 0, paint: 0, other: 0 };
  const tasks: Task[] = [];
  for (const task of splitTasks(sorted)) {
    const selfTimes = selfTimesOf(task);
    for (const [name, ms] of selfTimes) kinds[kindOf(name)] += ms;
    const parts = [...selfTimes].sort(([, a], [, b]) => b - a).slice(0, 6);
    const { dur = 0, tdur = dur } = task[0] ?? {};
    tasks.push({ ms: tdur / 1000, wallMs: dur / 1000, parts });
  }
  const times = sorted.map(({ ts }) => ts);
  const pid = sorted[0]?.pid;
  const count = (name: string) => events.filter((event) => event.name === name && event.pid === pid).length;
  return {
    wallMs: ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000,
    busyMs: tasks.reduce((sum, { ms }) => sum + ms, 0),
    busyWallMs: tasks.reduce((sum, { wallMs }) => sum + wallMs, 0),
    tasks,
    kinds,
    layouts: sorted.filter(({ name }) => name === 'Layout').length,
    framesDrawn: count('DrawFrame'),
    framesDropped: count('DroppedFrame'),
  };
}

function totalOf(thread: readonly TraceEvent[]): number {
  return thread.reduce((sum, { name, dur = 0 }) => sum + (name === 'RunTask' ? dur : 0), 0);
}

/** Each task of the thread with the events inside it, the task itself first. */
function* splitTasks(sorted: readonly TraceEvent[]): Generator<TraceEvent[]> {
  let task: TraceEvent[] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const event of sorted) {
    if (event.ts < end) {
      task.push(event);
      continue;
    }
    if (task.length > 0) yield task;
    // Outside of tasks there is bookkeeping only.
    task = event.name === 'RunTask' ? [event] : [];
    end = event.name === 'RunTask' ? event.ts + (event.dur ?? 0) : end;
  }
  if (task.length > 0) yield task;
}

/** Milliseconds of processor time that the events of each name took, without what was inside them. */
function selfTimesOf(task: readonly TraceEvent[]): Map<string, number> {
  const sums = new Map<string, number>();
  const open: { name: string; end: number; inside: number; own: number }[] = [];
  const close = (before: number) => {
    for (let last = open.at(-1); last !== undefined && last.end <= before; last = open.at(-1)) {
      open.pop();
      sums.set(last.name, (sums.get(last.name) ?? 0) + (last.own - last.inside) / 1000);
      const outer = open.at(-1);
      if (outer !== undefined) outer.inside += last.own;
    }
  };
  for (const { name, ts, dur = 0, tdur = dur, args } of task) {
    close(ts);
    const label = name === 'FunctionCall' ? `FunctionCall ${args?.data?.functionName ?? ''}`.trim() : name;
    open.push({ name: label, end: ts + dur, inside: 0, own: tdur });
  }
  close(Number.POSITIVE_INFINITY);
  return sums;
}

const LAYOUT = /^(Layout|UpdateLayoutTree|RecalculateStyles|ScheduleStyleRecalculation|HitTest)$/;
const PAINT = /^(PrePaint|Paint|Layerize|Commit|CompositeLayers|UpdateLayer|UpdateLayerTree)$/;
const SCRIPT =
  /^(FunctionCall|Evaluate|v8\.|V8\.|MinorGC|MajorGC|BlinkGC|CppGC|RunMicrotasks|TimerFire|FireAnimationFrame|EventDispatch|XHR|WebSocket|HandlePostMessage)/;

function kindOf(name: string): Kind {
  if (LAYOUT.test(name)) return 'style and layout';
  if (PAINT.test(name)) return 'paint';
  return SCRIPT.test(name) ? 'script' : 'other';
}
