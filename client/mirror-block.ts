import { smallestDifference, splitsPair } from '../shared/text-diff.js';

/**
 * Length of a piece in UTF-16 units. Chromium 156 lays out 256,000 characters without a line break in 2 s where they are
 * one text node with preserved white space, and in 0.07 s where they are several: its time grows with the square.
 */
const PIECE = 4_000;
/** A piece that has grown to this length is cut. */
const LARGEST_PIECE = 2 * PIECE;

/** A place in one of the text nodes. */
export interface TextPlace {
  readonly node: Text;
  readonly offset: number;
}

/** Some whole lines of a text in an element of their own, as text nodes of bounded length that follow its changes. */
export class MirrorBlock {
  readonly element: HTMLElement;
  #pieces: Text[];
  #text = '';

  constructor(page: Document, text: string) {
    this.element = page.createElement('div');
    this.#pieces = [page.createTextNode('')];
    this.element.append(...this.#pieces);
    this.set(text);
  }

  get text(): string {
    return this.#text;
  }

  set(text: string): void {
    const change = smallestDifference(this.#text, text);
    if (change === undefined) return;
    this.#text = text;
    const { index, remove, insert } = change;
    const first = this.place(index);
    const last = this.place(index + remove);
    const { node } = first;
    if (node === last.node && node.length - remove + insert.length <= LARGEST_PIECE) {
      node.replaceData(first.offset, remove, insert);
      return;
    }
    const joined = node.data.slice(0, first.offset) + insert + last.node.data.slice(last.offset);
    const fresh = cut(joined).map((piece) => this.element.ownerDocument.createTextNode(piece));
    const from = this.#pieces.indexOf(node);
    const old = this.#pieces.splice(from, this.#pieces.indexOf(last.node) - from + 1, ...fresh);
    node.before(...fresh);
    for (const piece of old) piece.remove();
  }

  /** The place of a character; between two pieces it is the beginning of the second, where typing goes on. */
  place(index: number): TextPlace {
    let start = 0;
    for (const node of this.#pieces) {
      if (index < start + node.length) return { node, offset: index - start };
      start += node.length;
    }
    const node = this.#pieces[this.#pieces.length - 1] as Text;
    return { node, offset: node.length };
  }
}

/** At least one piece. They end behind white space where there is any, so that no word or sign is shaped in halves. */
function cut(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (text.length - start > LARGEST_PIECE) {
    const end = endOfPiece(text, start);
    pieces.push(text.slice(start, end));
    start = end;
  }
  pieces.push(text.slice(start));
  return pieces;
}

function endOfPiece(text: string, start: number): number {
  const end = start + PIECE;
  const least = start + PIECE / 2;
  for (const sign of ['\n', ' ']) {
    const at = text.lastIndexOf(sign, end - 1);
    if (at >= least) return at + 1;
  }
  return splitsPair(text, end) ? end + 1 : end;
}
