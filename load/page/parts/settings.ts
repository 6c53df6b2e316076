import type { LoadResult } from '../../result.js';
import { make, section, table } from '../dom.js';
import { bytes, count, duration, milliseconds } from '../format.js';

/** What was run, on what: enough to run it again. */
export function settings(result: LoadResult): HTMLElement {
  const { settings: options, machine, version, startedAt, seconds, targets, nodes, total } = result;
  const versions = [...new Set(nodes.flatMap((node) => node.version ?? []))];
  const facts: readonly (readonly [string, string])[] = [
    ['Started', startedAt],
    ['Took', duration(seconds)],
    ['Load tester', `Coscribe ${version}`],
    ['Nodes', versions.length === 0 ? 'version not told' : `Coscribe ${versions.join(', ')}`],
    ['Targets', targets.join(', ')],
    ['Machine', `${machine.cpu}, ${count(machine.cores)} cores, ${bytes(machine.memory)}`],
    ['Node.js', machine.node],
    ['Generators were late by at most', milliseconds(total.generatorLagMs)],
  ];
  return section(
    'What was run',
    make(
      'div',
      'pairs',
      table({ caption: 'Run and machine', head: ['What', 'Value'], rows: facts }),
      table({
        caption: 'Settings',
        head: ['Option', 'Value'],
        rows: Object.entries(options).map(([name, value]) => [make('code', '', name), String(value)]),
      }),
    ),
  );
}
