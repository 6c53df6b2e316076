import { MirrorBlock, type TextPlace } from './mirror-block.js';

/** Length of a block in UTF-16 units, as far as its last line allows. */
const BLOCK = 1_500;
/** A block of several lines that has grown to this length is cut. */
const LARGEST_BLOCK = 3 * BLOCK;
/** How many blocks behind a changed one are looked for in the text; edits of one frame rarely change more in a row. */
const LOOK_AHEAD = 4;

/** Two places of one block. */
export interface TextRange {
  readonly from: TextPlace;
  readonly to: TextPlace;
}

/**
 * A long text in an element, as blocks of whole lines: the browser lays out anew only those blocks that have changed,
 * however many places of the text that is. A block ends behind a line break, except for the last.
 */
export class MirrorText {
  readonly #parent: HTMLElement;
  #blocks: MirrorBlock[] = [];
  #length = 0;
  #alone: RegExp | undefined;

  /** Puts its elements at the beginning of `parent`. */
  constructor(parent: HTMLElement) {
    this.#parent = parent;
  }

  get length(): number {
    return this.#length;
  }

  /** @param alone where this is found, each line is to be a block of its own */
  set(text: string, alone?: RegExp): void {
    if (this.#alone !== alone) {
      this.#alone = alone;
      for (const { element } of this.#blocks.splice(0)) element.remove();
    }
    this.#length = text.length;
    let start = 0;
    let index = 0;
    while (index < this.#blocks.length || start < text.length) {
      const block = this.#blocks[index];
      // The block behind which the text ends has to be the last one.
      if (block !== undefined && text.startsWith(block.text, start) && isWhole(block.text, start, text)) {
        start += block.text.length;
        index += 1;
        continue;
      }
      const { blocks, end } = this.#nextSame(text, start, index);
      index += this.#replace(index, blocks, text.slice(start, end));
      start = end;
    }
  }

  /** The place of a character; between two pieces it is the beginning of the second, where typing goes on. */
  place(index: number): TextPlace | undefined {
    let start = 0;
    const within = Math.max(0, Math.min(index, this.#length));
    for (const block of this.#blocks) {
      if (within < start + block.text.length || block === this.#blocks.at(-1))
        return block.place(within - start);
      start += block.text.length;
    }
    return undefined;
  }

  /**
   * The parts of a range, each within one block: a range over several would be that of whole elements.
   * @param part of the window's height, for which the parts are wanted; those of other blocks are left out
   */
  ranges(start: number, end: number, part?: { readonly from: number; readonly to: number }): TextRange[] {
    const ranges: TextRange[] = [];
    const first = part === undefined ? 0 : this.#firstBelow(part.from);
    let blockStart = 0;
    for (const [number, block] of this.#blocks.entries()) {
      if (blockStart >= end) break;
      const { length } = block.text;
      if (number < first) {
        blockStart += length;
        continue;
      }
      if (part !== undefined && block.element.getBoundingClientRect().top > part.to) break;
      const from = Math.max(start - blockStart, 0);
      const to = Math.min(end - blockStart, length);
      if (from < to) {
        ranges.push({ from: block.place(from), to: block.place(to) });
      }
      blockStart += length;
    }
    return ranges;
  }

  /** The number of the first block that ends below a height of the window. */
  #firstBelow(height: number): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const bottom = this.#blocks[middle]?.element.getBoundingClientRect().bottom ?? height;
      if (bottom < height) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many blocks from `index` on have changed, and where in the text they end. */
  #nextSame(text: string, start: number, index: number): { blocks: number; end: number } {
    let passed = this.#blocks[index]?.text.length ?? 0;
    for (let ahead = 1; ahead <= LOOK_AHEAD; ahead++) {
      const same = this.#blocks[index + ahead]?.text;
      if (same === undefined) break;
      const at = text.slice(start, start + passed + same.length + LARGEST_BLOCK).indexOf(same);
      if (at === 0 || (at > 0 && text.charAt(start + at - 1) === '\n')) {
        return { blocks: ahead, end: start + at };
      }
      passed += same.length;
    }
    // What is the same at the end stays.
    let end = text.length;
    let last = this.#blocks.length;
    for (
      let same = this.#blocks[last - 1]?.text;
      last > index && same !== undefined;
      same = this.#blocks[last - 1]?.text
    ) {
      const before = end - same.length;
      if (before < start || !text.startsWith(same, before)) break;
      if (before > start && text.charAt(before - 1) !== '\n') break;
      end = before;
      last -= 1;
    }
    return { blocks: last - index, end };
  }

  /** Puts other lines in place of some blocks. @returns how many blocks they take */
  #replace(index: number, count: number, text: string): number {
    const old = this.#blocks.slice(index, index + count);
    const [first] = old;
    const texts = cutLines(text, BLOCK, LARGEST_BLOCK).flatMap((part) =>
      this.#alone?.test(part) ? cutLines(part, 1, 0) : [part],
    );
    if (first !== undefined && texts.length === 1) {
      first.set(text);
      for (const { element } of old.slice(1)) element.remove();
      this.#blocks.splice(index, count, first);
      return 1;
    }
    const fresh = texts.map((part) => new MirrorBlock(this.#parent.ownerDocument, part));
    const elements = fresh.map(({ element }) => element);
    const before = this.#blocks[index - 1];
    if (before === undefined) this.#parent.prepend(...elements);
    else before.element.after(...elements);
    for (const { element } of old) element.remove();
    this.#blocks.splice(index, count, ...fresh);
    return fresh.length;
  }
}

/** Whether a block can hold that part of the text: it ends with a line or with the text. */
function isWhole(block: string, start: number, text: string): boolean {
  return block !== '' && (block.endsWith('\n') || start + block.length === text.length);
}

/** Blocks of whole lines, of at least so many UTF-16 units each unless all fits into one; none for no text. */
function cutLines(text: string, least: number, most: number): string[] {
  if (text.length <= most) return text === '' ? [] : [text];
  const blocks: string[] = [];
  for (let start = 0; start < text.length; ) {
    const lineEnd = text.indexOf('\n', start + least - 1);
    const end = lineEnd < 0 ? text.length : lineEnd + 1;
    blocks.push(text.slice(start, end));
    start = end;
  }
  return blocks;
}
