import type { AdminOverview } from '../../../shared/admin.js';
import { need } from '../dom.js';
import { countOf, millis, rate, size, whole } from './format.js';
import { slowest, total } from './history.js';
import { setText } from './keyed-rows.js';

/** Errors and warnings of so many milliseconds are counted. */
const COUNTED_MS = 5 * 60_000;

/** Fills in the figures at the top; `refusals` is how many there were in the last five minutes. */
export function showTiles({ at, nodes, errors }: AdminOverview, refusals: number): void {
  const sum = (pick: Parameters<typeof total>[1]): number => total(nodes, pick);
  const tile = (name: string, value: string, small: string): void => {
    setText(need(`tile-${name}`, HTMLElement), value);
    setText(need(`tile-${name}-small`, HTMLElement), small);
  };
  tile(
    'clients',
    whole(sum(({ sessions }) => sessions)),
    `${countOf(
      sum(({ documents }) => documents),
      'document',
    )}, ${countOf(
      sum(({ followers }) => followers),
      'follower',
    )}`,
  );
  tile(
    'edits',
    rate(sum(({ editsPerSecond }) => editsPerSecond)),
    `in ${rate(sum(({ commitsPerSecond }) => commitsPerSecond))} commits`,
  );
  tile(
    'deliveries',
    rate(sum(({ deliveriesPerSecond }) => deliveriesPerSecond)),
    `${size(sum(({ bytesOutPerSecond }) => bytesOutPerSecond))}/s out`,
  );
  tile(
    'ack',
    millis(slowest(nodes, ({ ackMs }) => ackMs.p99)),
    `half in ${millis(slowest(nodes, ({ ackMs }) => ackMs.p50))}`,
  );
  tile(
    'waiting',
    whole(sum(({ waitingEdits }) => waitingEdits)),
    `${size(sum(({ outgoingBytes }) => outgoingBytes))} to be sent`,
  );
  const recent = errors.filter((error) => error.at > at - COUNTED_MS);
  const serious = recent.filter(({ level }) => level === 'error').length;
  tile(
    'errors',
    whole(serious),
    `${countOf(recent.length - serious, 'warning')}, ${countOf(refusals, 'refusal')}`,
  );
}
