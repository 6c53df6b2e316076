import { DEFAULT_TEXT } from '../../../shared/protocol.js';
import { Kind, NONE, UpdateReader } from '../../../shared/update-format.js';
import { isWherePut } from './places.js';
import type { Writer, Writings } from './writer.js';

const ROOT = new TextEncoder().encode(DEFAULT_TEXT);

/** A piece of somebody's writing, or of what he deleted, as it came in a message. */
export interface Arrival {
  readonly writer: Writer;
  readonly clock: number;
  readonly length: number;
  readonly deletes: boolean;
  /** Edits in it. Of a writer of another process, whose edits nobody here knows, it counts as one. */
  readonly edits: number;
  /** When they were due, as far as that is known. */
  readonly dues: readonly number[];
}

/**
 * What an update brings, after a look at each piece of it: whether somebody of this document types under that clientID, whether
 * it says what he writes at that clock, in his own text, and whether he has come so far. What nobody typed is a problem.
 *
 * @param where who got it, for the problem's sentence
 * @throws CoscribeError `invalid-update`
 */
export function arrivalsIn(update: Uint8Array, document: Writings, where: string): Arrival[] {
  const reader = new UpdateReader(update);
  const arrivals: Arrival[] = [];
  while (reader.nextSection()) {
    while (reader.nextStruct()) {
      if (reader.kind === Kind.skip) continue;
      const writer = document.writer(reader.client);
      const wrong =
        writer === undefined ? 'is of a clientID that nobody has' : faultIn(reader, writer, document);
      if (wrong !== undefined) tell(reader, wrong, document, where);
      if (writer === undefined) continue;
      const { clock, length } = reader;
      arrivals.push(arrival(writer, clock, length, false));
      if (reader.kind !== Kind.string) arrivals.push(arrival(writer, clock, length, true));
    }
  }
  while (reader.nextDeletes()) {
    while (reader.nextRange()) {
      const writer = document.writer(reader.client);
      const { clock, length } = reader;
      if (writer === undefined) tell(reader, 'is deleted, of a clientID that nobody has', document, where);
      else arrivals.push(arrival(writer, clock, length, true));
    }
  }
  reader.finish();
  return arrivals;
}

function arrival(writer: Writer, clock: number, length: number, deletes: boolean): Arrival {
  const times = writer.author?.times;
  if (times === undefined) return { writer, clock, length, deletes, edits: 1, dues: [] };
  const dues: number[] = [];
  const edits = deletes ? times.deletesIn(clock, length, dues) : times.insertsIn(clock, length, dues);
  return { writer, clock, length, deletes, edits, dues };
}

/** Why the struct at which the reader stands is nothing that this writer has written. */
function faultIn(reader: UpdateReader, writer: Writer, { text }: Writings): string | undefined {
  const { kind, client, clock, length } = reader;
  const { author } = writer;
  if (author !== undefined && clock + length > author.clock)
    return `goes beyond the ${author.clock} characters that its author has written`;
  if (kind === Kind.gc || kind === Kind.deleted) {
    if (author === undefined) writer.places.take(reader);
    return undefined;
  }
  if (kind !== Kind.string) return 'is no text';
  const strange = (one: number): boolean => one !== NONE && one !== client;
  if (strange(reader.originClient) || strange(reader.rightClient)) return "is in somebody else's text";
  if (reader.namesPlace || namesAnotherRoot(reader)) return 'is in something else than the text';
  if (author !== undefined && !isWherePut(reader, author.runs))
    return 'stands in another place than its author put it';
  if (author === undefined && !writer.places.take(reader))
    return 'stands in another place than others were shown it';
  const bytes = reader.bytes.subarray(reader.bodyStart, reader.pos);
  return text.matches(client, clock, length, bytes) ? undefined : 'has another text than its author wrote';
}

function namesAnotherRoot({ rootLength, rootStart, rootEnd, bytes }: UpdateReader): boolean {
  if (rootLength === NONE) return false;
  return rootEnd - rootStart !== ROOT.length || ROOT.some((byte, at) => bytes[rootStart + at] !== byte);
}

function tell(reader: UpdateReader, wrong: string, document: Writings, where: string): void {
  const { client, clock, length } = reader;
  const { typists } = document.plan;
  const identity = document.ids.identityOf(client);
  const who = identity === undefined || identity.number >= typists ? '' : ` (client ${identity.number})`;
  const place = `clientID ${client}${who}, clock ${clock}, length ${length}`;
  document.problems.add(
    'not-typed',
    document.name,
    `What ${where} got in ${document.name} ${wrong}: ${place}.`,
  );
}
