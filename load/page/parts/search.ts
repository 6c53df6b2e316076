import type { LoadResult, Step } from '../../result.js';
import { chart } from '../charts/chart.js';
import { align } from '../charts/points.js';
import { LINES } from '../colors.js';
import { make, section, table } from '../dom.js';
import { count, milliseconds, several, short } from '../format.js';

const TICKS = 8;

/** The search for the limit; nothing if there was none. */
export function search({ steps, limit }: LoadResult): HTMLElement[] {
  if (steps.length === 0) return [];
  const ordered = [...steps].sort((a, b) => a.typists - b.typists);
  const most = ordered.at(-1)?.typists ?? 0;
  const children: HTMLElement[] = [];
  if (limit !== undefined) {
    const { objective, typists, held, broke } = limit;
    const bounds =
      broke === null
        ? ' held with as many as were tried.'
        : ` breaks, most probably: it held with up to ${count(held)} and broke with ${count(broke)}.`;
    children.push(
      make(
        'p',
        'limit',
        make('strong', '', several(typists, 'typist')),
        make('span', '', broke === null ? ': ' : ' is where ', make('code', '', objective), bounds),
      ),
    );
  }
  const line = (value: (step: Step) => number | null) =>
    ordered.map((step) => [step.typists, value(step)] as const);
  children.push(
    chart({
      title: 'Latency by number of typists',
      points: align([line(({ figures }) => figures.ackMs.p99), line(({ figures }) => figures.shownMs.p99)]),
      lines: [
        { label: 'acknowledged, p99', color: LINES[0] },
        { label: 'shown to others, p99', color: LINES[1] },
      ],
      format: milliseconds,
      logarithmic: true,
      axis: { label: 'Typists', ticks: ticks(most), format: count },
    }),
    table({
      caption: 'Steps of the search, in the order in which they were tried',
      head: ['Typists', 'Objective', 'Edits a second', 'Acknowledged p99', 'Shown p99'],
      rows: steps.map(({ typists, held, figures }) => [
        count(typists),
        make('span', held ? 'held' : 'broke', held ? 'held' : 'broke'),
        short(figures.typedPerSecond),
        milliseconds(figures.ackMs.p99),
        milliseconds(figures.shownMs.p99),
      ]),
      numbers: true,
    }),
  );
  return [section('Search for the limit', ...children)];
}

/** Round numbers from 0 on, some eight of them. */
function ticks(most: number): number[] {
  const rough = Math.max(1, most / TICKS);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * ([1, 2, 5, 10].find((factor) => factor * size >= rough) ?? 10);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}
