import type { Random } from '../../../shared/time.js';
import type { Author } from '../author/author.js';
import { clearIfLong, type TypingModel } from './typing-model.js';

export interface SteadyOptions {
  readonly charactersPerSecond: number;
  readonly thinkMs: number;
  readonly maxCharacters: number;
  readonly random: Random;
}

/** Characters between two rests. */
const BURST = 40;

/** One character at the end of the text at even intervals. */
export class SteadyTyping implements TypingModel {
  readonly firstAfterMs: number;
  readonly #options: SteadyOptions;
  #untilRest = BURST;

  constructor(options: SteadyOptions) {
    this.#options = options;
    this.firstAfterMs = (options.random() * 1000) / options.charactersPerSecond;
  }

  type(author: Author): number {
    const { charactersPerSecond, thinkMs, maxCharacters, random } = this.#options;
    if (!clearIfLong(author, maxCharacters)) author.insert(1);
    const restMs = --this.#untilRest > 0 ? 0 : 2 * thinkMs * random();
    if (this.#untilRest === 0) this.#untilRest = BURST;
    return 1000 / charactersPerSecond + restMs;
  }
}
