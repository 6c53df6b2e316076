import { type DurabilityFigures, measureDurability } from '../generator/durability-run.js';
import { columnsOf, count } from './columns.js';
import type { Scenario } from './scenario.js';
import { milliseconds } from './typing-table.js';

const CHOSEN = { edits: 500, intervalMs: 20, burst: 300, kills: 5 };

/** What an acknowledgement costs, and what it is worth. */
export const durability: Scenario = {
  name: 'durability',
  title: 'Durability',
  about:
    `"ack": from an edit to its acknowledgement on an idle server, ${CHOSEN.edits} edits of one client, ${CHOSEN.intervalMs} ms apart; "shown": until another ` +
    `client has it. "lost": a client sends ${CHOSEN.burst} edits at once, and when the last one is acknowledged (or, where nothing is acknowledged, when another ` +
    `client has it) the server is killed with -9 and started again: what a fresh client does not get, ${CHOSEN.kills} times.`,
  columns: columnsOf<DurabilityFigures>({
    'ack says': ({ acknowledges }) => acknowledges ?? 'nothing',
    'ack p50 ms': ({ ackMs }) => (ackMs === null ? '' : milliseconds(ackMs.p50)),
    'ack p99 ms': ({ ackMs }) => (ackMs === null ? '' : milliseconds(ackMs.p99)),
    'shown p50 ms': ({ shownMs }) => milliseconds(shownMs.p50),
    'shown p99 ms': ({ shownMs }) => milliseconds(shownMs.p99),
    'lost of 300': ({ lost }) => (lost === null ? 'no store' : lost.map(count).join(' ')),
  }),
  cases: () => [
    {
      label: 'one client',
      run: async (context) => ({ figures: await measureDurability(context, CHOSEN), notes: [] }),
    },
  ],
  suits: ({ protocol }) => protocol.relay !== true,
};
