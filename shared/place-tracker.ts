import type { DocumentIndex } from './document-index.js';
import { isKeyed, PlaceRuns, placeDepth } from './place-runs.js';
import { Kind, type UpdateReader } from './update-format.js';
import { structPlace } from './update-order.js';
import { MAX_TYPE_DEPTH, refused } from './update-rules.js';

/** Values of one client under keys that its update must delete, ascending; those before `next` it has deleted. */
interface Doomed {
  readonly spans: { readonly clock: number; readonly end: number }[];
  next: number;
}

/**
 * Follows where the structs of an update lie, in an order in which each comes after what it refers to, and refuses
 * what may not lie there.
 *
 * Under a key only the last value counts, and Yjs deletes each of the others whole. A struct of several values is cut
 * in two by whoever refers to its middle; the first half then stays alive, and Yjs throws when the type around it is
 * deleted. Honest ones are deleted from the start: an UndoManager keeps values that were overwritten, and Yjs joins
 * them. So their update has to delete them.
 */
export class PlaceTracker {
  readonly #index: DocumentIndex;
  readonly #places = new Map<number, PlaceRuns>();
  readonly #doomed = new Map<number, Doomed>();

  constructor(index: DocumentIndex) {
    this.#index = index;
  }

  /**
   * Takes up the struct at which the reader stands.
   *
   * @throws CoscribeError `update-refused`
   */
  track(reader: UpdateReader): void {
    const at = structPlace(reader, this.#placeOf);
    if (placeDepth(at) > MAX_TYPE_DEPTH) throw refused(`shared types nested deeper than ${MAX_TYPE_DEPTH}`);
    if (isKeyed(at) && reader.length > 1) this.#trackValues(reader);
    let runs = this.#places.get(reader.client);
    if (runs === undefined) {
      runs = new PlaceRuns();
      this.#places.set(reader.client, runs);
    }
    runs.push(reader.clock, at);
  }

  readonly #placeOf = (client: number, clock: number): number =>
    clock < this.#index.clock(client)
      ? this.#index.placeOf(client, clock)
      : (this.#places.get(client)?.at(clock) ?? 0);

  #trackValues({ kind, client, clock, length }: UpdateReader): void {
    if (kind === Kind.string) throw refused('text under a key');
    if (kind !== Kind.any) return;
    const doomed = this.#doomed.get(client) ?? { spans: [], next: 0 };
    doomed.spans.push({ clock, end: clock + length });
    this.#doomed.set(client, doomed);
  }

  /** Takes up the delete range at which the reader stands; those of a client must ascend. */
  delete({ client, clock, length }: UpdateReader): void {
    const doomed = this.#doomed.get(client);
    if (doomed === undefined) return;
    for (let span = doomed.spans[doomed.next]; span !== undefined; span = doomed.spans[doomed.next]) {
      if (span.clock < clock || span.end > clock + length) return;
      doomed.next++;
    }
  }

  /**
   * Checks at the end of the update that what it had to delete is deleted.
   *
   * @throws CoscribeError `update-refused`
   */
  finish(): void {
    for (const { spans, next } of this.#doomed.values()) {
      if (next < spans.length) throw refused('more than one value under a key');
    }
  }

  /** Where the new clocks of a client lie. */
  placesOf(client: number): PlaceRuns | undefined {
    return this.#places.get(client);
  }
}
