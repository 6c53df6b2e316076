import { DEFAULT_PACE, type Seat } from '../generator/fleet.js';
import { type TypingFigures, TypingRun } from '../generator/typing-run.js';
import type { Case, Scenario } from './scenario.js';
import { milliseconds, percent, typing, typingOutcome } from './typing-table.js';

/** Edits a second of each typist: of two who type as fast as one can, of many who write now and then, of a crowd. */
const FAST = 10;
const CALM = 2;
const CROWD = 5;
const CROWDS = [20, 100];
const DOCUMENTS = 100;
/** Documents whose texts are compared. */
const CHECKED = 10;

/** People in one document who are connected to different nodes. */
export const twoNodes: Scenario = {
  name: 'two-nodes',
  title: 'Two nodes',
  about:
    `Two nodes of one server with what they share (Redis, and PostgreSQL where it stands), all of it on one core. Half of each document's clients are at either node, and all of them type: ` +
    `1 × 2 is one document with two who type ${FAST} edits a second each; ${DOCUMENTS} × 2 with ${CALM} each; a crowd in one document types ${CROWD} each. "far" is from a typist to the clients of the ` +
    'other node, "near" to those of its own. CPU is of everything on that core, by delivery, then of its parts.',
  columns: [
    typing('far p50 ms', ({ farMs }) => quantile(farMs, 'p50')),
    typing('far p99 ms', ({ farMs }) => quantile(farMs, 'p99')),
    typing('near p50 ms', ({ nearMs }) => quantile(nearMs, 'p50')),
    typing('near p99 ms', ({ nearMs }) => quantile(nearMs, 'p99')),
    typing('ack p50 ms', ({ ackMs }) => (ackMs === null ? '' : milliseconds(ackMs.p50))),
    typing('ack p99 ms', ({ ackMs }) => (ackMs === null ? '' : milliseconds(ackMs.p99))),
    typing('deliveries/s', ({ deliveredPerSecond }) => Math.round(deliveredPerSecond).toLocaleString('en')),
    typing('µs CPU each', ({ serverUsPerDelivery }) => microseconds(serverUsPerDelivery)),
    typing('nodes', part('nodes')),
    typing('Redis', part('redis')),
    typing('PostgreSQL', part('postgres')),
    typing('core', ({ serverCpuShare }) => percent(serverCpuShare)),
    typing('lost', ({ lost }) => (lost === null ? '?' : lost.toLocaleString('en'))),
    typing('texts equal', ({ converged }) => (converged === null ? '?' : converged ? 'yes' : 'NO')),
    typing('generator', ({ generator }) => percent(generator.cpuShare)),
  ],
  cases: () => [
    documentsCase(1, FAST),
    documentsCase(DOCUMENTS, CALM),
    ...CROWDS.map((size) => typingCase(`${size} typists`, crowd(size), CROWD)),
  ],
  severalNodes: true,
};

/** One document with a client at either node in turn. */
export function crowd(size: number): Seat[] {
  return Array.from({ length: size }, (_, number) => ({ number, document: 'crowd', node: number % 2 }));
}

function documentsCase(documents: number, rate: number): Case {
  const seats = Array.from({ length: 2 * documents }, (_, number) => ({
    number,
    document: `pair-${Math.floor(number / 2)}`,
    node: number % 2,
  }));
  return typingCase(`${documents} × 2`, seats, rate);
}

function typingCase(label: string, seats: readonly Seat[], rate: number): Case {
  const typists = seats.map(({ number }) => number);
  const apart = Math.max(1, Math.floor(seats.length / 2 / CHECKED));
  const checked = typists.filter((number) => Math.floor(number / 2) % apart === 0);
  return {
    label,
    async run(context) {
      const options = { seats, typists, rate, checked, pace: DEFAULT_PACE };
      return typingOutcome(await new TypingRun(context, options).run());
    },
  };
}

function quantile(latency: TypingFigures['farMs'], which: 'p50' | 'p99'): string {
  return latency === null ? '' : milliseconds(latency[which]);
}

function part(name: string): (figures: TypingFigures) => string {
  return ({ partsUsPerDelivery }) =>
    partsUsPerDelivery[name] === 0 ? '' : microseconds(partsUsPerDelivery[name] ?? null);
}

function microseconds(us: number | null): string {
  return us === null ? '–' : us.toFixed(2);
}
