import type { LogEnd } from './store.js';

/** Whether a log ends where it has to; it may end anywhere if nothing is said. */
export function endsAt({ generation, head }: LogEnd, wanted: LogEnd | undefined): boolean {
  return wanted === undefined || (generation === wanted.generation && head === wanted.head);
}
