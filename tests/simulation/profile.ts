import type { AccessProfile } from './access-profile.js';
import type { Dice } from './dice.js';

export const FAULTS = [
  'cut',
  'half-open',
  'stall',
  'lost-frame',
  'congestion',
  'crash',
  'graceful-stop',
  'outage',
  'vanish',
  'go-away',
  'everybody-leaves',
  'newcomer',
  'carry-over',
  'freeze',
  'reload',
  'bus-away',
  'partition',
  'rolling-restart',
] as const;
export type Fault = (typeof FAULTS)[number];

/** What can break only where there are several nodes. */
const OF_SEVERAL: readonly Fault[] = ['bus-away', 'partition', 'rolling-restart'];

/** What kind of a world a seed makes. Times in milliseconds. */
export interface Profile {
  readonly nodes: number;
  readonly clients: number;
  readonly documents: number;
  /** How long people work and things break. */
  readonly duration: number;
  /** Each seed has only some kinds of faults, so that rare combinations get their turn. */
  readonly faults: readonly Fault[];
  /** Things that each client does at most. */
  readonly works: number;
  readonly faultEvery: number;
  /** Largest time on the way, one way. */
  readonly latency: number;
  /** `instant`: answers at once, as the memory store does. `queue`: one after the other. `pool`: reads overtake each other. */
  readonly store: 'instant' | 'queue' | 'pool';
  readonly storeLatency: number;
  /** A commit may fail although it is durable, as when the connection to a database breaks while it answers. */
  readonly ambiguous: boolean;
  readonly maxUpdateBytes: number;
  readonly maxPendingBytes: number;
  readonly compactAtRows: number;
  readonly compactEveryMs: number;
  readonly keepRows: number;
  readonly unloadAfterMs: number;
  /** See `Timeline`. */
  readonly turnLasts: number;
  /** Largest time from node to node; now and then it is much longer, unless the bus keeps the order. */
  readonly busLatency: number;
  readonly busInOrder: boolean;
  /** How many of the messages are lost, and come twice. Also when nothing breaks any more. */
  readonly busLoss: number;
  readonly busRepeats: number;
  /** How long the load balancer sends clients to a node that is down. */
  readonly balancerNotices: number;
  /** Absent where whoever comes may do everything. */
  readonly access?: AccessProfile | undefined;
}

export function chooseProfile(dice: Dice): Profile {
  const share = dice.pick([0.2, 0.4, 0.7]);
  const nodes = dice.pick([1, 2, 3]);
  const faults = FAULTS.filter((fault) => dice.chance(share) && (nodes > 1 || !OF_SEVERAL.includes(fault)));
  return {
    nodes,
    clients: dice.whole(2, 4),
    documents: dice.chance(0.25) ? 2 : 1,
    duration: dice.spread(2_000, 40_000),
    faults,
    works: dice.whole(5, 30),
    faultEvery: dice.spread(400, 5_000),
    latency: dice.spread(1, 150),
    store: dice.pick(['instant', 'queue', 'queue', 'pool']),
    storeLatency: dice.spread(0.5, 80),
    ambiguous: dice.chance(0.1),
    maxUpdateBytes: dice.pick([96, 400, 4_000]),
    maxPendingBytes: dice.pick([1_500, 100_000]),
    compactAtRows: dice.pick([5, 20, 60]),
    compactEveryMs: dice.pick([100, 1_000]),
    keepRows: dice.pick([0, 4, 30]),
    unloadAfterMs: dice.pick([50, 1_000, 10_000]),
    turnLasts: dice.pick([0, 0, 0.5]),
    busLatency: dice.spread(0.2, 60),
    busInOrder: dice.chance(0.5),
    busLoss: dice.pick([0, 0.05, 0.3]),
    busRepeats: dice.pick([0, 0, 0.05]),
    balancerNotices: dice.spread(10, 6_000),
  };
}
