import { type OutageFigures, OutageRun } from '../generator/outage-run.js';
import { columnsOf, count } from './columns.js';
import type { Case, Scenario } from './scenario.js';
import { crowd } from './two-nodes.js';
import { milliseconds } from './typing-table.js';

const TYPISTS = 20;
const CHOSEN = { rate: 5, beforeMs: 4_000, outageMs: 18_000, patienceMs: 10_000 };
const MARGIN_MS = 3_000;

/** What becomes of edits while the nodes do not hear of one another. */
export const redisOutage: Scenario = {
  name: 'redis-outage',
  title: 'Redis outage',
  about:
    `${TYPISTS} people in one document, half of them at either node, type ${CHOSEN.rate} edits a second each. Redis is killed with -9 and started again ${CHOSEN.outageMs / 1000} s later; they type until ` +
    `${MARGIN_MS / 1000} s after ("go on") or ${MARGIN_MS / 1000} s before ("end before"). Latencies are of what was typed meanwhile, "far" at clients of the other node; "caught up" is how long after Redis ` +
    `was back all of it had come everywhere; "missing" are deliveries that had not come ${CHOSEN.patienceMs / 1000} s after. "texts equal": all clients and a fresh one at each node.`,
  columns: columnsOf<OutageFigures>({
    'far p50 ms': ({ farMs }) => milliseconds(farMs.p50),
    'far p99 ms': ({ farMs }) => milliseconds(farMs.p99),
    'near p99 ms': ({ nearMs }) => milliseconds(nearMs.p99),
    'ack p99 ms': ({ ackMs }) => (ackMs === null ? '' : milliseconds(ackMs.p99)),
    'caught up s': ({ caughtUpMs }) => (caughtUpMs === null ? 'never' : (caughtUpMs / 1000).toFixed(2)),
    missing: ({ undelivered, expected }) => `${count(undelivered)} of ${count(expected)}`,
    'nodes ended': ({ nodesEnded }) => `${nodesEnded.length}`,
    'texts equal': ({ converged }) => (converged ? 'yes' : 'NO'),
  }),
  cases: () => [outageCase('they go on', MARGIN_MS), outageCase('they end before', -MARGIN_MS)],
  severalNodes: true,
};

function outageCase(label: string, goOnMs: number): Case {
  return {
    label,
    async run(context) {
      const figures = await new OutageRun(context, { ...CHOSEN, goOnMs, seats: crowd(TYPISTS) }).run();
      const { failures, nodesEnded, problems, ackMs, acks, sent } = figures;
      const notes = [
        ...Object.entries(failures).map(([reason, times]) => `${times} clients put out: ${reason}`),
        ...nodesEnded.map((words) => `a node: ${words}`),
        ...problems.slice(0, 3),
      ];
      if (ackMs !== null && acks < sent) notes.push(`${sent - acks} of ${sent} edits not acknowledged`);
      return { figures, notes };
    },
  };
}
