import uPlot from 'uplot';
import { make } from '../dom.js';
import { setText } from './keyed-rows.js';

/** One line of a chart. */
export interface Line {
  readonly label: string;
  /** Number of its colour, 0 to 7; more than these begin again. */
  readonly color: number;
  /** As long as the times of the chart. */
  readonly values: readonly (number | null)[];
}

export interface ChartData {
  /** Milliseconds since the Unix epoch, ascending. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  /** What is shown of them, in the same unit. */
  readonly from: number;
  readonly to: number;
}

const HEIGHT = 170;
const COLORS = 8;
/** A chart of nothing is no chart of noise: its top is at least here. */
const LEAST_TOP = 1;
const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/**
 * A chart over time, and above it a legend with the latest values, or with those under the pointer. Its colours are those of the
 * page's style, also when they change. Whoever does not see it is told the latest values and the highest.
 */
export class Chart {
  private plot: uPlot | undefined;
  private shown = '';
  private data: ChartData | undefined;
  private readonly frame: HTMLElement;
  private readonly legend = make('ul', 'legend');
  private values: HTMLElement[] = [];
  private swatches: HTMLElement[] = [];

  constructor(
    parent: HTMLElement,
    private readonly title: string,
    private readonly format: (value: number | null | undefined) => string,
  ) {
    this.frame = make('div', 'chart-frame');
    this.frame.setAttribute('role', 'img');
    this.frame.setAttribute('aria-label', `${title}: no figures yet`);
    const heading = make('h3', '', title);
    parent.append(make('div', 'chart-head', heading, this.legend), this.frame);
    new ResizeObserver(() => this.plot?.setSize(this.extent())).observe(this.frame);
  }

  show(data: ChartData): void {
    this.data = data;
    const lines = JSON.stringify(data.lines.map(({ label, color }) => [label, color]));
    if (lines !== this.shown || this.plot === undefined) {
      this.shown = lines;
      this.build(data.lines);
    }
    this.plot?.setData([data.times.map((at) => at / 1000), ...data.lines.map(({ values }) => [...values])]);
    this.tell();
    const said = data.lines.map(
      ({ label, values }) =>
        `${label} ${this.format(lastOf(values))}, at most ${this.format(highest(values))}`,
    );
    this.frame.setAttribute('aria-label', `${this.title}: ${said.join('; ') || 'no figures yet'}`);
  }

  /** Draws again, in the colours that are in force now. */
  redraw(): void {
    this.plot?.redraw();
  }

  private build(lines: readonly Line[]): void {
    this.plot?.destroy();
    const rows = lines.map(({ label, color }) => {
      const swatch = make('span', `swatch-line color-${color % COLORS}`);
      const value = make('span', 'legend-value');
      return { swatch, value, row: make('li', '', swatch, make('bdi', 'legend-label', label), ' ', value) };
    });
    this.swatches = rows.map(({ swatch }) => swatch);
    this.values = rows.map(({ value }) => value);
    this.legend.replaceChildren(...rows.map(({ row }) => row));
    this.plot = new uPlot(this.options(lines), [[], ...lines.map(() => [])], this.frame);
  }

  private options(lines: readonly Line[]): uPlot.Options {
    const ink = (name: string) => () => getComputedStyle(this.frame).getPropertyValue(name);
    const axis: uPlot.Axis = {
      stroke: () => getComputedStyle(this.frame).color,
      grid: { stroke: ink('border-top-color'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
    };
    return {
      ...this.extent(),
      padding: [8, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: { x: { range: () => this.range() }, y: { range: () => [0, this.top() * 1.1] } },
      axes: [
        { ...axis, size: 28, space: 44, values: (_, marks) => marks.map((at) => TIME.format(at * 1000)) },
        { ...axis, size: 62, space: 34, values: (_, marks) => marks.map((mark) => this.format(mark)) },
      ],
      series: [
        {},
        ...lines.map(
          ({ label }, index): uPlot.Series => ({
            label,
            width: 1.75,
            points: { show: false },
            stroke: () => this.colorOf(index),
          }),
        ),
      ],
      hooks: { setCursor: [() => this.tell()] },
    };
  }

  private range(): [from: number, to: number] {
    const { from = 0, to = 1000 } = this.data ?? {};
    return [from / 1000, to / 1000];
  }

  private top(): number {
    return Math.max(LEAST_TOP, ...(this.data?.lines ?? []).map(({ values }) => highest(values) ?? 0));
  }

  private colorOf(index: number): string {
    const swatch = this.swatches[index];
    return swatch === undefined ? '' : getComputedStyle(swatch).backgroundColor;
  }

  /** Fills in the legend. */
  private tell(): void {
    const at = this.plot?.cursor.idx;
    this.data?.lines.forEach(({ values }, index) => {
      const cell = this.values[index];
      const value = typeof at === 'number' ? values[at] : lastOf(values);
      if (cell !== undefined) setText(cell, this.format(value));
    });
  }

  private extent(): { readonly width: number; readonly height: number } {
    return { width: Math.max(this.frame.clientWidth, 100), height: HEIGHT };
  }
}

function lastOf(values: readonly (number | null)[]): number | null {
  return values.at(-1) ?? null;
}

function highest(values: readonly (number | null)[]): number | null {
  let top: number | null = null;
  for (const value of values) if (value !== null && (top === null || value > top)) top = value;
  return top;
}
