import type { Kind, Task } from './trace.js';
import type { Watched } from './watch.js';

/** The figures of one run; times in milliseconds. */
export interface PageFigures {
  readonly seconds: number;
  readonly framesPerSecond: number;
  readonly framesDrawnPerSecond: number;
  readonly framesDropped: number;
  /** Processor time of the main thread in each second of the clock, and for each frame. */
  readonly busyPerSecond: number;
  readonly busyPerFrame: number;
  /** The same by the clock: with the time in which others had the processor. */
  readonly busyByClockPerSecond: number;
  readonly kindsPerSecond: Readonly<Record<Kind, number>>;
  readonly tasks: {
    readonly count: number;
    readonly p50: number;
    readonly p99: number;
    readonly over50: number;
    readonly longestByClock: number;
  };
  readonly longestTasks: readonly Task[];
  readonly layoutsPerSecond: number;
  readonly fieldWritesPerSecond: number;
  readonly keyToPaint: {
    readonly keys: number;
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
  };
  readonly heapBefore: number;
  readonly heapAfter: number;
}

export function figuresOf({ thread, ...watched }: Watched): PageFigures {
  const { seconds, animationFrames, fieldWrites, heapBefore, heapAfter } = watched;
  const perSecond = (amount: number) => round(amount / seconds);
  const lengths = thread.tasks.map(({ ms }) => ms);
  const keys = watched.keyToPaint;
  const kinds = Object.entries(thread.kinds).map(([kind, ms]) => [kind, perSecond(ms)]);
  return {
    seconds: round(seconds),
    framesPerSecond: perSecond(animationFrames),
    framesDrawnPerSecond: perSecond(thread.framesDrawn),
    framesDropped: thread.framesDropped,
    busyPerSecond: perSecond(thread.busyMs),
    busyByClockPerSecond: perSecond(thread.busyWallMs),
    busyPerFrame: round(thread.busyMs / animationFrames),
    kindsPerSecond: Object.fromEntries(kinds) as Record<Kind, number>,
    tasks: {
      count: lengths.length,
      p50: round(percentile(lengths, 50)),
      p99: round(percentile(lengths, 99)),
      over50: lengths.filter((ms) => ms > 50).length,
      longestByClock: round(Math.max(0, ...thread.tasks.map(({ wallMs }) => wallMs))),
    },
    longestTasks: thread.tasks
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, 5)
      .map(({ ms, wallMs, parts }) => ({
        ms: round(ms),
        wallMs: round(wallMs),
        parts: parts.map(([name, part]) => [name, round(part)]),
      })),
    layoutsPerSecond: perSecond(thread.layouts),
    fieldWritesPerSecond: perSecond(fieldWrites),
    keyToPaint: {
      keys: keys.length,
      p50: round(percentile(keys, 50)),
      p99: round(percentile(keys, 99)),
      max: round(Math.max(0, ...keys)),
    },
    heapBefore,
    heapAfter,
  };
}

export function tableOf(figures: PageFigures): string {
  const { tasks, keyToPaint, kindsPerSecond, longestTasks } = figures;
  const megabytes = (bytes: number) => `${round(bytes / 1e6)} MB`;
  const rows: [string, string][] = [
    ['frames a second: requestAnimationFrame', `${figures.framesPerSecond}`],
    ['frames a second: drawn', `${figures.framesDrawnPerSecond}`],
    ['frames dropped', `${figures.framesDropped} in ${figures.seconds} s`],
    [
      'main thread, processor time',
      `${figures.busyPerSecond} ms a second, ${figures.busyPerFrame} ms a frame (${figures.busyByClockPerSecond} ms a second by the clock)`,
    ],
    ...Object.entries(kindsPerSecond).map(([kind, ms]): [string, string] => [
      `  ${kind}`,
      `${ms} ms a second`,
    ]),
    [
      'tasks',
      `p50 ${tasks.p50} ms, p99 ${tasks.p99} ms, ${tasks.over50} of ${tasks.count} over 50 ms; longest by the clock ${tasks.longestByClock} ms`,
    ],
    ...longestTasks.map(({ ms, parts }, at): [string, string] => [
      at === 0 ? 'longest tasks' : '',
      `${ms} ms: ${parts.map(([name, part]) => `${name} ${part}`).join(', ')}`,
    ]),
    ['layouts a second', `${figures.layoutsPerSecond}`],
    ['writes of the field a second', `${figures.fieldWritesPerSecond}`],
    [
      'key to paint',
      `p50 ${keyToPaint.p50} ms, p99 ${keyToPaint.p99} ms, worst ${keyToPaint.max} ms (${keyToPaint.keys} keys)`,
    ],
    ['JavaScript heap', `${megabytes(figures.heapBefore)} before, ${megabytes(figures.heapAfter)} after`],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
