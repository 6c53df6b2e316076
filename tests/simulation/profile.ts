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
] as const;
export type Fault = (typeof FAULTS)[number];

/** What kind of a world a seed makes. Times in milliseconds. */
export interface Profile {
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
  readonly keepRows: number;
  readonly unloadAfterMs: number;
  /** See `Timeline`. */
  readonly turnLasts: number;
}

export function chooseProfile(dice: Dice): Profile {
  const share = dice.pick([0.2, 0.4, 0.7]);
  return {
    clients: dice.whole(2, 4),
    documents: dice.chance(0.25) ? 2 : 1,
    duration: dice.spread(2_000, 40_000),
    faults: FAULTS.filter(() => dice.chance(share)),
    works: dice.whole(5, 40),
    faultEvery: dice.spread(400, 5_000),
    latency: dice.spread(1, 150),
    store: dice.pick(['instant', 'queue', 'queue', 'pool']),
    storeLatency: dice.spread(0.5, 80),
    ambiguous: dice.chance(0.1),
    maxUpdateBytes: dice.pick([96, 400, 4_000]),
    maxPendingBytes: dice.pick([1_500, 100_000]),
    compactAtRows: dice.pick([5, 15, 60]),
    keepRows: dice.pick([0, 4, 30]),
    unloadAfterMs: dice.pick([50, 1_000, 10_000]),
    turnLasts: dice.pick([0, 0, 0.5]),
  };
}
