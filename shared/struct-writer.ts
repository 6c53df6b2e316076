import * as encoding from 'lib0/encoding';
import { ByteCursor } from './byte-cursor.js';
import { HAS_ORIGIN, HAS_RIGHT_ORIGIN, Kind, NONE, type UpdateReader } from './update-format.js';

/** U+FFFD in UTF-8: what Yjs leaves of each half of a surrogate pair that is cut. */
const REPLACEMENT = Uint8Array.of(0xef, 0xbf, 0xbd);

/** A part of a struct: so many clocks from so far behind its first, with their content's bytes. */
export interface Piece {
  readonly offset: number;
  readonly length: number;
  readonly body: Uint8Array;
}

interface WrittenSection {
  readonly clock: number;
  count: number;
  readonly structs: encoding.Encoder;
}

/** Most bytes that the number of structs, ranges or clients takes in an update of up to 2^28 of them. */
const COUNT_BYTES = 4;

/** Collects structs, then delete ranges, and encodes them as one update (format v1). */
export class UpdateWriter {
  readonly #sections = new Map<number, WrittenSection>();
  readonly #deletes = new Map<number, { count: number; readonly ranges: encoding.Encoder }>();
  /** Bytes of the encoded update, at most. */
  size = 2 * COUNT_BYTES;
  ranges = 0;

  get clients(): number {
    return this.#sections.size;
  }

  get empty(): boolean {
    return this.#sections.size === 0 && this.ranges === 0;
  }

  hasSection(client: number): boolean {
    return this.#sections.has(client);
  }

  /** Bytes by which a struct of this client enlarges the update beyond its own. */
  sectionOverhead(client: number, clock: number): number {
    return this.#sections.has(client) ? 0 : COUNT_BYTES + uintBytes(client) + uintBytes(clock);
  }

  /** Adds the struct at which the reader stands, or a part of it. A client's structs must come without gaps. */
  add(reader: UpdateReader, piece?: Piece): void {
    const clock = reader.clock + (piece?.offset ?? 0);
    this.size += this.sectionOverhead(reader.client, clock);
    let section = this.#sections.get(reader.client);
    if (section === undefined) {
      section = { clock, count: 0, structs: encoding.createEncoder() };
      this.#sections.set(reader.client, section);
    }
    const before = encoding.length(section.structs);
    if (piece === undefined)
      encoding.writeUint8Array(section.structs, reader.bytes.subarray(reader.start, reader.pos));
    else writePiece(section.structs, reader, piece);
    section.count++;
    this.size += encoding.length(section.structs) - before;
  }

  rangeBytes(client: number, clock: number, length: number): number {
    const header = this.#deletes.has(client) ? 0 : COUNT_BYTES + uintBytes(client);
    return header + uintBytes(clock) + uintBytes(length);
  }

  addRange(client: number, clock: number, length: number): void {
    this.size += this.rangeBytes(client, clock, length);
    this.ranges++;
    let deletes = this.#deletes.get(client);
    if (deletes === undefined) {
      deletes = { count: 0, ranges: encoding.createEncoder() };
      this.#deletes.set(client, deletes);
    }
    deletes.count++;
    encoding.writeVarUint(deletes.ranges, clock);
    encoding.writeVarUint(deletes.ranges, length);
  }

  encode(): Uint8Array {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, this.#sections.size);
    for (const [client, { clock, count, structs }] of [...this.#sections].sort(descending)) {
      encoding.writeVarUint(encoder, count);
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, clock);
      encoding.writeBinaryEncoder(encoder, structs);
    }
    encoding.writeVarUint(encoder, this.#deletes.size);
    for (const [client, { count, ranges }] of [...this.#deletes].sort(descending)) {
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, count);
      encoding.writeBinaryEncoder(encoder, ranges);
    }
    return encoding.toUint8Array(encoder);
  }
}

/** The order of clients in which Yjs writes updates, and which `Y.mergeUpdates` depends on. */
function descending(a: readonly [number, unknown], b: readonly [number, unknown]): number {
  return b[0] - a[0];
}

/** A part of a struct as Yjs writes one (`Item.write` with an offset): its origin is the clock before it. */
export function writePiece(
  encoder: encoding.Encoder,
  reader: UpdateReader,
  { offset, length, body }: Piece,
): void {
  if (offset === 0 || reader.kind === Kind.gc || reader.kind === Kind.skip) {
    encoding.writeUint8Array(encoder, reader.bytes.subarray(reader.start, reader.contentStart));
  } else {
    encoding.writeUint8(encoder, reader.info | HAS_ORIGIN);
    encoding.writeVarUint(encoder, reader.client);
    encoding.writeVarUint(encoder, reader.clock + offset - 1);
    if ((reader.info & HAS_RIGHT_ORIGIN) !== 0) {
      encoding.writeVarUint(encoder, reader.rightClient);
      encoding.writeVarUint(encoder, reader.rightClock);
    }
  }
  encoding.writeVarUint(encoder, reader.kind === Kind.string ? body.length : length);
  encoding.writeUint8Array(encoder, body);
}

/** Bytes that a piece takes beyond its content, at most. */
export function pieceOverhead(reader: UpdateReader, offset: number): number {
  if (offset === 0) return reader.contentStart - reader.start + COUNT_BYTES;
  const right =
    reader.rightClient === NONE ? 0 : uintBytes(reader.rightClient) + uintBytes(reader.rightClock);
  return 1 + uintBytes(reader.client) + uintBytes(reader.clock + offset - 1) + right + COUNT_BYTES;
}

/** What is left of the struct at which the reader stands without its first `offset` clocks (more than 0). */
export function tail(reader: UpdateReader, offset: number): Piece {
  const length = reader.length - offset;
  if (reader.kind === Kind.string) return { offset, length, body: textTail(reader, offset) };
  if (reader.kind !== Kind.any) return { offset, length, body: new Uint8Array() };
  const values = new ByteCursor(reader.bytes);
  values.pos = reader.bodyStart;
  for (let i = 0; i < offset; i++) values.any();
  return { offset, length, body: reader.bytes.subarray(values.pos, reader.pos) };
}

function textTail({ bytes, bodyStart, pos: end }: UpdateReader, offset: number): Uint8Array {
  let pos = bodyStart;
  let units = 0;
  while (units < offset) {
    const size = characterBytes(bytes[pos] as number);
    pos += size;
    units += size === 4 ? 2 : 1;
  }
  const rest = bytes.subarray(pos, end);
  if (units === offset) return rest;
  const cut = new Uint8Array(REPLACEMENT.length + rest.length);
  cut.set(REPLACEMENT);
  cut.set(rest, REPLACEMENT.length);
  return cut;
}

/** Bytes of the UTF-8 character that begins with this byte. */
function characterBytes(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** Bytes of a varUint. */
function uintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}
