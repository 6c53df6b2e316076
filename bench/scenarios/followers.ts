import { type FollowersFigures, measureFollowers } from '../generator/followers-run.js';
import { columnsOf, count, kilobytes, megabytes } from './columns.js';
import type { Case, Scenario } from './scenario.js';
import { milliseconds, percent } from './typing-table.js';

const TYPISTS = 10;
const RATE = 5;
const SIZES = [0, 1_000, 5_000];

/** Few type, and many look on over server-sent events. */
export const followers: Scenario = {
  name: 'followers',
  title: 'Followers',
  about:
    `${TYPISTS} people type ${RATE} edits a second each, and N follow the text over server-sent events. Latency is from the moment at which an edit was due to the event ` +
    'that has it, at 250 followers spread over all. "µs CPU each": all CPU of the server, the typing included, by event and follower; an event may hold several edits. ' +
    '"ack": what typing is like beside it. "kB each": memory that a follower takes.',
  columns: columnsOf<FollowersFigures>({
    'p50 ms': ({ latencyMs }) => (latencyMs === null ? undefined : milliseconds(latencyMs.p50)),
    'p99 ms': ({ latencyMs }) => (latencyMs === null ? undefined : milliseconds(latencyMs.p99)),
    'ack p50 ms': ({ ackMs }) => milliseconds(ackMs.p50),
    'ack p99 ms': ({ ackMs }) => milliseconds(ackMs.p99),
    'events/s each': ({ eventsPerSecond }) => eventsPerSecond?.toFixed(1),
    'µs CPU each': ({ usPerEvent }) => usPerEvent?.toFixed(2),
    core: ({ serverShare }) => percent(serverShare),
    'kB each': ({ bytesEach }) => (bytesEach === null ? undefined : kilobytes(bytesEach)),
    'RSS MB': ({ residentAfter }) => megabytes(residentAfter),
    'opened/s': ({ opensPerSecond }) => (opensPerSecond === null ? undefined : count(opensPerSecond)),
    generator: ({ generatorShare }) => percent(generatorShare),
  }),
  suits: ({ protocol, services }) => protocol.name === 'coscribe' && services === undefined,
  cases: () => SIZES.map(followersCase),
};

function followersCase(size: number): Case {
  return {
    label: `${count(size)} followers`,
    async run(context) {
      const figures = await measureFollowers(context, { followers: size, typists: TYPISTS, rate: RATE });
      const notes: string[] = [];
      if (figures.saturated) notes.push('saturated');
      if (figures.generatorBound) notes.push(`generator-bound: ${figures.why}`);
      if (figures.disturbed !== undefined) notes.push(`disturbed: ${figures.disturbed}`);
      if (figures.missing > 0)
        notes.push(`${count(figures.missing)} followers lack something (${figures.drained})`);
      for (const [reason, times] of Object.entries(figures.failures)) notes.push(`${times} ended: ${reason}`);
      return { figures, notes };
    },
  };
}
