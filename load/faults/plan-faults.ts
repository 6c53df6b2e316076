import { seededRandom } from '../../tools/seeded-random.js';
import type { FaultKind, FaultRate } from '../result.js';

export interface PlannedFault {
  readonly kind: FaultKind;
  /** When it is due, in milliseconds since faults began. */
  readonly dueMs: number;
  /** Decides what is hit, how, and for how long. */
  readonly seed: number;
}

const MS_PER_MINUTE = 60_000;
/** The first of a kind comes within this part of its interval, so that a run as long as the interval has it. */
const FIRST = { from: 0.2, to: 0.8 };
/** The others come that many intervals after the one before. */
const NEXT = { from: 0.8, to: 1.2 };
const SEEDS = 2 ** 32;

/**
 * Which faults come when, without end: each kind about evenly at its rate, all of them in the order in which they are due.
 * The seed decides everything; what else is asked for changes nothing for a kind.
 */
export function* planFaults(rates: readonly FaultRate[], seed: number): Generator<PlannedFault, never> {
  const next = rates.map(({ kind, perMinute }) => {
    const coming = faultsOf(kind, perMinute, seed);
    return { coming, fault: coming.next().value };
  });
  for (;;) {
    const first = next.reduce((best, one) => (one.fault.dueMs < best.fault.dueMs ? one : best));
    yield first.fault;
    first.fault = first.coming.next().value;
  }
}

function* faultsOf(kind: FaultKind, perMinute: number, seed: number): Generator<PlannedFault, never> {
  const random = seededRandom(seed ^ numberOf(kind));
  const interval = MS_PER_MINUTE / perMinute;
  const within = ({ from, to }: typeof FIRST) => interval * (from + random() * (to - from));
  let dueMs = within(FIRST);
  for (;;) {
    yield { kind, dueMs, seed: Math.floor(random() * SEEDS) };
    dueMs += within(NEXT);
  }
}

/** Another one for each kind. */
function numberOf(kind: FaultKind): number {
  let number = 0;
  for (const letter of kind) number = Math.imul(number, 31) + letter.charCodeAt(0);
  return number;
}
