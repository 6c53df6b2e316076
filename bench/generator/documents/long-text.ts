import * as Y from 'yjs';
import type { Random } from '../../../shared/time.js';
import { splitUpdate } from '../../../shared/update-split.js';
import { ROOT_NAME } from '../edits.js';

/** clientIDs of those who wrote a long text before the measurement; below those of the fleet. */
export const FIRST_WRITER_ID = 0x2000_0000;

/** Every server under test takes messages as large as this. */
const MAX_PART_BYTES = 200_000;
const MAX_PART_DELETES = 4_000;

export interface LongTextSize {
  /** Characters at the end. */
  readonly characters: number;
  /** Characters of an insertion, on average. */
  readonly insertion: number;
  /** Characters of a deletion, on average. */
  readonly deletion: number;
}

/** About 33,000 items in a state of 0.7 MB: what weeks of work leave behind. */
export const REAL_TEXT: LongTextSize = { characters: 100_000, insertion: 5, deletion: 3 };
/** Somewhat below 10 MB, the most that our server takes by default: a document that is edited on needs room. */
export const HUGE_TEXT: LongTextSize = { characters: 8_500_000, insertion: 600, deletion: 300 };

const NOTHING = Uint8Array.of(0, 0);
const WRITERS = 3;
/** How often a writer goes on, and not somebody else; goes somewhere else; deletes. */
const GOES_ON = 0.6;
const JUMPS = 0.4;
const DELETES = 0.25;
const ALPHABET = 'etaoin shrdlu cmfwyp vbgkjqxz ';

/** A text with the history that it came from, which can be edited on. */
export class LongText {
  readonly #text: Y.Text;

  constructor(
    readonly doc: Y.Doc,
    private readonly random: Random,
  ) {
    this.#text = doc.getText(ROOT_NAME);
  }

  get text(): string {
    return this.#text.toString();
  }

  get length(): number {
    return this.#text.length;
  }

  get state(): Uint8Array {
    return Y.encodeStateAsUpdate(this.doc);
  }

  get stateVector(): Uint8Array {
    return Y.encodeStateVector(this.doc);
  }

  /** How many structs there are. */
  get items(): number {
    return Array.from(this.doc.store.clients.values(), ({ length }) => length).reduce((sum, n) => sum + n, 0);
  }

  /** All of it as updates that any server under test takes, in this order. */
  parts(): Uint8Array[] {
    return cut(this.state);
  }

  /** Whoever has this clientID makes `count` edits of one character each, anywhere. @returns one update for each */
  edits(clientId: number, count: number): Uint8Array[] {
    return Array.from({ length: count }, () =>
      this.change(clientId, () => this.#text.insert(this.anywhere(), someText(this.random, 1))),
    );
  }

  /** Replaces `pieces` pieces of `length` characters anywhere by new ones. @returns updates that any server takes */
  rewrite(clientId: number, pieces: number, length: number): Uint8Array[] {
    const update = this.change(clientId, () => {
      for (let piece = 0; piece < pieces; piece++) {
        this.#text.delete(Math.min(this.anywhere(), this.length - length), length);
        this.#text.insert(this.anywhere(), someText(this.random, length));
      }
    });
    return cut(update);
  }

  private change(clientId: number, edit: () => void): Uint8Array {
    this.doc.clientID = clientId;
    let made: Uint8Array = NOTHING;
    const take = (update: Uint8Array): void => {
      made = update;
    };
    this.doc.on('update', take);
    this.doc.transact(edit);
    this.doc.off('update', take);
    return made;
  }

  private anywhere(): number {
    return Math.floor(this.random() * (this.length + 1));
  }
}

/** A text that three people wrote in many small steps, here and there, with deletions. Depends on chance alone. */
export function writeLongText({ characters, insertion, deletion }: LongTextSize, random: Random): LongText {
  const doc = new Y.Doc();
  const text = doc.getText(ROOT_NAME);
  const carets = new Array<number>(WRITERS).fill(0);
  let writer = 0;
  while (text.length < characters) {
    if (random() > GOES_ON) writer = Math.floor(random() * WRITERS);
    let caret = Math.min(carets[writer] ?? 0, text.length);
    if (random() < JUMPS) caret = Math.floor(random() * (text.length + 1));
    // Clients differ by this number alone, so that one copy serves all of them.
    doc.clientID = FIRST_WRITER_ID + writer;
    if (random() < DELETES) {
      const length = Math.min(caret, drawLength(random, deletion));
      caret -= length;
      text.delete(caret, length);
    } else {
      const added = someText(random, drawLength(random, insertion));
      text.insert(caret, added);
      caret += added.length;
    }
    carets[writer] = caret;
  }
  return new LongText(doc, random);
}

/** From 1 to twice the average less 1. */
function drawLength(random: Random, average: number): number {
  return 1 + Math.floor(random() * (2 * average - 1));
}

function someText(random: Random, length: number): string {
  let text = '';
  for (let left = length; left > 0; left--) {
    text += ALPHABET.charAt(Math.floor(random() * ALPHABET.length));
  }
  return text;
}

function cut(update: Uint8Array): Uint8Array[] {
  return splitUpdate(update, { maxBytes: MAX_PART_BYTES, maxDeleteRanges: MAX_PART_DELETES });
}
