import { CoscribeError } from '../../shared/errors.js';

/** More than so many don't wait, unless another number is given. */
const MOST_WAITING = 1_000;

type Kind = 'together' | 'alone';

/** Lets any number of those who go together do something at the same time, or one alone, in the order in which they came. */
export class Turns {
  private readonly waiting: { readonly kind: Kind; readonly begin: () => void }[] = [];
  private together = 0;
  private isAlone = false;

  constructor(private readonly mostWaiting = MOST_WAITING) {}

  /** Nobody has it, and nobody waits. */
  get idle(): boolean {
    return this.together === 0 && !this.isAlone && this.waiting.length === 0;
  }

  /** @throws CoscribeError `server-busy` if too many wait; whatever `work` throws */
  async take<T>(kind: Kind, work: () => Promise<T>): Promise<T> {
    if (this.waiting.length >= this.mostWaiting) throw new CoscribeError('server-busy');
    await new Promise<void>((begin) => {
      this.waiting.push({ kind, begin });
      this.goOn();
    });
    try {
      return await work();
    } finally {
      if (kind === 'alone') this.isAlone = false;
      else this.together--;
      this.goOn();
    }
  }

  private goOn(): void {
    for (let [first] = this.waiting; first !== undefined && !this.isAlone; [first] = this.waiting) {
      if (first.kind === 'alone' && this.together > 0) return;
      if (first.kind === 'alone') this.isAlone = true;
      else this.together++;
      this.waiting.shift();
      first.begin();
    }
  }
}
