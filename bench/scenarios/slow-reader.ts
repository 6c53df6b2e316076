import { type SlowReaderFigures, SlowReaderRun } from '../generator/slow-reader-run.js';
import { columnsOf, megabytes } from './columns.js';
import type { Scenario } from './scenario.js';
import { milliseconds } from './typing-table.js';

const CHOSEN = {
  clients: 50,
  typists: 20,
  rate: 20,
  length: 3_000,
  warmUpMs: 3_000,
  calmMs: 4_000,
  pausedMs: 16_000,
};

/** One client stops reading while many type. */
export const slowReader: Scenario = {
  name: 'slow-reader',
  title: 'Slow reader',
  about:
    `${CHOSEN.typists} of ${CHOSEN.clients} clients in one document replace ${CHOSEN.length.toLocaleString('en')} characters each, ${CHOSEN.rate} times a second. After a ` +
    `while one client that does not type stops reading its socket, for ${CHOSEN.pausedMs / 1000} s; then it reads again. Latencies are those of all ` +
    'others, before and during that. "RSS +": how much the server grew at most meanwhile.',
  columns: columnsOf<SlowReaderFigures>({
    'p50 before': ({ latencyCalmMs }) => milliseconds(latencyCalmMs?.p50 ?? null),
    'p99 before': ({ latencyCalmMs }) => milliseconds(latencyCalmMs?.p99 ?? null),
    'p50 during': ({ latencyPausedMs }) => milliseconds(latencyPausedMs?.p50 ?? null),
    'p99 during': ({ latencyPausedMs }) => milliseconds(latencyPausedMs?.p99 ?? null),
    'typed MB': ({ sentToEach }) => megabytes(sentToEach),
    'RSS + MB': ({ residentBefore, residentPeak }) => megabytes(Math.max(0, residentPeak - residentBefore)),
    'the slow one': whatBecame,
  }),
  cases: () => [
    {
      label: `${CHOSEN.clients} clients`,
      async run(context) {
        const figures = await new SlowReaderRun(context, CHOSEN).run();
        const notes: string[] = [];
        if (figures.missing > 0)
          notes.push(`${figures.missing} edits did not come to others (${figures.drained})`);
        if (figures.othersText !== null) notes.push(figures.othersText);
        for (const [reason, times] of Object.entries(figures.failures)) {
          notes.push(`put out, ${times} times: ${reason}`);
        }
        return { figures, notes };
      },
    },
  ],
};

function whatBecame(figures: SlowReaderFigures): string {
  const { closedAfterMs, recoveredMs, resynced, afterReconnect, stayed } = figures;
  let fate = stayed ? 'kept' : 'closed as it read again';
  if (closedAfterMs !== null) fate = `closed after ${(closedAfterMs / 1000).toFixed(1)} s`;
  else if (resynced) fate += ', told to join again';
  if (recoveredMs !== null) return `${fate}, complete in ${(recoveredMs / 1000).toFixed(1)} s`;
  return afterReconnect === true ? `${fate}, complete when it connected again` : `${fate}, incomplete`;
}
