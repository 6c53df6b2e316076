import uPlot from 'uplot';
import { forgetColors, resolveColor } from '../colors.js';
import { make, table } from '../dom.js';
import { moment, several } from '../format.js';
import { type Backdrop, drawBackdrop } from './bands.js';
import { type Points, spread } from './points.js';

export interface ChartLine {
  readonly label: string;
  /** Name of a colour of the style sheet. */
  readonly color: string;
  readonly dash?: readonly number[];
}

export interface ChartSpec {
  readonly title: string;
  /** What to know beside it, in a sentence. */
  readonly note?: string;
  readonly points: Points;
  readonly lines: readonly ChartLine[];
  /** A value with its unit. */
  readonly format: (value: number | null | undefined) => string;
  /** Values differ by orders of magnitude. */
  readonly logarithmic?: boolean;
  /** Over time unless given. */
  readonly axis?: ChartAxis;
  /** What stands behind the lines of a chart over time. */
  readonly backdrop?: Backdrop;
}

/** An x axis that is not time. */
export interface ChartAxis {
  readonly label: string;
  readonly ticks: readonly number[];
  readonly format: (x: number) => string;
}

const HEIGHT = 250;
const Y_AXIS_WIDTH = 64;
const FONT = '12px -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif';
/** Durations below it are drawn as if they were as long: a logarithm has no zero. */
const LEAST_LOGARITHMIC = 0.01;
/** Distances of marks on an axis of time, in seconds. */
const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
];
const FEW_POWERS = 100;
const X_AXIS_HEIGHT = 34;
const MARK_WIDTH = 48;
const SYNC_KEY = 'time';

const drawn = new Set<() => void>();

/** Draws all charts again, in the colours that hold now. */
export function redrawCharts(): void {
  forgetColors();
  for (const redraw of drawn) redraw();
}

/** A chart with its legend, what it says in words, and a table of the same; a sentence if there is nothing to draw. */
export function chart(spec: ChartSpec): HTMLElement {
  const { title, note, points } = spec;
  const caption = make('figcaption', '', make('h3', '', title));
  if (note !== undefined) caption.append(make('p', 'hint', note));
  const figure = make('figure', 'chart', caption);
  if (points.lines.every((line) => line.every((value) => value === null))) {
    figure.append(make('p', 'nothing', 'Nothing was measured.'));
    return figure;
  }
  const frame = make('div', 'plot');
  figure.append(frame, figures(spec));
  // It needs the width that it gets on the page.
  requestAnimationFrame(() => draw(spec, frame));
  return figure;
}

function draw(spec: ChartSpec, frame: HTMLElement): void {
  let plot = new uPlot(options(spec, frame), data(spec), frame);
  describe(spec, frame);
  const redraw = () => {
    plot.destroy();
    plot = new uPlot(options(spec, frame), data(spec), frame);
    describe(spec, frame);
  };
  drawn.add(redraw);
  new ResizeObserver(() => {
    const { clientWidth: width } = frame;
    if (width > 0 && width !== plot.width) plot.setSize({ width, height: HEIGHT });
  }).observe(frame);
}

/** For those who do not see the picture. */
function describe({ title, lines, points, format }: ChartSpec, frame: HTMLElement): void {
  const words = lines.flatMap(({ label }, index) => {
    const found = spread(points.x, points.lines[index] ?? []);
    return found === undefined
      ? []
      : [`${label}: median ${format(found.median)}, most ${format(found.most)}`];
  });
  const canvas = frame.querySelector('canvas');
  canvas?.setAttribute('role', 'img');
  canvas?.setAttribute('aria-label', `${title}. ${words.join('; ')}.`);
}

function data({ points, logarithmic = false }: ChartSpec): uPlot.AlignedData {
  const lines = points.lines.map((line) =>
    line.map((value) => (value === null || !logarithmic ? value : Math.max(value, LEAST_LOGARITHMIC))),
  );
  return [[...points.x], ...lines];
}

