import * as sha256 from 'lib0/hash/sha256';

/** What is digested at a time, in bytes: half a millisecond in a browser. */
const BLOCK_BYTES = 64 * 1024;
const MAX_BYTES_OF_UNIT = 3;
const MAX_BYTES_OF_NUMBER = 5;

/**
 * Bytes of any number that are hashed block by block while they are written (SHA-256 of the blocks' SHA-256), so that
 * no moment takes long and a document of 10 MB needs 64 KB.
 *
 * A UTF-16 code unit takes one to three bytes, as UTF-8 would have it for such a character, surrogates too: the bytes
 * of a text are the same however it is cut, and a half of a pair is told from U+FFFD. None of those bytes is 0xF0 or
 * higher: such a byte is a mark.
 */
export class ContentBytes {
  private readonly block = new Uint8Array(BLOCK_BYTES);
  private used = 0;
  private readonly digests: Uint8Array[] = [];

  /** @param mark 0xF0 to 0xFF */
  mark(mark: number): void {
    this.reserve(1);
    this.block[this.used++] = mark;
  }

  /** @param value a whole number from 0 to 2^32 - 1 */
  number(value: number): void {
    this.reserve(MAX_BYTES_OF_NUMBER);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.block[this.used++] = (rest & 0x7f) | 0x80;
    this.block[this.used++] = rest;
  }

  /** A part of a text, from `start` to `end`; nothing tells where it ends. */
  units(text: string, start: number, end: number): void {
    const { block } = this;
    for (let at = start; at < end; at++) {
      if (this.used + MAX_BYTES_OF_UNIT > BLOCK_BYTES) this.endBlock();
      const unit = text.charCodeAt(at);
      if (unit < 0x80) block[this.used++] = unit;
      else {
        if (unit < 0x800) block[this.used++] = 0xc0 | (unit >> 6);
        else {
          block[this.used++] = 0xe0 | (unit >> 12);
          block[this.used++] = 0x80 | ((unit >> 6) & 0x3f);
        }
        block[this.used++] = 0x80 | (unit & 0x3f);
      }
    }
  }

  /** A whole string: its length, then its units. */
  string(text: string): void {
    this.number(text.length);
    this.units(text, 0, text.length);
  }

  /** Their number, then the bytes. */
  bytes(bytes: Uint8Array): void {
    this.number(bytes.length);
    for (let from = 0; from < bytes.length; ) {
      this.reserve(1);
      const part = bytes.subarray(from, from + BLOCK_BYTES - this.used);
      this.block.set(part, this.used);
      this.used += part.length;
      from += part.length;
    }
  }

  /** The hash of everything, in hexadecimal digits. Nothing more can be written. */
  hash(): string {
    this.endBlock();
    const all = new Uint8Array(this.digests.length * DIGEST_BYTES);
    for (const [at, digest] of this.digests.entries()) all.set(digest, at * DIGEST_BYTES);
    return Array.from(sha256.digest(all), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  private reserve(bytes: number): void {
    if (this.used + bytes > BLOCK_BYTES) this.endBlock();
  }

  private endBlock(): void {
    this.digests.push(sha256.digest(this.block.subarray(0, this.used)));
    this.used = 0;
  }
}

const DIGEST_BYTES = 32;
