import type { AddedClocks, CheckedUpdate, DocumentIndex } from './document-index.js';
import { CoscribeError } from './errors.js';
import { type Place, PlaceRuns } from './place-runs.js';
import type { SessionLimits, UpdateKind } from './protocol.js';
import { NONE, UpdateReader } from './update-format.js';
import { readSections, structPlace, walkInOrder } from './update-order.js';
import { checkContent, checkPlace, MAX_NEW_CLIENTS, refused } from './update-rules.js';
import { trimKnown } from './update-trim.js';

export interface CheckOptions {
  /** The document as it is. Not changed: see `DocumentIndex.admit`. */
  readonly index: DocumentIndex;
  readonly kind: UpdateKind;
  /** `clientID` of the session that sends it. */
  readonly clientId: number;
  readonly limits: Pick<SessionLimits, 'maxUpdateBytes' | 'maxDeleteRanges'>;
}

const NOTHING_ADDED: readonly AddedClocks[] = [];

/**
 * Lets an update pass only if Yjs can apply it whole to the document, at a cost in proportion to its size, and
 * nothing in it harms anybody but its sender. Yjs itself is no such border: it throws half-way, keeps what it cannot
 * apply for ever, and has inputs of a few kilobytes that take it seconds.
 *
 * A live update holds structs of the session's own clientID only. GC among them is honest: Yjs writes it for a
 * shared type that is filled and deleted in one transaction. What no gate can see is an origin to the right of its
 * right origin.
 *
 * @throws CoscribeError `update-too-large` if splitting helps, `invalid-update` if it is not well-formed,
 *   `missing-dependencies` if it builds on what the document has not, `update-refused` for what no editor does
 */
export function checkUpdate(update: Uint8Array, options: CheckOptions): CheckedUpdate {
  if (update.length > options.limits.maxUpdateBytes) {
    throw new CoscribeError(
      'update-too-large',
      `${update.length} bytes, at most ${options.limits.maxUpdateBytes}`,
    );
  }
  return options.kind === 'live' ? checkLive(update, options) : checkCatchUp(update, options);
}

/** One pass, and no objects for what a text document does all day. */
function checkLive(update: Uint8Array, options: CheckOptions): CheckedUpdate {
  const { index, clientId } = options;
  const reader = new UpdateReader(update);
  const from = index.clock(clientId);
  let to = from;
  let places: PlaceRuns | undefined;
  const addsStructs = reader.nextSection();
  if (addsStructs) {
    if (reader.client !== clientId || reader.sectionsLeft > 0)
      throw refused("a live update holds others' structs");
    if (reader.clock < from) return checkLive(trimKnown(update, index), options);
    if (reader.clock > from) throw missing(clientId, from);
    while (reader.nextStruct()) {
      checkContent(reader);
      checkReference(index, clientId, reader.clock, reader.originClient, reader.originClock);
      checkReference(index, clientId, reader.clock, reader.rightClient, reader.rightClock);
      checkReference(index, clientId, reader.clock, reader.parentClient, reader.parentClock);
      if (places === undefined && (reader.namesPlace || !index.flat)) places = new PlaceRuns();
      if (places !== undefined) trackPlace(reader, index, from, places);
    }
    to = reader.clock + reader.length;
  }
  const deleteRanges = checkDeletes(reader, options, (client) =>
    client === clientId ? to : index.clock(client),
  );
  const added = addsStructs ? [{ client: clientId, from, to, places }] : NOTHING_ADDED;
  return { update, added, addsStructs, deleteRanges, newClock: to };
}

/** What a struct at `clock` of `own` refers to must be there: in the document, or before it in this update. */
function checkReference(index: DocumentIndex, own: number, clock: number, client: number, at: number): void {
  if (client === NONE) return;
  if (client === own ? at < clock : at < index.clock(client)) return;
  if (client === own) throw refused('a struct refers to itself or to a later one');
  throw missing(client, at);
}

/** Checks and keeps where a struct of a live update lies, whose new clocks begin at `from`. */
function trackPlace(reader: UpdateReader, index: DocumentIndex, from: number, places: PlaceRuns): void {
  const own = reader.client;
  const at = structPlace(reader, (client, clock) =>
    client === own && clock >= from ? places.at(clock) : index.placeOf(client, clock),
  );
  checkPlace(reader, at);
  places.push(reader.clock, at);
}

function checkCatchUp(update: Uint8Array, options: CheckOptions): CheckedUpdate {
  const { index, clientId } = options;
  const reader = new UpdateReader(update);
  let known = false;
  let newClients = 0;
  let flat = index.flat;
  const sections = readSections(
    reader,
    ({ client, clock }) => {
      const next = index.clock(client);
      if (clock > next) throw missing(client, next);
      if (clock < next) known = true;
      if (!index.knows(client) && ++newClients > MAX_NEW_CLIENTS) {
        throw new CoscribeError('update-too-large', `more than ${MAX_NEW_CLIENTS} new clients`);
      }
    },
    (struct) => {
      checkContent(struct);
      if (struct.namesPlace) flat = false;
    },
  );
  if (known) return checkCatchUp(trimKnown(update, index), options);
  const clockAfter = (client: number): number => sections.get(client)?.to ?? index.clock(client);
  const deleteRanges = checkDeletes(reader, options, clockAfter);

  const places = new Map<number, PlaceRuns>();
  const placeOf = (client: number, clock: number): Place =>
    clock >= index.clock(client) ? (places.get(client)?.at(clock) ?? 0) : index.placeOf(client, clock);
  walkInOrder(
    update,
    sections,
    (client) => index.clock(client),
    (struct) => {
      if (flat) return;
      const at = structPlace(struct, placeOf);
      checkPlace(struct, at);
      const runs = places.get(struct.client) ?? new PlaceRuns();
      places.set(struct.client, runs);
      runs.push(struct.clock, at);
    },
  );
  const added = Array.from(sections.values(), ({ client, from, to }) => ({
    client,
    from,
    to,
    places: places.get(client),
  }));
  return { update, added, addsStructs: added.length > 0, deleteRanges, newClock: clockAfter(clientId) };
}

/** Checks the delete set and the update's end; returns the number of ranges. */
function checkDeletes(
  reader: UpdateReader,
  options: CheckOptions,
  clockAfter: (client: number) => number,
): number {
  const { maxDeleteRanges } = options.limits;
  let ranges = 0;
  let seen: Set<number> | undefined;
  while (reader.nextDeletes()) {
    const { client } = reader;
    ranges += reader.left;
    if (ranges + reader.sectionsLeft > maxDeleteRanges) {
      throw new CoscribeError('update-too-large', `more than ${maxDeleteRanges} delete ranges`);
    }
    if (seen !== undefined || reader.sectionsLeft > 0) {
      seen ??= new Set();
      if (seen.has(client)) throw refused('a client comes twice in the delete set');
      seen.add(client);
    }
    const known = clockAfter(client);
    let next = 0;
    while (reader.nextRange()) {
      if (reader.clock < next) throw refused('delete ranges overlap or do not ascend');
      next = reader.clock + reader.length;
      if (next > known) throw missing(client, known);
    }
  }
  reader.finish();
  return ranges;
}

function missing(client: number, clock: number): CoscribeError {
  return new CoscribeError('missing-dependencies', `clock ${clock} of client ${client}`);
}