function options(spec: ChartSpec, frame: HTMLElement): uPlot.Options {
  const { lines, format, axis, logarithmic = false, backdrop, points } = spec;
  const soft = resolveColor('--ink-soft');
  const common = {
    stroke: soft,
    font: FONT,
    grid: { stroke: resolveColor('--line'), width: 1 },
    ticks: { stroke: resolveColor('--line'), width: 1 },
  };
  const formatX = axis?.format ?? moment;
  return {
    width: frame.clientWidth,
    height: HEIGHT,
    plugins: backdrop === undefined ? [] : [drawBackdrop(backdrop)],
    cursor: axis === undefined ? { sync: { key: SYNC_KEY }, y: false } : { y: false },
    legend: { live: true },
    scales: {
      // All charts over time begin and end together.
      x: { time: false, ...(backdrop === undefined ? {} : { range: wholeRun(backdrop.end) }) },
      y: logarithmic
        ? { distr: 3, range: magnitudes }
        : { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] },
    },
    axes: [
      {
        ...common,
        ...(axis === undefined
          ? { incrs: TIME_STEPS, space: 56, size: X_AXIS_HEIGHT }
          : { splits: () => [...axis.ticks], label: axis.label, labelFont: FONT, labelSize: 20 }),
        values: (plot, splits) => withRoom(plot, splits).map((x) => (x === undefined ? '' : formatX(x))),
      },
      {
        ...common,
        size: Y_AXIS_WIDTH,
        ...(logarithmic
          ? { splits: (_: uPlot, __: number, from: number, to: number) => powers(from, to) }
          : {}),
        values: (_, splits) => splits.map((value) => (value === null ? '' : format(value))),
      },
    ],
    series: [
      { label: axis?.label ?? 'Time', value: (_, x) => (x === null ? '' : formatX(x)) },
      ...lines.map(({ label, color, dash }) => ({
        label,
        stroke: resolveColor(color),
        width: 1.75,
        // Single points between gaps would not be seen otherwise.
        points: { show: points.x.length < 2, size: 4 },
        value: (_: uPlot, value: number | null) => format(value),
        ...(dash === undefined ? {} : { dash: [...dash] }),
      })),
    ],
  };
}

/** Marks that would run into the one before have no text. */
function withRoom(plot: uPlot, marks: readonly number[]): (number | undefined)[] {
  let free = Number.NEGATIVE_INFINITY;
  return marks.map((mark) => {
    const at = plot.valToPos(mark, 'x');
    if (at < free) return undefined;
    free = at + MARK_WIDTH;
    return mark;
  });
}

/** From the beginning to the end, unless somebody looks closer. */
function wholeRun(end: number): uPlot.Range.Function {
  return (chart, least, most) => {
    const x = chart.data[0];
    const isAll = least === x[0] && most === x[x.length - 1];
    return isAll ? [0, Math.max(end, most)] : [least, most];
  };
}

/** Marks at powers of ten; between them too where there would be few of them. */
function powers(from: number, to: number): number[] {
  const factors = to / from > 10 * FEW_POWERS ? [1] : [1, 2, 5];
  const marks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(from)); power <= to * 1.001; power *= 10) {
    marks.push(...factors.map((factor) => factor * power));
  }
  return marks.filter((mark) => mark >= from * 0.999 && mark <= to * 1.001);
}

/** Whole powers of ten, so that marks are the same in charts beside one another. */
function magnitudes(_: uPlot, least: number, most: number): [number, number] {
  const from = 10 ** Math.floor(Math.log10(Math.max(least, LEAST_LOGARITHMIC)));
  const to = 10 ** Math.ceil(Math.log10(Math.max(most, LEAST_LOGARITHMIC)));
  return [from, to > from ? to : from * 10];
}

/** The same in figures, closed until somebody wants them. */
function figures({ title, lines, points, format, axis }: ChartSpec): HTMLElement {
  const rows = lines.map(({ label }, index) => {
    const found = spread(points.x, points.lines[index] ?? []);
    if (found === undefined) return [label, 'nothing', '', '', ''];
    const { least, median, mean, most, mostAt } = found;
    const where = axis === undefined ? ` at ${moment(mostAt)}` : '';
    return [label, format(least), format(median), format(mean), `${format(most)}${where}`];
  });
  const summary = make('summary', '', `In figures (${several(lines.length, 'line')})`);
  const details = make('details', '', summary);
  details.append(
    table({
      caption: `${title}, in figures`,
      head: ['Line', 'Least', 'Median', 'Mean', 'Most'],
      rows,
      numbers: true,
    }),
  );
  return details;
}
