import { type DeleteRanges, deletesOf, withoutDeletes } from '../../../shared/delete-ranges.js';
import { decodeStateVector, MAX_STATE_VECTOR_BYTES } from '../../../shared/state-vector.js';
import { joinUpdates } from '../../../shared/update-join.js';
import { sectionsOf } from '../../../shared/update-order.js';
import { type KnownClocks, knownBy, trimKnown } from '../../../shared/update-trim.js';

/** A snapshot from this size on is sent as it is: to look at each struct would take longer than to send it. */
const WHOLE_BYTES = 64 * 1024;
/** Of larger content it is not looked up what it deletes, in bytes. */
const MAX_LOOKED_UP_BYTES = 2 * 1024 * 1024;
/** An update in which there is nothing. */
const NOTHING = Uint8Array.of(0, 0);

/** What a copy has, by its state vector; `undefined` if it has nothing. @throws CoscribeError `invalid-update` */
export function readKnown(stateVector: Uint8Array): KnownClocks | undefined {
  // One that is too long to be taken into account counts as nothing: then the whole document is sent.
  if (stateVector.length > MAX_STATE_VECTOR_BYTES) return undefined;
  const clocks = decodeStateVector(stateVector);
  return clocks.size === 0 ? undefined : knownBy(clocks);
}

/** What a client is sent of what its join gave: few updates, and nothing that it has. There is one at least. */
export function contentFor(updates: readonly Uint8Array[], known: KnownClocks | undefined): Uint8Array[] {
  const [first, ...rest] = updates;
  if (first === undefined) return [NOTHING];
  if (first.length < WHOLE_BYTES) return [joinUpdates(updates, known)];
  return rest.length === 0 ? [first] : [first, joinUpdates(rest, known)];
}

/** What a document's content deletes, as far as that can be looked up at once. */
export class KnownDeletes {
  #content: readonly Uint8Array[] = [];
  #deletes: DeleteRanges | undefined;

  /** A client has been sent this; mostly nobody asks what is deleted in it. */
  sent(content: readonly Uint8Array[]): void {
    const bytes = content.reduce((sum, { length }) => sum + length, 0);
    this.#content = bytes > MAX_LOOKED_UP_BYTES ? [] : content;
    this.#deletes = undefined;
  }

  /** The client has everything and deletes nothing: so there is nothing deleted, and no content to be kept for that. */
  none(): void {
    this.sent([]);
  }

  get(): DeleteRanges {
    this.#deletes ??= deletesOf(this.#content);
    this.#content = [];
    return this.#deletes;
  }
}

/**
 * What is new in an answer to a state vector: Yjs puts everything into it that the copy ever deleted.
 *
 * @param stateVector what the document has
 * @returns `undefined` if there is nothing new
 * @throws CoscribeError `invalid-update`, `update-refused`
 */
export function newsOf(
  update: Uint8Array,
  stateVector: Uint8Array,
  deletes: KnownDeletes,
): Uint8Array | undefined {
  if (isNothing(update)) {
    deletes.none();
    return undefined;
  }
  const known = knownBy(decodeStateVector(stateVector));
  let news = update;
  for (const { client, from } of sectionsOf(update)) {
    if (from >= known.clock(client)) continue;
    news = trimKnown(update, known);
    break;
  }
  const deleted = deletes.get();
  if (deleted.size > 0) news = withoutDeletes(news, deleted);
  return isNothing(news) ? undefined : news;
}

export function isNothing(update: Uint8Array): boolean {
  return update.length === 2 && update[0] === 0 && update[1] === 0;
}
