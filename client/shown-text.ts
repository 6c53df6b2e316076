import type * as Y from 'yjs';

/** Stands for an embedded object of a `Y.Text`, which takes one place there but has no text. */
const OBJECT_REPLACEMENT = '\uFFFC';

/** A replacement in the stored text. */
export interface StoredEdit {
  readonly index: number;
  readonly remove: number;
  readonly insert: string;
}

/**
 * A text and what a form field shows of it. A text area turns CR LF and CR into LF, an `<input>` has no line breaks
 * at all; a document that somebody else filled may hold them nevertheless. They stay in the document: this class
 * knows which places of the stored text are not shown, and translates between both ways of counting.
 *
 *     stored   a CR LF b CR c          a LF b
 *     shown    a    LF b LF c          a    b
 *              text area               <input>
 */
export class ShownText {
  readonly stored: string;
  readonly shown: string;
  /** Ascending indices into `stored` that are not shown. */
  readonly #hidden: readonly number[];
  readonly #singleLine: boolean;

  constructor(stored: string, singleLine: boolean) {
    this.stored = stored;
    this.#singleLine = singleLine;
    const hidden: number[] = [];
    this.shown = stored;
    if (singleLine) {
      this.shown = stored.replace(/[\r\n]/g, (_, index: number) => {
        hidden.push(index);
        return '';
      });
    } else if (stored.includes('\r')) {
      this.shown = stored.replace(/\r\n?/g, (found, index: number) => {
        if (found.length === 2) hidden.push(index);
        return '\n';
      });
    }
    this.#hidden = hidden;
  }

  static of(text: Y.Text, singleLine: boolean): ShownText {
    return new ShownText(storedText(text), singleLine);
  }

  /** Whether the field shows the text as it is stored, so that both ways of counting are the same. */
  get plain(): boolean {
    return this.shown === this.stored;
  }

  /** The place in `shown` of a place in `stored`. */
  toShown(stored: number): number {
    return stored - countUpTo(this.#hidden.length, (at) => (this.#hidden[at] ?? 0) < stored);
  }

  /** The place in `stored` right behind what is shown before `shown`: hidden characters come after it. */
  toStored(shown: number): number {
    return shown === 0 ? 0 : this.#placeOf(shown - 1) + 1;
  }

  /** What replacing a range of `shown` means for `stored`. Hidden line breaks at the edge of the range stay. */
  toStoredEdit(index: number, remove: number, insert: string): StoredEdit {
    const end = this.toStored(index + remove);
    // A hidden CR belongs to the LF behind it; a hidden line break of an <input> belongs to nobody.
    const start = this.#singleLine && remove > 0 ? this.#placeOf(index) : this.toStored(index);
    // Behind a CR that stands for a line break, an LF would be taken for the other half of the same one.
    const meetsLf = (insert === '' ? this.stored.charAt(end) : insert).startsWith('\n');
    const guard = !this.#singleLine && meetsLf && this.stored.charAt(start - 1) === '\r' ? '\n' : '';
    return { index: start, remove: end - start, insert: guard + insert };
  }

  /** Where the shown character `shown` is stored. */
  #placeOf(shown: number): number {
    return shown + countUpTo(this.#hidden.length, (at) => (this.#hidden[at] ?? 0) - at <= shown);
  }
}

/** The content of a `Y.Text` as a string in which every index is the one that `Y.Text` counts with. */
function storedText(text: Y.Text): string {
  const plain = text.toString();
  if (plain.length === text.length) return plain;
  const runs: { insert?: unknown }[] = text.toDelta();
  return runs.map(({ insert }) => (typeof insert === 'string' ? insert : OBJECT_REPLACEMENT)).join('');
}

/** How many of `length` leading entries fulfil `holds`, which no entry does after the first that does not. */
function countUpTo(length: number, holds: (at: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
