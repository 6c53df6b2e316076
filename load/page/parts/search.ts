import type { LoadResult, Step } from '../../result.js';
import { chart } from '../charts/chart.js';
import { align } from '../charts/points.js';
import { LINES } from '../colors.js';
import { make, section, table } from '../dom.js';
import { count, milliseconds, several, short } from '../format.js';

const TICKS = 8;
const TITLE = 'Search for the limit';

type Limit = NonNullable<LoadResult['limit']>;

/** The search for the limit; nothing if there was none. */
export function search({ steps, limit, settings }: LoadResult): HTMLElement[] {
  if (steps.length === 0) return settings.find === undefined ? [] : [section(TITLE, nothing())];
  const ordered = [...steps].sort((a, b) => a.typists - b.typists);
  const most = ordered.at(-1)?.typists ?? 0;
  const children: HTMLElement[] = [];
  if (limit !== undefined) children.push(found(limit));
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
  return [section(TITLE, ...children)];
}

function nothing(): HTMLElement {
  return make('p', 'nothing', 'Not found: the search ended before one level was measured.');
}

/** The limit, large; or, of a search that was ended before it knew, how far it had come. */
function found({ objective, complete, typists, held, broke }: Limit): HTMLElement {
  const name = make('code', '', objective);
  const sentence = (large: string, ...rest: readonly (string | HTMLElement)[]): HTMLElement =>
    make('p', 'limit', make('strong', '', large), make('span', '', ...rest));
  const bounds = [
    ...(held === 0 ? [] : [`held with up to ${count(held)}`]),
    ...(broke === null ? [] : [`broke with ${count(broke)}`]),
  ].join(' and ');
  if (!complete) return sentence('Not found', ': ', name, ` ${bounds} when the search ended.`);
  if (broke === null)
    return sentence(several(typists, 'typist'), ': ', name, ' held with as many as were tried.');
  return sentence(several(typists, 'typist'), ' is where ', name, ` breaks, most probably: it ${bounds}.`);
}

/** Round numbers from 0 on, some eight of them. */
function ticks(most: number): number[] {
  const rough = Math.max(1, most / TICKS);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * ([1, 2, 5, 10].find((factor) => factor * size >= rough) ?? 10);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}
