import type { Dice } from './dice.js';

export const ACCESS_EVENTS = ['role', 'link-revoked', 'tokens-voided', 'deleted', 'directory-away'] as const;
export type AccessEvent = (typeof ACCESS_EVENTS)[number];

/** How who may do what changes, in a world where that is asked. Times in milliseconds. */
export interface AccessProfile {
  readonly events: readonly AccessEvent[];
  readonly changeEvery: number;
  /** How long a token lives that is renewed. */
  readonly tokenLife: number;
  /** Of how many changes the nodes are told. */
  readonly hinted: number;
}

/** Worlds of so many are asked for tokens. */
const SHARE = 0.25;

export function chooseAccess(dice: Dice): AccessProfile | undefined {
  if (!dice.chance(SHARE)) return undefined;
  return {
    events: ACCESS_EVENTS.filter((event) => event === 'role' || dice.chance(0.5)),
    changeEvery: dice.spread(300, 6_000),
    tokenLife: Math.round(dice.spread(12_000, 60_000)),
    hinted: dice.pick([0, 0.5, 1]),
  };
}
