import { ByteCursor, malformed } from './byte-cursor.js';

/** What a struct holds: the number that the Yjs format gives it. */
export const Kind = {
  gc: 0,
  deleted: 1,
  json: 2,
  binary: 3,
  string: 4,
  embed: 5,
  format: 6,
  type: 7,
  any: 8,
  doc: 9,
  skip: 10,
} as const;

/** In the first byte of a struct: it has an origin. */
export const HAS_ORIGIN = 0x80;
/** In the first byte of a struct: it has a right origin. */
export const HAS_RIGHT_ORIGIN = 0x40;
const HAS_PARENT_SUB = 0x20;
const KIND_BITS = 0x1f;

/** Clocks stay below 2^31, where they are exact and small in every implementation. */
const MAX_CLOCK = 2 ** 31 - 1;

/** In place of a clientID: there is no such reference. */
export const NONE = -1;

/**
 * Reads a Yjs update (format v1) front to back and keeps only the struct or delete range it stands at, in its own
 * fields: checking an update costs no object per struct. The format is the one of yjs 13.6 (`encoding.js`,
 * `UpdateDecoder.js`, `structs/*.js`):
 *
 *     update  = sections { count client clock struct{count} }{sections}  deletes { client count { clock length } }
 *     struct  = info [origin] [right origin] [parent, if it has neither] content
 *
 *     while (reader.nextSection()) while (reader.nextStruct()) …
 *     while (reader.nextDeletes()) while (reader.nextRange()) …
 *     reader.finish();
 *
 * Stricter than Yjs: lengths above 0, clocks below 2^31, no unknown bits, no bytes left over. Every method throws
 * CoscribeError `invalid-update` on what is not well-formed.
 */
export class UpdateReader extends ByteCursor {
  /** Of the section, struct or delete range that the reader stands at. */
  client = 0;
  /** First clock of the struct or range; before the first struct of a section, the section's. */
  clock = 0;
  /** In clocks; for text, UTF-16 units. */
  length = 0;

  kind = 0;
  /** First byte of the struct. */
  info = 0;
  originClient: number = NONE;
  originClock = 0;
  rightClient: number = NONE;
  rightClock = 0;
  /** The item whose shared type is the parent, if the struct names one. */
  parentClient: number = NONE;
  parentClock = 0;
  /** Length in UTF-16 units of the parent's root name, if the struct names one, else `NONE`. */
  rootLength: number = NONE;
  /** Where the root name lies. */
  rootStart = 0;
  rootEnd = 0;
  /** Where the key within the parent lies; empty if the struct names none (or the empty key). */
  subStart = 0;
  subEnd = 0;
  /** Position of the struct's first byte; `pos` is its end. */
  start = 0;
  /** Position behind origins and parent. */
  contentStart = 0;
  /** Position of a string's text, of the first value of `any`, of the key of `format`, of the JSON of `embed`. */
  bodyStart = 0;
  /** End of the key of `format`. */
  keyEnd = 0;
  /** Start of the JSON of `embed` and `format`; it ends where the struct does. */
  jsonStart = 0;

  /** Sections or, later, clients of the delete set that are still to come. */
  sectionsLeft: number;
  /** Structs or ranges of this section that are still to come. */
  left = 0;
  #inDeletes = false;

  constructor(update: Uint8Array) {
    super(update);
    this.sectionsLeft = this.count();
  }

  /** Whether the struct names another place than directly in a root type: an item as parent, or a key. */
  get namesPlace(): boolean {
    return this.parentClient !== NONE || this.namesKey;
  }

