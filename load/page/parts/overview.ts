import type { LoadResult } from '../../result.js';
import { make, section, table } from '../dom.js';
import { bytes, count, milliseconds, percent, several, short } from '../format.js';

/** The figures that everybody asks for first. */
export function overview({ total, errors, goodbyes, settings }: LoadResult): HTMLElement {
  const { ackMs, shownMs } = total;
  const failed = Object.values(errors).reduce((sum, number) => sum + number, 0);
  const tiles: readonly (readonly [label: string, value: string, detail: string])[] = [
    [
      'Clients',
      count(Number(settings.clients)),
      total.clients === settings.clients && total.typists === settings.typists
        ? `${count(total.typists)} of them type`
        : `on average ${count(total.clients)} connected, ${count(total.typists)} of them typing`,
    ],
    [
      'Edits a second',
      short(total.typedPerSecond),
      `${count(total.typed)} typed, ${count(total.acked)} acknowledged`,
    ],
    ['Deliveries a second', short(total.deliveredPerSecond), `${count(total.delivered)} in all`],
    ['Acknowledged, p99', milliseconds(ackMs.p99), `half of them within ${milliseconds(ackMs.p50)}`],
    ['Shown to others, p99', milliseconds(shownMs.p99), `half of them within ${milliseconds(shownMs.p50)}`],
    [
      'Errors',
      count(failed),
      `${count(total.reconnects)} connections made again${goodbyes === 0 ? '' : `; ${count(goodbyes)} goodbyes`}`,
    ],
  ];
  return section(
    'At a glance',
    make(
      'dl',
      'tiles',
      ...tiles.map(([label, value, detail]) =>
        make('div', 'tile', make('dt', '', label), make('dd', 'value', value), make('dd', 'hint', detail)),
      ),
    ),
  );
}

/** Every quantile, in figures. */
export function quantiles({ total }: LoadResult): HTMLElement {
  const rows = (
    [
      ['Until acknowledged', total.ackMs],
      ['Until shown to others', total.shownMs],
      ['Until joined', total.joinMs],
    ] as const
  ).map(([label, { count: number, p50, p90, p99, p999, max }]) => [
    label,
    count(number),
    ...[p50, p90, p99, p999, max].map(milliseconds),
  ]);
  return table({
    caption: 'Durations',
    head: ['Duration', 'Times', 'p50', 'p90', 'p99', 'p99.9', 'Most'],
    rows,
    numbers: true,
  });
}

/** What went wrong underway, by code. */
export function errorTable({ errors, goodbyes, total }: LoadResult): HTMLElement {
  const rows = Object.entries(errors).sort(([, a], [, b]) => b - a);
  const share = (number: number) => (total.typed > 0 ? percent(number / total.typed) : '');
  const found =
    rows.length === 0
      ? make('p', 'nothing', 'There were none.')
      : table({
          caption: 'Errors by code',
          head: ['Code', 'Times', 'For each edit'],
          rows: rows.map(([code, number]) => [make('code', '', code), count(number), share(number)]),
          numbers: true,
        });
  return section('Errors', found, ...farewell(goodbyes));
}

/** A node that stops in order says so to its clients, which then go to another one: nothing is wrong. */
function farewell(goodbyes: number): HTMLElement[] {
  if (goodbyes === 0) return [];
  const words = `Not among them: nodes that were stopped in order said goodbye ${several(goodbyes, 'time')}, to clients that were in and to those that came.`;
  return [make('p', 'hint', words)];
}

/** What passed over the network, of all clients together. */
export function traffic({ total }: LoadResult): string {
  return `Clients sent ${bytes(total.bytesSent)} and received ${bytes(total.bytesReceived)} in the time measured.`;
}
