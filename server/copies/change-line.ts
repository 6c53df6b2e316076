import { CoscribeError } from '../../shared/errors.js';
import type { Admission } from '../documents/admitted.js';
import type { WriteGuard } from '../documents/write-guard.js';
import type { Change, Changed } from './copies.js';
import type { Turns } from './turns.js';

/** More than so many don't wait. */
const MOST_WAITING = 1_000;

/** Somebody who waits for an answer. */
export interface Call {
  /** Nobody waits any more. */
  readonly over: boolean;
  /** From now on it may happen whatever is answered. */
  isUnderWay: boolean;
}

/** How somebody wants to change a document. */
export interface AskedChange {
  readonly by: Admission;
  readonly change: Change;
  readonly guard: WriteGuard | undefined;
  readonly call: Call;
}

/** One that waits for its turn. It is answered once. */
export interface WaitingChange extends AskedChange {
  resolve(changed: Changed): void;
  reject(error: unknown): void;
}

/**
 * Changes of one document, in the order in which they came. While some are on their way to the disk others gather, and go there
 * together.
 */
export class ChangeLine {
  private waiting: WaitingChange[] = [];
  private isInLine = false;

  /**
   * @param turns of the document; each time all that waits then is taken
   * @param carryOut answers some of them, the first at least, and gives back the others in their order. If it rejects, that is
   *   answered to all of them that have no answer
   */
  constructor(
    private readonly turns: Turns,
    private readonly carryOut: (changes: readonly WaitingChange[]) => Promise<readonly WaitingChange[]>,
  ) {}

  /** @throws CoscribeError `server-busy` if too many wait; whatever it is answered */
  take(asked: AskedChange): Promise<Changed> {
    if (this.waiting.length >= MOST_WAITING) return Promise.reject(new CoscribeError('server-busy'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...asked, resolve, reject });
      this.goOn();
    });
  }

  private goOn(): void {
    if (this.isInLine || this.waiting.length === 0) return;
    this.isInLine = true;
    this.turns.take('alone', () => this.takeTurn()).catch((error: unknown) => this.refuse(error));
  }

  private async takeTurn(): Promise<void> {
    const changes = this.waiting;
    this.waiting = [];
    try {
      this.waiting.unshift(...(await this.carryOut(changes)));
    } catch (error) {
      for (const { reject } of changes) reject(error);
    }
    this.isInLine = false;
    // Whoever looks at the document has his turn in between.
    this.goOn();
  }

  private refuse(error: unknown): void {
    this.isInLine = false;
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}
