/** A high surrogate begins a character that takes two UTF-16 units. */
const PAIR = /[\u{10000}-\u{10ffff}]/gu;

/**
 * Where the characters of a text are that take two UTF-16 units, so that positions in code points (the recording) become
 * positions in units (Yjs) without walking through the text. A text without such characters costs nothing.
 */
export class CodePoints {
  /** Where, in units, each pair begins; ascending. */
  private pairs: number[] = [];

  /** Starts again with another text. */
  reset(text: string): void {
    this.pairs = pairsIn(text, 0);
  }

  /** The position in units of a position in code points. */
  toUnits(codePoints: number): number {
    // The pair with index i begins at the code point pairs[i] - i.
    return codePoints + this.firstPair((unit, index) => unit - index >= codePoints);
  }

  /** Takes note of a replacement; positions in units. */
  replaced(from: number, deleted: number, inserted: string): void {
    const added = pairsIn(inserted, from);
    if (this.pairs.length === 0) {
      this.pairs = added;
      return;
    }
    const shift = inserted.length - deleted;
    const before = this.pairs.slice(
      0,
      this.firstPair((unit) => unit >= from),
    );
    const after = this.pairs.slice(this.firstPair((unit) => unit >= from + deleted));
    this.pairs = [...before, ...added, ...after.map((unit) => unit + shift)];
  }

  /** Index of the first pair for which the condition holds; it must hold for all that follow, too. */
  private firstPair(holds: (unit: number, index: number) => boolean): number {
    let low = 0;
    let high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.pairs[middle] ?? 0, middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function pairsIn(text: string, offset: number): number[] {
  return Array.from(text.matchAll(PAIR), ({ index }) => offset + index);
}
