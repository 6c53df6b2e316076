/** Knuth's multiplicative hash: neighbouring clientIDs begin far apart. */
const SPREAD = 2_654_435_761;

/**
 * What everybody writes: one text without end, the same pages again and again. The character at a clock is a function of the
 * clientID and the clock, so that everybody's every character can be checked wherever it turns up, and nobody has to remember
 * what he wrote.
 */
export class WrittenText {
  /** UTF-16 units until it begins anew. */
  readonly period: number;
  readonly #pages: string;
  /** Twice the pages, in UTF-8: a piece of up to one period lies in one place. */
  readonly #bytes: Uint8Array;
  /** Where each unit begins in them. */
  readonly #at: Int32Array;
  readonly #spread: boolean;

  /**
   * @param pages without surrogates: Yjs would replace half a pair that an edit cuts; at least one character
   * @param spread whether everybody begins at another place
   */
  constructor(pages: string, spread: boolean) {
    const twice = pages + pages;
    this.#pages = pages;
    this.period = pages.length;
    this.#bytes = new TextEncoder().encode(twice);
    this.#at = new Int32Array(twice.length + 1);
    this.#spread = spread;
    let at = 0;
    for (let unit = 0; unit < twice.length; unit++) {
      this.#at[unit] = at;
      const code = twice.charCodeAt(unit);
      at += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    }
    this.#at[twice.length] = at;
  }

  charAt(clientId: number, clock: number): string {
    return this.#pages.charAt(this.#place(clientId, clock));
  }

  /** Of any length. */
  slice(clientId: number, clock: number, length: number): string {
    const start = this.#place(clientId, clock);
    return this.#pages.repeat(Math.ceil((start + length) / this.period)).slice(start, start + length);
  }

  /** In UTF-8. @param length at most one period */
  bytes(clientId: number, clock: number, length: number): Uint8Array {
    const start = this.#place(clientId, clock);
    return this.#bytes.subarray(this.#at[start], this.#at[start + length]);
  }

  /** Whether these bytes are the UTF-8 of what this client writes there. */
  matches(clientId: number, clock: number, length: number, bytes: Uint8Array): boolean {
    let from = 0;
    for (let done = 0; done < length; ) {
      const count = Math.min(this.period, length - done);
      const piece = this.bytes(clientId, clock + done, count);
      if (!startsAt(bytes, from, piece)) return false;
      from += piece.length;
      done += count;
    }
    return from === bytes.length;
  }

  #place(clientId: number, clock: number): number {
    const first = this.#spread ? Math.imul(clientId, SPREAD) >>> 0 : 0;
    return (first + clock) % this.period;
  }
}

function startsAt(bytes: Uint8Array, from: number, piece: Uint8Array): boolean {
  if (from + piece.length > bytes.length) return false;
  // Mostly one byte.
  for (let i = 0; i < piece.length; i++) if (bytes[from + i] !== piece[i]) return false;
  return true;
}
