import type * as Y from 'yjs';
import { ContentHasher, isComparableHash } from '../shared/content-hash.js';
import type { ContentCheck } from '../shared/protocol.js';
import type { Clock, Timer } from '../shared/time.js';

/** Characters, about, that are hashed at a time: a millisecond or two. */
const STEP = 100_000;
/** Pause before and between the steps, in milliseconds: whatever else the page has to do comes first. */
const PAUSE_MS = 20;

export interface ContentComparisonOptions {
  readonly doc: Y.Doc;
  readonly clock: Clock;
  /** Whether the copy has everything up to `seq`, and nothing else. */
  holds(seq: number): boolean;
  /** The copy shows something else; `own` is what it hashes to. */
  differs(check: ContentCheck, own: string): void;
}

/**
 * Compares the copy with what it should show, a bit at a time. It gives up when anything changes meanwhile: there will be
 * another check when it is quiet again.
 */
export class ContentComparison {
  readonly #options: ContentComparisonOptions;
  #timer: Timer | undefined;

  constructor(options: ContentComparisonOptions) {
    this.#options = options;
  }

  begin(check: ContentCheck): void {
    this.giveUp();
    if (!isComparableHash(check.hash) || !this.#options.holds(check.seq)) return;
    this.#options.doc.on('afterTransaction', this.giveUp);
    this.#later(() => this.#goOn(check, new ContentHasher(this.#options.doc)));
  }

  /** Ends what is under way. */
  readonly giveUp = (): void => {
    if (this.#timer === undefined) return;
    this.#options.clock.cancel(this.#timer);
    this.#end();
  };

  #goOn(check: ContentCheck, hasher: ContentHasher): void {
    const own = hasher.step(STEP);
    if (own === undefined) {
      this.#later(() => this.#goOn(check, hasher));
      return;
    }
    this.#end();
    if (own !== check.hash && this.#options.holds(check.seq)) this.#options.differs(check, own);
  }

  #later(run: () => void): void {
    this.#timer = this.#options.clock.schedule(PAUSE_MS, run);
  }

  #end(): void {
    this.#timer = undefined;
    this.#options.doc.off('afterTransaction', this.giveUp);
  }
}