  /** Whether the struct itself says the key that it lies under. */
  get namesKey(): boolean {
    return (this.info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN | HAS_PARENT_SUB)) === HAS_PARENT_SUB;
  }

  /** Goes to the next client's structs; false when there is none. */
  nextSection(): boolean {
    if (this.sectionsLeft === 0) return false;
    this.sectionsLeft--;
    this.left = this.count();
    if (this.left === 0) throw malformed('a client has no structs');
    this.client = this.uint();
    this.clock = this.uint();
    if (this.clock > MAX_CLOCK) throw malformed('a clock is too large');
    this.length = 0;
    return true;
  }

  /** Goes to the next struct of the section; false when there is none. */
  nextStruct(): boolean {
    if (this.left === 0) return false;
    this.left--;
    this.#struct(this.clock + this.length);
    return true;
  }

  /** Reads the struct that an earlier pass found at `pos`. */
  structAt(pos: number, client: number, clock: number): void {
    this.pos = pos;
    this.client = client;
    this.#struct(clock);
  }

  /** Goes to the next client of the delete set, which follows the last section; false when there is none. */
  nextDeletes(): boolean {
    if (!this.#inDeletes) {
      this.#inDeletes = true;
      this.sectionsLeft = this.count();
    }
    if (this.sectionsLeft === 0) return false;
    this.sectionsLeft--;
    this.client = this.uint();
    this.left = this.count();
    if (this.left === 0) throw malformed('a client of the delete set has no ranges');
    return true;
  }

  /** Goes to the next range of the client; false when there is none. */
  nextRange(): boolean {
    if (this.left === 0) return false;
    this.left--;
    this.#span(this.uint(), this.uint());
    return true;
  }

  /** Checks that nothing follows the delete set. */
  finish(): void {
    if (this.pos !== this.bytes.length) throw malformed('bytes are left over');
  }

  #span(clock: number, length: number): void {
    if (length === 0) throw malformed('a length is 0');
    if (clock + length > MAX_CLOCK) throw malformed('a clock is too large');
    this.clock = clock;
    this.length = length;
  }

  #struct(clock: number): void {
    this.start = this.pos;
    const info = this.byte();
    this.info = info;
    this.kind = info & KIND_BITS;
    this.originClient = NONE;
    this.rightClient = NONE;
    this.parentClient = NONE;
    this.rootLength = NONE;
    this.subStart = this.subEnd = 0;
    if (this.kind === Kind.gc || this.kind === Kind.skip) {
      if (info !== this.kind) throw malformed('a struct without content has flags');
      this.contentStart = this.pos;
    } else {
      this.#position(info);
    }
    this.#span(clock, this.#content());
  }

  #position(info: number): void {
    if ((info & HAS_ORIGIN) !== 0) {
      this.originClient = this.uint();
      this.originClock = this.uint();
    }
    if ((info & HAS_RIGHT_ORIGIN) !== 0) {
      this.rightClient = this.uint();
      this.rightClock = this.uint();
    }
    if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) this.#parent(info);
    this.contentStart = this.pos;
  }

  #parent(info: number): void {
    const named = this.uint();
    if (named === 1) {
      const length = this.uint();
      this.rootStart = this.pos;
      this.rootLength = this.utf8(length);
      this.rootEnd = this.pos;
    } else if (named === 0) {
      this.parentClient = this.uint();
      this.parentClock = this.uint();
    } else {
      throw malformed('a parent is neither named nor an item');
    }
    if ((info & HAS_PARENT_SUB) !== 0) {
      const length = this.uint();
      this.subStart = this.pos;
      this.utf8(length);
      this.subEnd = this.pos;
    }
  }

  /** Walks over the content; returns its length in clocks. */
  #content(): number {
    switch (this.kind) {
      case Kind.gc:
      case Kind.skip:
      case Kind.deleted:
        return this.uint();
      case Kind.string: {
        const bytes = this.uint();
        this.bodyStart = this.pos;
        return this.utf8(bytes);
      }
      case Kind.any:
        return this.#values();
      case Kind.json: {
        const count = this.count();
        for (let i = 0; i < count; i++) this.text();
        return count;
      }
      case Kind.binary:
        this.skip(this.uint());
        return 1;
      case Kind.embed:
        this.#json();
        return 1;
      case Kind.format: {
        const bytes = this.uint();
        this.bodyStart = this.pos;
        this.utf8(bytes);
        this.keyEnd = this.pos;
        this.#json();
        return 1;
      }
      case Kind.type: {
        const type = this.uint();
        if (type > 6) throw malformed(`there is no shared type ${type}`);
        // Elements (3) and hooks (5) carry a name.
        if (type === 3 || type === 5) this.text();
        return 1;
      }
      case Kind.doc:
        this.text();
        this.any();
        return 1;
      default:
        throw malformed(`there is no content ${this.kind}`);
    }
  }

  #values(): number {
    this.valueDepth = 0;
    this.protoKey = false;
    const count = this.count();
    this.bodyStart = this.pos;
    for (let i = 0; i < count; i++) this.any();
    return count;
  }

  #json(): void {
    const bytes = this.uint();
    this.jsonStart = this.pos;
    this.utf8(bytes);
  }
}
