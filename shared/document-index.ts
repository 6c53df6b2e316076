import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { CoscribeError } from './errors.js';
import { type Place, PlaceRuns, placeDepth } from './place-runs.js';
import { Kind, UpdateReader } from './update-format.js';
import { readSections, structPlace, walkInOrder } from './update-order.js';

/** What a checked update adds of one client: the clocks from `from` to before `to`. */
export interface AddedClocks {
  readonly client: number;
  readonly from: number;
  readonly to: number;
  /** Where these clocks lie; absent if all are at 0. */
  readonly places: PlaceRuns | undefined;
}

/** An update that `checkUpdate` let pass, with what `DocumentIndex.admit` has to know of it. */
export interface CheckedUpdate {
  /**
   * What to commit and pass on: the update, without the structs that the document has already. (Yjs throws at a
   * struct of which it has the beginning as GC.)
   */
  readonly update: Uint8Array;
  /** What it adds, one entry per client. */
  readonly added: readonly AddedClocks[];
  readonly addsStructs: boolean;
  /** Number of ranges in its delete set. */
  readonly deleteRanges: number;
  /** Next clock of the sender's clientID once the update is admitted. */
  readonly newClock: number;
}

const VERSION = 1;

/**
 * What has to be known of a document's content to check updates to it: each client's next clock and, where content
 * lies deeper than in a root type or under a key, where. It stands in for a `Y.Doc` on the thread that moves bytes: a text document
 * costs one number per client that ever wrote.
 */
export class DocumentIndex {
  readonly #clocks = new Map<number, number>();
  /** Absent as long as the document is flat, as text documents are. */
  #places: Map<number, PlaceRuns> | undefined;

  /** Next clock of a client; 0 if it never wrote. */
  clock(client: number): number {
    return this.#clocks.get(client) ?? 0;
  }

  knows(client: number): boolean {
    return this.#clocks.has(client);
  }

  get clientCount(): number {
    return this.#clocks.size;
  }

  /** Whether all content lies directly in root types, under no keys. */
  get flat(): boolean {
    return this.#places === undefined;
  }

  placeOf(client: number, clock: number): Place {
    return this.#places?.get(client)?.at(clock) ?? 0;
  }

  /** Number of shared types between a known item and the root type it is in. */
  depthOf(client: number, clock: number): number {
    return placeDepth(this.placeOf(client, clock));
  }

  /**
   * Takes up what a checked update adds.
   *
   * @throws CoscribeError `internal` if the document has changed since the check; nothing is taken up then
   */
  admit(checked: CheckedUpdate): void {
    for (const { client, from } of checked.added) {
      if (this.clock(client) !== from)
        throw new CoscribeError('internal', 'the update was checked against another state');
    }
    for (const { client, from, to, places } of checked.added) {
      this.#clocks.set(client, to);
      this.#addPlaces(client, from, places);
    }
  }

