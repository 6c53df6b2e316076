import type { AddedClocks, CheckedUpdate, DocumentIndex } from './document-index.js';
import { CoscribeError } from './errors.js';
import { PlaceTracker } from './place-tracker.js';
import type { SessionLimits, UpdateKind } from './protocol.js';
import { NONE, UpdateReader } from './update-format.js';
import { readSections, walkInOrder } from './update-order.js';
import { checkContent, MAX_NEW_CLIENTS, refused } from './update-rules.js';
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
 * Lets an update pass only if Yjs can apply it whole to the document. Yjs itself is no such border: it throws half-way,
 * keeps what it cannot apply for ever, and has inputs of a few kilobytes that take it seconds.
 *
 * A live update holds structs of the session's own clientID only. GC among them is honest: Yjs writes it for a
 * shared type that is filled and deleted in one transaction. A catch-up update may hold others' structs, whose
 * clientIDs `CheckedUpdate.added` names.
 *
 * What can't be seen without the order of the items: an origin to the right of its right origin, and how many items
 * lie between the two. Yjs walks over those, so that 10,000 items in 80 KB that each span a whole text take it half a
 * minute, and 100 of them a second where the text was written by many hands.
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
  let tracker: PlaceTracker | undefined;
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
      if (tracker === undefined && (reader.namesPlace || !index.flat)) tracker = new PlaceTracker(index);
      tracker?.track(reader);
    }
    to = reader.clock + reader.length;
  }
  const clockAfter = (client: number): number => (client === clientId ? to : index.clock(client));
  const deleteRanges = checkDeletes(reader, options, clockAfter, tracker);
  const added = addsStructs
    ? [{ client: clientId, from, to, places: tracker?.placesOf(clientId) }]
    : NOTHING_ADDED;
  return { update, added, addsStructs, deleteRanges, newClock: to };
}

/** What a struct at `clock` of `own` refers to must be there: in the document, or before it in this update. */
function checkReference(index: DocumentIndex, own: number, clock: number, client: number, at: number): void {
  if (isThere(index, own, clock, client, at)) return;
  if (client === own) throw refused('a struct refers to itself or to a later one');
  throw missing(client, at);
}

function isThere(index: DocumentIndex, own: number, clock: number, client: number, at: number): boolean {
  return client === NONE || (client === own ? at < clock : at < index.clock(client));
}

function checkCatchUp(update: Uint8Array, options: CheckOptions): CheckedUpdate {
  const { index, clientId } = options;
  const reader = new UpdateReader(update);
  let known = false;
  let newClients = 0;
  let flat = index.flat;
  // Whether each client's structs can be taken up as they come: then nothing has to be read twice.
  let inOrder = true;
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
      const { client, clock } = struct;
      inOrder &&=
        isThere(index, client, clock, struct.originClient, struct.originClock) &&
        isThere(index, client, clock, struct.rightClient, struct.rightClock) &&
        isThere(index, client, clock, struct.parentClient, struct.parentClock);
    },
  );
  if (known) return checkCatchUp(trimKnown(update, index), options);
  const clockAfter = (client: number): number => sections.get(client)?.to ?? index.clock(client);
  const tracker = flat ? undefined : new PlaceTracker(index);
  if (tracker !== undefined || !inOrder) {
    walkInOrder(
      update,
      sections,
      (client) => index.clock(client),
      (struct) => tracker?.track(struct),
    );
  }
  const deleteRanges = checkDeletes(reader, options, clockAfter, tracker);
  const added = Array.from(sections.values(), ({ client, from, to }) => ({
    client,
    from,
    to,
    places: tracker?.placesOf(client),
  }));
  return { update, added, addsStructs: added.length > 0, deleteRanges, newClock: clockAfter(clientId) };
}

/** Checks the delete set and the update's end; returns the number of ranges. */
function checkDeletes(
  reader: UpdateReader,
  options: CheckOptions,
  clockAfter: (client: number) => number,
  tracker: PlaceTracker | undefined,
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
      tracker?.delete(reader);
    }
  }
  reader.finish();
  tracker?.finish();
  return ranges;
}

function missing(client: number, clock: number): CoscribeError {
  return new CoscribeError('missing-dependencies', `clock ${clock} of client ${client}`);
}
