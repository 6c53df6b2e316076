import { measurePresence, type PresenceFigures } from '../generator/presence-run.js';
import { columnsOf, count, kilobytes } from './columns.js';
import type { Scenario } from './scenario.js';
import { milliseconds, percent } from './typing-table.js';

const CLIENTS = 200;
const RATE = 5;

/** Everybody's caret moves, and nobody types. */
export const presence: Scenario = {
  name: 'presence',
  title: 'Presence',
  about:
    `${CLIENTS} clients in one document move their carets ${RATE} times a second each, and nobody types. A caret has come to a client when the client has ` +
    'that state or a newer one of the same person: our server sends of each only the newest, every 50 ms.',
  columns: columnsOf<PresenceFigures>({
    'p50 ms': ({ latencyMs }) => milliseconds(latencyMs?.p50 ?? null),
    'p99 ms': ({ latencyMs }) => milliseconds(latencyMs?.p99 ?? null),
    'moves seen/s': ({ deliveredPerSecond }) => count(deliveredPerSecond),
    core: ({ serverShare }) => percent(serverShare),
    'kB/s each': ({ bytesPerClientSecond }) => kilobytes(bytesPerClientSecond),
    generator: ({ generatorShare }) => percent(generatorShare),
  }),
  cases: () => [
    {
      label: `${CLIENTS} carets`,
      async run(context) {
        const figures = await measurePresence(context, { clients: CLIENTS, rate: RATE });
        const notes: string[] = [];
        if (figures.saturated) notes.push('saturated');
        if (figures.generatorBound) notes.push(`generator-bound: ${figures.why}`);
        if (figures.missing > 0) notes.push(`${count(figures.missing)} moves not seen (${figures.drained})`);
        for (const [reason, times] of Object.entries(figures.failures)) {
          notes.push(`${times} clients put out: ${reason}`);
        }
        return { figures, notes };
      },
    },
  ],
};
