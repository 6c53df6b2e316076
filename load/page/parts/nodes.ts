import type { LoadResult, NodeSample, NodeSeries, ProcessSeries } from '../../result.js';
import { chart } from '../charts/chart.js';
import { align, spread } from '../charts/points.js';
import { lineLook } from '../colors.js';
import { make, section, table } from '../dom.js';
import { bytes, count, milliseconds, percent, short } from '../format.js';
import { backdropOf } from './over-time.js';

type Key = 'cpu' | 'rss' | 'lagMs' | 'sessions' | 'editsPerSecond';

const CHARTS: readonly {
  readonly key: Key;
  readonly title: string;
  readonly note: string;
  readonly format: (value: number | null | undefined) => string;
}[] = [
  { key: 'cpu', title: 'Processor', note: '100 % is one core, kept busy.', format: percent },
  {
    key: 'lagMs',
    title: 'Event-loop lag',
    note: 'How late a process is with its work.',
    format: milliseconds,
  },
  { key: 'rss', title: 'Memory', note: 'Resident set.', format: bytes },
  { key: 'sessions', title: 'Sessions', note: 'Clients in documents.', format: count },
  { key: 'editsPerSecond', title: 'Edits a second', note: 'As the node counts them.', format: short },
];

/** How the nodes were meanwhile. */
export function nodes(result: LoadResult): HTMLElement {
  const charts = chartsOf(result.nodes, result, ({ title }) => title);
  if (charts.length === 0) {
    return section('Nodes', make('p', 'nothing', 'None of them has told anything about itself.'));
  }
  return section('Nodes', make('div', 'pairs', ...charts), nodeTable(result.nodes));
}

/** How the processes of the load generator itself were: what they had no time for looks like the servers' fault. */
export function generators(result: LoadResult): HTMLElement {
  const { generators: all, limitedByGenerator, total } = result;
  const words = limitedByGenerator
    ? 'It had not enough processor time: what this page shows is about the generator, or its machine, rather than about the servers alone.'
    : `In the time measured its busiest process used ${percent(total.generatorCpu)} of a core, and one was more than 50 ms late in ${percent(total.generatorLate)} of the seconds.`;
  return section(
    'Load generator',
    make('p', limitedByGenerator ? 'broke' : 'hint', words),
    make('div', 'pairs', ...chartsOf(all, result, ({ title }) => `${title} of the generator`)),
    generatorTable(all),
  );
}

function chartsOf(
  all: readonly ProcessSeries[],
  result: LoadResult,
  titleOf: (chart: (typeof CHARTS)[number]) => string,
): HTMLElement[] {
  const backdrop = backdropOf(result);
  const told = CHARTS.filter(({ key }) =>
    all.some(({ samples }) => samples.some((sample) => sample[key] !== undefined)),
  );
  return told.map((one) => {
    const { key, note, format } = one;
    const points = align(
      all.map(({ samples }) =>
        samples.map((sample) => [Math.round(sample.at), sample[key] ?? null] as const),
      ),
    );
    const lines = all.map(({ name }, index) => ({ label: name, ...lineLook(index) }));
    return chart({ title: titleOf(one), note, format, points, lines, backdrop });
  });
}

function nodeTable(all: readonly NodeSeries[]): HTMLElement {
  const rows = all.map((node) => [
    make('span', '', node.name, ' ', make('span', 'hint', node.url)),
    node.version ?? '',
    ...useOf(node),
    percent(downShare(node.samples)),
  ]);
  return table({
    caption: 'Nodes, in figures',
    head: ['Node', 'Version', 'CPU, mean', 'CPU, most', 'Memory, most', 'Lag, most', 'Did not answer'],
    rows,
    numbers: true,
  });
}

function generatorTable(all: readonly ProcessSeries[]): HTMLElement {
  return table({
    caption: 'Processes of the load generator, in figures',
    head: ['Process', 'CPU, mean', 'CPU, most', 'Memory, most', 'Lag, most'],
    rows: all.map((process) => [process.name, ...useOf(process)]),
    numbers: true,
  });
}

/** Processor, memory and lag, as cells of a table. */
function useOf({ samples }: ProcessSeries): string[] {
  const of = (key: Key) =>
    spread(
      samples.map(({ at }) => at),
      samples.map((sample) => sample[key] ?? null),
    );
  const cpu = of('cpu');
  return [percent(cpu?.mean), percent(cpu?.most), bytes(of('rss')?.most), milliseconds(of('lagMs')?.most)];
}

/** Share of the looks at which a node did not answer; of none at all there is none. */
function downShare(samples: readonly NodeSample[]): number | undefined {
  if (samples.length === 0) return undefined;
  return samples.filter(({ up }) => !up).length / samples.length;
}
