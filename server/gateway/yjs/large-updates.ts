import { CoscribeError } from '../../../shared/errors.js';
import type { SessionLimits } from '../../../shared/protocol.js';
import { UpdateReader } from '../../../shared/update-format.js';
import { readSections } from '../../../shared/update-order.js';
import { splitUpdate } from '../../../shared/update-split.js';

/** Told what became of an update: its number in the log, or why it is not there. */
export type Settle = (outcome: number | CoscribeError) => void;

/** Smaller updates are within every bound. In bytes. */
const SMALL_BYTES = 16 * 1024;
/** An update of so many structs and deletions is cut into parts here, which takes some 20 ms then. */
const MAX_CUT = 30_000;
/** So many are looked through to see what is new: some 50 ms. */
const MAX_LOOKED_THROUGH = 100_000;

/** Whom an update names costs about as much as so many structs, for each of them. */
const CLIENT_WEIGHT = 20;

/** What is larger is taken in steps, with others' turns between them, in bytes: 10 MB of text take some 50 to 100 ms in each. */
export const LARGE_BYTES = 1024 * 1024;

type Bounds = Pick<SessionLimits, 'maxUpdateBytes' | 'maxDeleteRanges'>;

/**
 * An update in parts that a document takes, in this order. Our own client sends it in parts; those of y-protocols send what
 * was pasted, or done offline, as one.
 *
 * @throws CoscribeError `update-too-large` if it is, and cannot be cut in a short time; `invalid-update`, `update-refused`
 */
export function partsOf(update: Uint8Array, { maxUpdateBytes, maxDeleteRanges }: Bounds): Uint8Array[] {
  if (update.length <= Math.min(SMALL_BYTES, maxUpdateBytes)) return [update];
  if (hasAtMost(update, MAX_CUT)) return splitUpdate(update, { maxBytes: maxUpdateBytes, maxDeleteRanges });
  if (update.length <= maxUpdateBytes) return [update];
  throw tooLarge(MAX_CUT);
}

/**
 * Looks whether a large answer to a state vector can be looked through in a short time.
 *
 * @throws CoscribeError `update-too-large` if not; `invalid-update`, `update-refused`
 */
export function demandShort(answer: Uint8Array, { maxUpdateBytes }: Bounds): void {
  if (answer.length > maxUpdateBytes && !hasAtMost(answer, MAX_LOOKED_THROUGH))
    throw tooLarge(MAX_LOOKED_THROUGH);
}

/**
 * The same of what somebody has just written, or what is new in his answer. That of many is never taken as one edit; an
 * answer names everybody who ever wrote.
 *
 * @throws CoscribeError as `demandShort`
 */
export function demandOfFew(update: Uint8Array): void {
  if (update.length > SMALL_BYTES && !hasAtMost(update, MAX_LOOKED_THROUGH, CLIENT_WEIGHT))
    throw tooLarge(MAX_LOOKED_THROUGH);
}

/** Lets others have their turn, if an update is large. */
export function breather({ length }: Uint8Array): Promise<void> {
  return length <= LARGE_BYTES ? Promise.resolve() : new Promise((resolve) => setImmediate(resolve));
}

/** For an update in so many parts, which are settled in their order: it is durable with the last, or refused with the first. */
export function settleOnce(parts: number, settle: Settle): Settle {
  let left = parts;
  let refusal: CoscribeError | undefined;
  return (outcome) => {
    if (outcome instanceof CoscribeError) refusal ??= outcome;
    if (--left === 0) settle(refusal ?? outcome);
  };
}

const ENOUGH = new Error('there are more');

function hasAtMost(update: Uint8Array, most: number, clientWeight = 1): boolean {
  let left = most;
  const take = (weight: number): void => {
    left -= weight;
    if (left < 0) throw ENOUGH;
  };
  const count = (): void => take(1);
  const reader = new UpdateReader(update);
  try {
    readSections(reader, () => take(clientWeight), count);
    while (reader.nextDeletes()) {
      take(clientWeight);
      while (reader.nextRange()) count();
    }
    return true;
  } catch (error) {
    if (error === ENOUGH) return false;
    throw error;
  }
}

function tooLarge(most: number): CoscribeError {
  return new CoscribeError('update-too-large', `more than ${most} pieces in one message`);
}
