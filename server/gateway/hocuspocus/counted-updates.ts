import { decodeStateVector, type StateVector } from '../../../shared/state-vector.js';
import { UpdateReader } from '../../../shared/update-format.js';
import { readSections, sectionsOf } from '../../../shared/update-order.js';

/** A longer one takes too long to read: 512 KB are 70,000 clients, and 10 ms. */
const MAX_BYTES = 512 * 1024;
const NOTHING: StateVector = new Map();
const ignore = (): void => {};

/** What the provider had when it began to count, by its step 1. Of one that cannot be read, nothing. */
export function readOwned(stateVector: Uint8Array): StateVector {
  try {
    return stateVector.length > MAX_BYTES ? NOTHING : decodeStateVector(stateVector);
  } catch {
    return NOTHING;
  }
}

/** Whether one copy has all that another has, and more. */
export function exceeds(one: StateVector, other: StateVector): boolean {
  for (const [client, clock] of other) if ((one.get(client) ?? 0) < clock) return false;
  for (const [client, clock] of one) if (clock > (other.get(client) ?? 0)) return true;
  return false;
}

/**
 * Whether an answer to a step 1 brings all that a copy has, as far as that can be told: of deletions it cannot.
 *
 * @param owned what the copy has
 * @param asked the state vector that it was asked with
 */
export function bringsAll(update: Uint8Array, owned: StateVector, asked: Uint8Array): boolean {
  try {
    const known = decodeStateVector(asked);
    const brought = new Map<number, number>();
    for (const { client, to } of sectionsOf(update)) brought.set(client, to);
    for (const [client, clock] of owned)
      if (clock > (known.get(client) ?? 0) && clock > (brought.get(client) ?? 0)) return false;
    return true;
  } catch {
    // Whoever takes it says what is wrong with it.
    return true;
  }
}

/**
 * Whether a provider has counted an update since its step 1. What it wrote while it was not connected it keeps, and sends when
 * it hears the first message, behind its step 1; but by that it has begun to count anew.
 *
 * @param owned what it had at its step 1
 * @param mayBeKept whether it may have kept updates at all. Of one that only deletes what was there before nobody can tell
 *   when it was written: it is taken for kept then, because a count that stays too high loses nothing
 */
export function isCounted(update: Uint8Array, owned: StateVector, mayBeKept: boolean): boolean {
  try {
    const reader = new UpdateReader(update);
    for (const { client, from } of readSections(reader, ignore, ignore).values())
      return from >= (owned.get(client) ?? 0);
    while (reader.nextDeletes())
      while (reader.nextRange())
        if (reader.clock + reader.length > (owned.get(reader.client) ?? 0)) return true;
    return !mayBeKept;
  } catch {
    return false;
  }
}
