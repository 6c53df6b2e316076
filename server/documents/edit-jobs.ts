import type * as Y from 'yjs';
import type { CoscribeError } from '../../shared/errors.js';
import type { Clock, Timer } from '../../shared/time.js';

interface EditJobOptions {
  /** For messages. */
  readonly what: 'edit' | 'read';
  readonly work: (doc: Y.Doc) => unknown;
  readonly timeoutMs: number;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
  /** It was not answered in time. */
  onLate(job: EditJob): void;
}

/** What somebody wants to be done with a document, and hears of once. */
export class EditJob {
  /** What became of it, once its function has run. */
  made: MadeEdit | undefined;
  private timer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly options: EditJobOptions,
  ) {
    this.timer = clock.schedule(options.timeoutMs, () => options.onLate(this));
  }

  get what(): 'edit' | 'read' {
    return this.options.what;
  }

  get work(): (doc: Y.Doc) => unknown {
    return this.options.work;
  }

  /** Nobody waits for it any more. */
  get over(): boolean {
    return this.timer === undefined;
  }

  resolve(value: unknown): void {
    if (this.end()) this.options.resolve(value);
  }

  reject(reason: unknown): void {
    if (this.end()) this.options.reject(reason);
  }

  private end(): boolean {
    if (this.timer === undefined) return false;
    this.clock.cancel(this.timer);
    this.timer = undefined;
    return true;
  }
}

/** Hands an update in. @returns why it is refused, if it is; else `settle` is told later how it ends */
export type HandIn = (
  update: Uint8Array,
  settle: (outcome: number | CoscribeError) => void,
) => CoscribeError | undefined;

/** An edit whose function has run: its updates are on the way to the log. */
export class MadeEdit {
  readonly bytes: number;
  private handedIn = 0;
  private durable = 0;
  private isLost = false;

  constructor(
    readonly job: EditJob,
    private readonly value: unknown,
    readonly parts: readonly Uint8Array[],
  ) {
    job.made = this;
    this.bytes = parts.reduce((sum, { length }) => sum + length, 0);
  }

  /** Some of it has not been handed in. */
  get waiting(): boolean {
    return this.handedIn < this.parts.length;
  }

  /** The log has refused some of it, and the rest will not be in it either. */
  get lost(): boolean {
    return this.isLost;
  }

  /**
   * Hands in what is left of it.
   *
   * @param answered called with each part's outcome
   * @returns why the next part is refused
   */
  handIn(submit: HandIn, answered: (outcome: number | CoscribeError) => void): CoscribeError | undefined {
    for (const part of this.parts.slice(this.handedIn)) {
      const refused = submit(part, (outcome) => {
        if (typeof outcome === 'number') this.durable++;
        else this.isLost = true;
        answered(outcome);
      });
      if (refused !== undefined) return refused;
      this.handedIn++;
    }
    return undefined;
  }

  /** Everything has to be handed in once more: parts that are in the log already will change nothing. */
  again(): void {
    this.handedIn = 0;
    this.durable = 0;
    this.isLost = false;
  }

  /** If all of it is durable, whoever waits is told. @returns whether it is */
  finish(): boolean {
    if (this.durable < this.parts.length) return false;
    this.job.resolve(this.value);
    return true;
  }
}
