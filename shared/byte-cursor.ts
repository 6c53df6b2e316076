import { CoscribeError } from './errors.js';

const PROTO = [...'__proto__'].map((letter) => letter.charCodeAt(0));

/**
 * Walks over lib0's encoding (https://github.com/dmonad/lib0, `decoding.js`) without making values out of it.
 * lib0 itself reads beyond the end as `undefined` and believes every count; nothing here does. What is not
 * well-formed is a CoscribeError `invalid-update`.
 */
export class ByteCursor {
  readonly bytes: Uint8Array;
  /** Position of the next byte to read. */
  pos = 0;
  /** How deeply arrays and objects of the values walked over lie in one another, at most. */
  valueDepth = 0;
  /** Whether an object walked over has a key `__proto__`, which lib0 would make its prototype. */
  protoKey = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    const value = this.bytes[this.pos];
    if (value === undefined) throw malformed('it ends too early');
    this.pos++;
    return value;
  }

  /** A varUint that a JavaScript number can hold exactly. */
  uint(): number {
    let part = this.byte();
    if (part < 128) return part;
    let value = part & 127;
    let scale = 128;
    do {
      // Eight bytes hold 56 bits, more than a safe integer has.
      if (scale > 2 ** 49) throw malformed('a number is too long');
      part = this.byte();
      value += (part & 127) * scale;
      scale *= 128;
    } while (part >= 128);
    if (value > Number.MAX_SAFE_INTEGER) throw malformed('a number is too large');
    return value;
  }

  /** A count of things that take at least one byte each: what the bytes cannot hold is refused, not allocated. */
  count(): number {
    const count = this.uint();
    if (count > this.bytes.length - this.pos) throw malformed('a count is larger than what follows');
    return count;
  }

  skip(length: number): void {
    if (length > this.bytes.length - this.pos) throw malformed('it ends too early');
    this.pos += length;
  }

  /** Walks over `byteLength` bytes of strict UTF-8; returns their length in UTF-16 units, in which Yjs counts. */
  utf8(byteLength: number): number {
    const start = this.pos;
    this.skip(byteLength);
    return utf16Length(this.bytes, start, this.pos);
  }

  /** Walks over a varString; returns its length in UTF-16 units. */
  text(): number {
    return this.utf8(this.uint());
  }

  /** Walks over one value of lib0's `writeAny`. A loop, because input may nest deeper than the stack. */
  any(): void {
    let left = 1;
    let inObject = false;
    const outer: number[] = [];
    for (;;) {
      while (left === 0) {
        const resumed = outer.pop();
        if (resumed === undefined) return;
        // Outer objects are kept as -1 - left.
        inObject = resumed < 0;
        left = inObject ? -1 - resumed : resumed;
      }
      left--;
      if (inObject) this.#objectKey();
      const tag = this.byte();
      if (tag === 117 || tag === 118) {
        outer.push(inObject ? -1 - left : left);
        if (outer.length > this.valueDepth) this.valueDepth = outer.length;
        left = this.count();
        inObject = tag === 118;
      } else {
        this.#scalar(tag);
      }
    }
  }

  #objectKey(): void {
    const length = this.uint();
    const start = this.pos;
    this.utf8(length);
    if (this.isProto(start, this.pos)) this.protoKey = true;
  }

  #scalar(tag: number): void {
    switch (tag) {
      case 127: // undefined
      case 126: // null
      case 121: // false
      case 120: // true
        return;
      case 125: // integer: sign and six bits, then like a varUint
        if (this.byte() >= 128 && this.uint() > Number.MAX_SAFE_INTEGER / 64)
          throw malformed('a number is too large');
        return;
      case 124: // float32
        this.skip(4);
        return;
      case 123: // float64
      case 122: // bigint
        this.skip(8);
        return;
      case 119:
        this.text();
        return;
      case 116: // bytes
        this.skip(this.uint());
        return;
      default:
        throw malformed(`there is no value of type ${tag}`);
    }
  }

  /** Whether the bytes from `start` to `end` spell `__proto__`. */
  isProto(start: number, end: number): boolean {
    return end - start === PROTO.length && PROTO.every((letter, i) => this.bytes[start + i] === letter);
  }
}

/**
 * Length in UTF-16 units of the UTF-8 between `start` and `end`. As strict as the TextDecoder that Yjs reads with
 * (https://encoding.spec.whatwg.org/#utf-8-decoder): no overlong forms, no surrogates, nothing above U+10FFFF.
 *
 * @throws CoscribeError `invalid-update`
 */
export function utf16Length(bytes: Uint8Array, start: number, end: number): number {
  let units = end - start;
  let pos = start;
  while (pos < end) {
    // In range: the caller has checked `end`.
    const lead = bytes[pos++] as number;
    if (lead < 0x80) continue;
    const more = continuationBytes(lead);
    if (more === 0 || pos + more > end) throw malformed('a string is not UTF-8');
    const second = bytes[pos] as number;
    if (
      (lead === 0xe0 && second < 0xa0) ||
      (lead === 0xed && second > 0x9f) ||
      (lead === 0xf0 && second < 0x90) ||
      (lead === 0xf4 && second > 0x8f)
    ) {
      throw malformed('a string is not UTF-8');
    }
    for (const last = pos + more; pos < last; pos++) {
      if (((bytes[pos] as number) & 0xc0) !== 0x80) throw malformed('a string is not UTF-8');
    }
    // Two and three bytes are one unit, four are a surrogate pair.
    units -= more === 1 ? 1 : 2;
  }
  return units;
}

/** How many bytes follow this first byte of a character; 0 if it cannot be one. */
function continuationBytes(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return 1;
  return lead < 0xf0 ? 2 : 3;
}

export function malformed(detail: string): CoscribeError {
  return new CoscribeError('invalid-update', detail);
}
