import { CLIENT_CUT, STORM } from './client-faults.js';
import type { Fault } from './fault.js';
import { NODE_KILL, NODE_STOP, ROLLING } from './node-faults.js';
import { POSTGRES } from './postgres-faults.js';
import { REDIS_DISTURB, REDIS_KILL } from './redis-faults.js';

/** Some typists on all ways, or very many clients. */
export type CrowdKind = 'usual' | 'huge';

export interface Row {
  /** As on the command line. */
  readonly name: string;
  /** How often `npm test` and a whole soak run it. */
  readonly inTest: number;
  readonly inSoak: number;
  /** What may happen; a run's seed decides which. */
  readonly faults: readonly Fault[];
  readonly crowd: CrowdKind;
  /**
   * Within how many milliseconds all has to be well in `npm test`, where that depends on the machine: two thousand clients
   * and their nodes take 6 s of processor time, and tests share it. 10,000 unless given.
   */
  readonly inTestWithinMs?: number;
}

/** What must not make nodes disagree, and how often that is tried. */
export const TABLE: readonly Row[] = [
  { name: 'node-kill', inTest: 10, inSoak: 500, faults: NODE_KILL, crowd: 'usual' },
  { name: 'node-stop', inTest: 5, inSoak: 100, faults: NODE_STOP, crowd: 'usual' },
  { name: 'redis-kill', inTest: 6, inSoak: 200, faults: REDIS_KILL, crowd: 'usual' },
  { name: 'redis-disturb', inTest: 6, inSoak: 200, faults: REDIS_DISTURB, crowd: 'usual' },
  { name: 'postgres', inTest: 6, inSoak: 200, faults: POSTGRES, crowd: 'usual' },
  { name: 'client-cut', inTest: 5, inSoak: 200, faults: CLIENT_CUT, crowd: 'usual' },
  { name: 'rolling', inTest: 2, inSoak: 50, faults: ROLLING, crowd: 'usual' },
  { name: 'storm', inTest: 1, inSoak: 10, faults: STORM, crowd: 'huge', inTestWithinMs: 40_000 },
];

/** @throws RangeError if there is no such row */
export function rowOf(name: string): Row {
  const row = TABLE.find((candidate) => candidate.name === name);
  if (row === undefined) throw new RangeError(`There is no fault "${name}".`);
  return row;
}

/** The seed decides, so that one seed after the other goes through all of them. @throws RangeError for a row without faults */
export function faultOf({ name, faults }: Row, seed: number): Fault {
  const fault = faults[seed % faults.length];
  if (fault === undefined) throw new RangeError(`"${name}" has no faults.`);
  return fault;
}
