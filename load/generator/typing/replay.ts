import type { Author } from '../author/author.js';
import type { RecordedEdit } from '../text/recorded-text.js';
import type { SteadyOptions } from './steady.js';
import type { TypingModel } from './typing-model.js';

/** Edits between two rests. */
const BURST = 40;

/** What somebody once typed, edit by edit at even intervals. At its end, or when the text is too long, all is deleted and it begins anew. */
export class ReplayTyping implements TypingModel {
  readonly firstAfterMs: number;
  readonly #options: SteadyOptions;
  readonly #edits: readonly RecordedEdit[];
  #next = 0;
  #untilRest = BURST;

  constructor(edits: readonly RecordedEdit[], options: SteadyOptions) {
    this.#edits = edits;
    this.#options = options;
    this.firstAfterMs = (options.random() * 1000) / options.charactersPerSecond;
  }

  type(author: Author): number {
    const { charactersPerSecond, thinkMs, maxCharacters, random } = this.#options;
    const edit = this.#edits[this.#next];
    if (edit === undefined || author.text.length >= maxCharacters) this.#beginAnew(author);
    else this.#play(author, edit);
    const restMs = --this.#untilRest > 0 ? 0 : 2 * thinkMs * random();
    if (this.#untilRest === 0) this.#untilRest = BURST;
    return 1000 / charactersPerSecond + restMs;
  }

  /** A position beyond the end is the end: in a recording of several authors each had seen another text. */
  #play(author: Author, edit: RecordedEdit): void {
    this.#next++;
    for (let at = 0; at < edit.length; at += 3) {
      const position = edit[at] ?? 0;
      const deleted = edit[at + 1] ?? 0;
      const inserted = edit[at + 2] ?? 0;
      author.text.moveTo(position + deleted);
      author.deleteBefore(Math.max(0, author.text.caret - position));
      if (inserted > 0) author.insert(inserted);
    }
  }

  #beginAnew(author: Author): void {
    this.#next = 0;
    author.text.moveTo(author.text.length);
    author.deleteBefore(author.text.length);
  }
}
