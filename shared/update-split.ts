import { ByteCursor, utf16Length } from './byte-cursor.js';
import { CoscribeError } from './errors.js';
import { type Piece, pieceOverhead, UpdateWriter } from './struct-writer.js';
import { Kind, UpdateReader } from './update-format.js';
import { readSections, walkInOrder } from './update-order.js';
import { MAX_NEW_CLIENTS } from './update-rules.js';

export interface SplitBounds {
  /** Most bytes of one part; below 64 even a character may not fit. */
  readonly maxBytes: number;
  /** Most delete ranges of one part. */
  readonly maxDeleteRanges: number;
}

/**
 * Cuts an update into parts that, applied in this order, give the same document: each within the bounds, and each
 * passing `checkUpdate` where the whole would, once those before it are admitted. What others depend on comes first,
 * the delete set last. An update within the bounds is returned as it is.
 *
 * Between two parts others see half of a change. Where formats (bold …) surround text that comes only with the next
 * part, a `Y.Text` that is open elsewhere may drop them as superfluous, as it does between any two updates.
 *
 * @throws CoscribeError `update-too-large` if something that cannot be cut (an embed, a binary, one value) is beyond
 *   `maxBytes`; `invalid-update`, `update-refused` as `checkUpdate`
 */
export function splitUpdate(update: Uint8Array, bounds: SplitBounds): Uint8Array[] {
  const reader = new UpdateReader(update);
  const ignore = (): void => {};
  const sections = readSections(reader, ignore, ignore);
  const deletes = new Map<number, Range[]>();
  let rangeCount = 0;
  while (reader.nextDeletes()) {
    const { client } = reader;
    const ranges: Range[] = deletes.get(client) ?? [];
    deletes.set(client, ranges);
    rangeCount += reader.left;
    while (reader.nextRange()) ranges.push({ clock: reader.clock, end: reader.clock + reader.length });
  }
  reader.finish();
  const { maxBytes, maxDeleteRanges } = bounds;
  if (update.length <= maxBytes && rangeCount <= maxDeleteRanges && sections.size <= MAX_NEW_CLIENTS) {
    return [update];
  }

  const parts = new Parts(bounds, deletes);
  // What comes before the update, or from clients that are not in it, the document must have.
  const knownClock = (client: number): number => sections.get(client)?.from ?? Number.POSITIVE_INFINITY;
  walkInOrder(update, sections, knownClock, (struct) => parts.addStruct(struct));
  return parts.finish();
}

/** Clocks from `clock` to before `end`. */
interface Range {
  readonly clock: number;
  readonly end: number;
}

class Parts {
  readonly #bounds: SplitBounds;
  readonly #deletes: ReadonlyMap<number, readonly Range[]>;
  readonly #done: Uint8Array[] = [];
  #part = new UpdateWriter();

  constructor(bounds: SplitBounds, deletes: ReadonlyMap<number, readonly Range[]>) {
    this.#bounds = bounds;
    this.#deletes = deletes;
  }

  addStruct(reader: UpdateReader): void {
    if (!this.#part.hasSection(reader.client) && this.#part.clients === MAX_NEW_CLIENTS) this.#close();
    const bytes = reader.pos - reader.start;
    const deleted = this.#isDeleted(reader);
    if (this.#room(reader, 0, deleted) < bytes) this.#close();
    if (this.#room(reader, 0, deleted) < bytes) {
      this.#addPieces(reader, deleted);
    } else {
      this.#part.add(reader);
      if (deleted) this.#part.addRange(reader.client, reader.clock, reader.length);
    }
  }

  /** Adds the delete set; returns all parts. */
  finish(): Uint8Array[] {
    // Ranges that came with structs may lie among those that follow.
    if (this.#part.ranges > 0) this.#close();
    for (const [client, ranges] of this.#deletes) {
      for (const { clock, end } of ranges) this.#addRange(client, clock, end - clock);
    }
    this.#close();
    return this.#done;
  }

  #addRange(client: number, clock: number, length: number): void {
    const fits = (): boolean =>
      this.#part.ranges < this.#bounds.maxDeleteRanges &&
      this.#part.size + this.#part.rangeBytes(client, clock, length) <= this.#bounds.maxBytes;
    if (!fits()) this.#close();
    if (!fits()) throw tooLarge('a delete range');
    this.#part.addRange(client, clock, length);
  }

  /**
   * Whether a struct is deleted by the part that brings it, so that nobody sees it between two parts: what the
   * update deletes whole. Of several values under a key the gate demands it (see `PlaceTracker`).
   */
  #isDeleted({ kind, client, clock, length }: UpdateReader): boolean {
    if (kind === Kind.gc || kind === Kind.deleted) return false;
    const ranges = this.#deletes.get(client) ?? [];
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ranges[middle]?.end ?? 0) < clock + length) low = middle + 1;
      else high = middle;
    }
    const range = ranges[low];
    return range !== undefined && range.clock <= clock;
  }

  /** Bytes left in this part for a struct from `offset` on, and for a range that deletes it. */
  #room({ client, clock, length }: UpdateReader, offset: number, deleted: boolean): number {
    if (deleted && this.#part.ranges >= this.#bounds.maxDeleteRanges) return 0;
    const range = deleted ? this.#part.rangeBytes(client, clock + offset, length - offset) : 0;
    return (
      this.#bounds.maxBytes - this.#part.size - this.#part.sectionOverhead(client, clock + offset) - range
    );
  }

  #close(): void {
    if (this.#part.empty) return;
    this.#done.push(this.#part.encode());
    this.#part = new UpdateWriter();
  }

  /** Fills parts with pieces of a struct; the last may be followed by others. The part must be empty. */
  #addPieces(reader: UpdateReader, deleted: boolean): void {
    let offset = 0;
    let from = reader.bodyStart;
    while (offset < reader.length) {
      this.#close();
      const room = this.#room(reader, offset, deleted) - pieceOverhead(reader, offset);
      const piece = cutPiece(reader, offset, from, room);
      if (piece === undefined) throw tooLarge('a struct that cannot be split');
      this.#part.add(reader, piece);
      if (deleted) this.#part.addRange(reader.client, reader.clock + offset, piece.length);
      offset += piece.length;
      from += piece.body.length;
    }
  }
}

/** As much of a struct's content, from the byte `from`, as `room` bytes hold; undefined if that is nothing. */
function cutPiece(reader: UpdateReader, offset: number, from: number, room: number): Piece | undefined {
  let length = 0;
  let to = from;
  if (reader.kind === Kind.string) {
    to = Math.min(from + room, reader.pos);
    // Back to the beginning of a character: a surrogate pair is one in UTF-8.
    while (to > from && to < reader.pos && ((reader.bytes[to] ?? 0) & 0xc0) === 0x80) to--;
    length = to > from ? utf16Length(reader.bytes, from, to) : 0;
  } else if (reader.kind === Kind.any) {
    const values = new ByteCursor(reader.bytes);
    values.pos = from;
    while (to < reader.pos) {
      values.any();
      if (values.pos - from > room) break;
      to = values.pos;
      length++;
    }
  }
  return length === 0 ? undefined : { offset, length, body: reader.bytes.subarray(from, to) };
}

function tooLarge(what: string): CoscribeError {
  return new CoscribeError('update-too-large', what);
}
