import type { FaultKind, LoadResult, Second } from '../../result.js';
import type { Backdrop } from '../charts/bands.js';
import { type ChartLine, chart } from '../charts/chart.js';
import { FAULT_COLORS, lineLook } from '../colors.js';
import { make, section, table } from '../dom.js';
import { count, duration, milliseconds, moment, several, short } from '../format.js';
import { traffic } from './overview.js';

type Key = Exclude<keyof Second, 'at'>;

/** What faults are, in a few words. */
const FAULTS = {
  kill: 'Node killed (kill -9) and started again',
  stop: 'Node stopped in order (SIGTERM) and started again',
  redis: 'Redis paused or killed, and back',
  store: 'PostgreSQL paused or killed, and back',
  cut: 'Connections of a node cut or silent, and back',
} as const satisfies Record<FaultKind, string>;

/** What stands behind every chart over time. */
export function backdropOf({ faults, phases, seconds }: LoadResult): Backdrop {
  return { faults, phases, end: seconds };
}

/** Latency, throughput, people and trouble over time. */
export function overTime(result: LoadResult): HTMLElement[] {
  const { series, pointSeconds } = result;
  const backdrop = backdropOf(result);
  const x = series.map(({ at }) => at);
  const draw = (
    title: string,
    note: string,
    lines: readonly (readonly [label: string, key: Key])[],
    look: { logarithmic?: boolean; format: (value: number | null | undefined) => string },
  ) =>
    chart({
      title,
      note,
      points: { x, lines: lines.map(([, key]) => series.map((second) => second[key])) },
      lines: lines.map(([label], index): ChartLine => ({ label, ...lineLook(index) })),
      backdrop,
      ...look,
    });
  const each = pointSeconds === 1 ? 'each second' : `every ${duration(pointSeconds)}`;
  return [
    section(
      'Latency',
      ...bandLegend(result),
      draw(
        'Until an edit was acknowledged as durable',
        `Of the edits of ${each}, counted from the moment a key was due. Drag over a part to look closer; double-click to go back.`,
        [
          ['p50', 'ackP50'],
          ['p99', 'ackP99'],
        ],
        { logarithmic: true, format: milliseconds },
      ),
      draw(
        'Until an edit was shown to others',
        'At clients of the same generator process, of all nodes.',
        [
          ['p50', 'shownP50'],
          ['p99', 'shownP99'],
        ],
        { logarithmic: true, format: milliseconds },
      ),
    ),
    pair(
      'Throughput',
      draw(
        'Edits a second',
        traffic(result),
        [
          ['typed', 'typed'],
          ['acknowledged', 'acked'],
        ],
        { format: short },
      ),
      draw(
        'Deliveries a second',
        'One delivery is one edit at one other client.',
        [['delivered', 'delivered']],
        { format: short },
      ),
    ),
    pair(
      'People and trouble',
      draw(
        'Clients',
        'Those who are in, those of them who type, and those who have no network as planned.',
        [
          ['in', 'joined'],
          ['typing', 'typing'],
          ['offline', 'offline'],
        ],
        { format: count },
      ),
      draw(
        'Waiting, errors, connections made again',
        'Edits that are sent and not acknowledged; errors, new connections, and goodbyes of nodes that stop, a second.',
        [
          ['not acknowledged', 'unacked'],
          ['errors', 'errors'],
          ['connected again', 'reconnects'],
          ['goodbyes', 'goodbyes'],
        ],
        { format: short },
      ),
    ),
  ];
}

/** Charts beside one another where there is room. */
function pair(title: string, ...charts: HTMLElement[]): HTMLElement {
  return section(title, make('div', 'pairs', ...charts));
}

/** What the bands are; nothing if there are none. */
function bandLegend({ faults }: LoadResult): HTMLElement[] {
  const kinds = [...new Set(faults.map(({ kind }) => kind))];
  if (kinds.length === 0) return [];
  const entries = kinds.map((kind) => make('span', '', chip(kind), FAULTS[kind]));
  return [make('p', 'hint bands', ...entries)];
}

function chip(kind: FaultKind): HTMLElement {
  const element = make('span', 'chip');
  element.style.background = `var(${FAULT_COLORS[kind]})`;
  return element;
}

/** What was done to the servers; nothing if nothing was. */
export function faultTable({ faults }: LoadResult): HTMLElement[] {
  if (faults.length === 0) return [];
  const rows = faults.map(({ kind, what, at, until }) => {
    return [
      make('span', '', chip(kind), what),
      FAULTS[kind],
      moment(at),
      until === undefined ? 'to the end' : duration(until - at),
    ];
  });
  return [
    section(
      'Faults',
      make('p', 'hint', `${several(faults.length, 'fault')}, as coloured bands in all charts over time.`),
      table({ caption: 'Faults, one by one', head: ['Hit', 'What', 'At', 'For'], rows }),
    ),
  ];
}