  #addPlaces(client: number, from: number, added: PlaceRuns | undefined): void {
    const known = this.#places?.get(client);
    if (known === undefined && added === undefined) return;
    const runs = known ?? new PlaceRuns();
    runs.push(from, added?.at(from) ?? 0);
    added?.visit((clock, at) => runs.push(clock, at));
    if (known === undefined && runs.size > 0) this.#setPlaces(client, runs);
  }

  #setPlaces(client: number, runs: PlaceRuns): void {
    this.#places ??= new Map();
    this.#places.set(client, runs);
  }

  /** The state vector as `Y.encodeStateVector` writes it. */
  stateVector(): Uint8Array {
    const encoder = encoding.createEncoder();
    this.#writeClocks(encoder);
    return encoding.toUint8Array(encoder);
  }

  #writeClocks(encoder: encoding.Encoder): void {
    encoding.writeVarUint(encoder, this.#clocks.size);
    for (const [client, clock] of [...this.#clocks].sort(descending)) {
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, clock);
    }
  }

  /**
   * varUint version 1; the state vector; varUint number of clients with places, and for each varUint client, varUint
   * number of runs, and per run varUint clock and varUint place. An empty index is 0 bytes.
   */
  encode(): Uint8Array {
    if (this.#clocks.size === 0) return new Uint8Array();
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, VERSION);
    this.#writeClocks(encoder);
    encoding.writeVarUint(encoder, this.#places?.size ?? 0);
    for (const [client, runs] of [...(this.#places ?? [])].sort(descending)) {
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, runs.size);
      runs.visit((clock, at) => {
        encoding.writeVarUint(encoder, clock);
        encoding.writeVarUint(encoder, at);
      });
    }
    return encoding.toUint8Array(encoder);
  }

  /**
   * Reads what `encode` wrote.
   *
   * @throws CoscribeError `document-unreadable`
   */
  static decode(bytes: Uint8Array): DocumentIndex {
    const index = new DocumentIndex();
    if (bytes.length > 0) unreadable('the index', () => index.#read(decoding.createDecoder(bytes)));
    return index;
  }

  #read(decoder: decoding.Decoder): void {
    if (decoding.readVarUint(decoder) !== VERSION) throw new RangeError('unknown version');
    for (let left = decoding.readVarUint(decoder); left > 0; left--) {
      const client = decoding.readVarUint(decoder);
      const clock = decoding.readVarUint(decoder);
      if (clock === 0 || this.#clocks.has(client))
        throw new RangeError('a client without clocks, or one twice');
      this.#clocks.set(client, clock);
    }
    for (let left = decoding.readVarUint(decoder); left > 0; left--) this.#readRuns(decoder);
    if (decoding.hasContent(decoder)) throw new RangeError('bytes left over');
  }

  #readRuns(decoder: decoding.Decoder): void {
    const client = decoding.readVarUint(decoder);
    const runs = new PlaceRuns();
    let next = 0;
    for (let left = decoding.readVarUint(decoder); left > 0; left--) {
      const clock = decoding.readVarUint(decoder);
      if (clock < next || clock >= this.clock(client)) throw new RangeError('places out of order');
      runs.push(clock, decoding.readVarUint(decoder));
      next = clock + 1;
    }
    if (runs.size === 0 || this.#places?.has(client))
      throw new RangeError('a client without places, or one twice');
    this.#setPlaces(client, runs);
  }

  /**
   * The index of a document's whole state, a Yjs update (format v1) that depends on nothing.
   *
   * @throws CoscribeError `document-unreadable` if it is no such update
   */
  static ofState(state: Uint8Array): DocumentIndex {
    const index = new DocumentIndex();
    unreadable('the state', () => index.#readState(state));
    return index;
  }

  #readState(state: Uint8Array): void {
    const reader = new UpdateReader(state);
    let flat = true;
    const sections = readSections(
      reader,
      ({ clock }) => {
        if (clock !== 0) throw new RangeError('the beginning of a client is missing');
      },
      ({ kind, namesPlace }) => {
        if (kind === Kind.skip) throw new RangeError('a part of a client is missing');
        if (namesPlace) flat = false;
      },
    );
    for (const { client, to } of sections.values()) this.#clocks.set(client, to);
    if (flat) return;
    const placeOf = (client: number, clock: number): Place => this.placeOf(client, clock);
    walkInOrder(
      state,
      sections,
      () => 0,
      (struct) => {
        const runs = this.#places?.get(struct.client) ?? new PlaceRuns();
        runs.push(struct.clock, structPlace(struct, placeOf));
        if (runs.size > 0) this.#setPlaces(struct.client, runs);
      },
    );
  }
}

function descending(a: readonly [number, unknown], b: readonly [number, unknown]): number {
  return b[0] - a[0];
}

function unreadable(what: string, read: () => void): void {
  try {
    read();
  } catch (cause) {
    throw new CoscribeError('document-unreadable', `${what} does not decode`, { cause });
  }
}
