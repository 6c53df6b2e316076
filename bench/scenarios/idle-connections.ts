import type { Seat } from '../generator/fleet.js';
import { Sitting } from '../generator/sitting.js';
import { readMemory } from '../os/usage.js';
import { columnsOf, count, kilobytes, megabytes } from './columns.js';
import type { Case, RunContext, Scenario } from './scenario.js';

const SIZES = [5_000, 10_000];
const PER_DOCUMENT = 10;
const PACE = { perSecond: 5_000, atOnce: 100, timeoutMs: 60_000 };
/** The server's memory comes to rest before it is looked at. */
const SETTLE_MS = 2_000;
const QUIET_MS = 10_000;

type IdleFigures = Awaited<ReturnType<typeof sitThere>>;

/** Many have a document open, and nobody does anything. */
export const idleConnections: Scenario = {
  name: 'idle',
  title: 'Idle connections',
  about:
    `N connections, ${PER_DOCUMENT} in each document, and nobody types. "joins/s": how fast they got in, at most ${PACE.atOnce} of them under way at once. "kB each": the ` +
    `server's memory after ${(SETTLE_MS + QUIET_MS) / 1000} s of quiet, less what it was before the first came, by connection. "core": in the last ${QUIET_MS / 1000} of ` +
    'these seconds; where stock clients renew their awareness state every 15 s, these do.',
  columns: columnsOf<IdleFigures>({
    'got in': ({ joined }) => count(joined),
    'joins/s': ({ joinsPerSecond }) => count(joinsPerSecond),
    'kB each': ({ bytesEach }) => kilobytes(bytesEach),
    'RSS MB': ({ residentAfter }) => megabytes(residentAfter),
    core: ({ serverShare }) => `${(100 * serverShare).toFixed(1)} %`,
  }),
  cases: () => SIZES.map(idleCase),
};

function idleCase(size: number): Case {
  return {
    label: count(size),
    async run(context) {
      const figures = await sitThere(context, size);
      const notes: string[] = [];
      if (figures.problem !== null) notes.push(figures.problem);
      for (const [reason, times] of Object.entries(figures.failures)) {
        notes.push(`${times} clients not in: ${reason}`);
      }
      return { figures, notes, hopeless: figures.stayed < size / 2 };
    },
  };
}

async function sitThere(context: RunContext, size: number) {
  const seats: Seat[] = Array.from({ length: size }, (_, number) => ({
    number,
    document: `idle-${Math.floor(number / PER_DOCUMENT)}`,
  }));
  const sitting = new Sitting(context);
  try {
    const before = readMemory(context.process.pid).resident;
    const { joined, ms, problem = null } = await sitting.enter(seats, PACE);
    await sitting.quiet(SETTLE_MS);
    const { resident, serverShare } = await sitting.quiet(QUIET_MS);
    return {
      joined,
      stayed: sitting.joined,
      problem,
      joinsPerSecond: (1000 * joined) / ms,
      residentBefore: before,
      residentAfter: resident,
      bytesEach: (resident - before) / Math.max(1, sitting.joined),
      serverShare,
      failures: sitting.failures,
    };
  } finally {
    await sitting.leave();
  }
}
