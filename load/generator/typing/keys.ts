import type { Random } from '../../../shared/time.js';
import { seededRandom } from '../../../tools/seeded-random.js';
import { Author } from '../author/author.js';
import type { WrittenText } from '../text/written-text.js';
import { KnownSets } from '../view/deletion-set.js';
import { clearIfLong, type TypingModel } from './typing-model.js';

/**
 * How people type into a text, in the shares and relations of the measurements; the pace itself is an option.
 *
 * Dhakal, Feit, Kristensson, Oulasvirta, "Observations on Typing from 136 Million Keystrokes" (CHI 2018), found about 240 ms
 * between two keys on average, and about 6 % of the keys to be corrections. That intervals are skewed to the right, as a
 * log-normal distribution is, and longer between words and sentences than within words, is known of old (Salthouse,
 * "Perceptual, cognitive, and motoric aspects of transcription typing", Psychological Bulletin 1986). The other numbers here
 * are choices: they give pieces of text of the sizes that editors send.
 */
const MODEL = {
  /** Within a word, in milliseconds: median, and spread of the logarithm. */
  keyMs: 165,
  keySpread: 0.45,
  /** So many times longer before the first letter of a word. */
  wordFactor: 1.5,
  /** After a sentence, and at the end of a burst: median, and spread of the logarithm. */
  sentenceMs: 900,
  burstMs: 2_000,
  pauseSpread: 0.6,
  /** Characters in a burst, on average. */
  burst: 60,
  /** Share of keys that begin something else than the next character. */
  mistakes: 0.03,
  wordDeletes: 0.003,
  insertions: 0.004,
  pastes: 0.0015,
  /** Characters that are wrong before it is noticed, at most; they are taken back one by one. */
  wrong: 3,
  /** How far back somebody goes to insert something, and how much that is, at most. */
  wayBack: 200,
  inserted: 25,
  pasteFrom: 20,
  pasteTo: 200,
} as const;

const SENTENCE_ENDS = '.!?\n';
const WORD_ENDS = ' ,;:–';

export interface KeysOptions {
  readonly text: WrittenText;
  readonly charactersPerSecond: number;
  readonly thinkMs: number;
  readonly maxCharacters: number;
  readonly random: Random;
}

/** Words in bursts, with mistakes that are taken back, deleted words, pieces pasted, and insertions further up. */
export class KeysTyping implements TypingModel {
  readonly firstAfterMs: number;
  readonly #options: KeysOptions;
  readonly #scale: number;
  /** Characters that are still to be taken back; before that, wrong ones still to be typed. */
  #takeBack = 0;
  #wrongLeft = 0;
  /** Characters still to be written further up. */
  #insertLeft = 0;
  #untilPause: number;
  #spare: number | undefined;

  /** @param scale by which the model's intervals are multiplied; see `scaleOf` */
  constructor(options: KeysOptions, scale: number) {
    this.#options = options;
    this.#scale = scale;
    this.#untilPause = this.#upTo(2 * MODEL.burst);
    this.firstAfterMs = (options.random() * 1000) / options.charactersPerSecond;
  }

  type(author: Author): number {
    const { text, maxCharacters } = this.#options;
    if (this.#takeBack > 0 && this.#wrongLeft === 0) {
      this.#takeBack--;
      author.deleteBefore(1);
      return this.#key(1);
    }
    if (this.#wrongLeft > 0) {
      this.#wrongLeft--;
      author.insert(1);
      return this.#key(1);
    }
    if (this.#insertLeft > 0) return this.#insertOne(author);
    if (clearIfLong(author, maxCharacters)) return this.#pause(MODEL.sentenceMs);
    return this.#something(author) ?? this.#next(author, text.charAt(author.clientId, author.clock));
  }

  /** The next character of the text, and the pause that follows it. */
  #next(author: Author, character: string): number {
    author.insert(1);
    if (--this.#untilPause <= 0) {
      this.#untilPause = this.#upTo(2 * MODEL.burst);
      return this.#pause(MODEL.burstMs) + 2 * this.#options.thinkMs * this.#options.random();
    }
    if (SENTENCE_ENDS.includes(character)) return this.#pause(MODEL.sentenceMs);
    return this.#key(WORD_ENDS.includes(character) ? MODEL.wordFactor : 1);
  }

  /** Now and then somebody does something else. @returns `undefined` if not now */
  #something(author: Author): number | undefined {
    let chance = this.#options.random();
    chance -= MODEL.mistakes;
    if (chance < 0) {
      const wrong = this.#upTo(MODEL.wrong);
      this.#takeBack = wrong;
      this.#wrongLeft = wrong - 1;
      author.insert(1);
      return this.#key(1);
    }
    chance -= MODEL.wordDeletes;
    if (chance < 0 && author.text.length > 0) {
      author.deleteBefore(3 + this.#upTo(6));
      return this.#key(MODEL.wordFactor);
    }
    chance -= MODEL.insertions;
    if (chance < 0 && author.text.length > 1) {
      this.#insertLeft = this.#upTo(MODEL.inserted);
      author.text.moveTo(author.text.caret - this.#upTo(MODEL.wayBack));
      return this.#insertOne(author);
    }
    chance -= MODEL.pastes;
    if (chance >= 0) return undefined;
    author.insert(
      MODEL.pasteFrom + Math.floor(this.#options.random() * (MODEL.pasteTo + 1 - MODEL.pasteFrom)),
    );
    return this.#pause(MODEL.sentenceMs);
  }

  /** One character further up; after the last one the caret goes back to the end. */
  #insertOne(author: Author): number {
    author.insert(1);
    if (--this.#insertLeft > 0) return this.#key(1);
    author.text.moveTo(author.text.length);
    return this.#pause(MODEL.sentenceMs);
  }

  #key(factor: number): number {
    return this.#scale * factor * MODEL.keyMs * Math.exp(MODEL.keySpread * this.#normal());
  }

  #pause(medianMs: number): number {
    return this.#scale * medianMs * Math.exp(MODEL.pauseSpread * this.#normal());
  }

  /** A whole number from 1 to `most`. */
  #upTo(most: number): number {
    return 1 + Math.floor(this.#options.random() * most);
  }

  /** Normally distributed, two at a time (Box and Muller). */
  #normal(): number {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined) return spare;
    const radius = Math.sqrt(-2 * Math.log(1 - this.#options.random()));
    const angle = 2 * Math.PI * this.#options.random();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

const TRIED = 20_000;
const TRIAL_SEED = 1;

/** By what the model's intervals must be multiplied so that an edit comes so often, on average over everything. */
export function scaleOf(text: WrittenText, charactersPerSecond: number): number {
  const options = {
    text,
    charactersPerSecond,
    thinkMs: 0,
    maxCharacters: 1_000,
    random: seededRandom(TRIAL_SEED),
  };
  const model = new KeysTyping(options, 1);
  const author = new Author(TRIAL_SEED, new KnownSets());
  let naturalMs = 0;
  for (let edit = 0; edit < TRIED; edit++) {
    naturalMs += model.type(author);
    author.commit(naturalMs);
  }
  return (1000 * TRIED) / (charactersPerSecond * naturalMs);
}
