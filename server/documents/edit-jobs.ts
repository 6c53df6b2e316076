import type * as Y from 'yjs';
import type { CoscribeError } from '../../shared/errors.js';
import type { Clock, Timer } from '../../shared/time.js';
import type { EditAuthor } from './edit-authors.js';

interface EditJobOptions {
  /** For messages. */
  readonly what: 'edit' | 'read';
  /** In whose name, as the log has it. */
  readonly author: string;
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

  get author(): string {
    return this.options.author;
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

/** Hands updates in, all or none. @returns why they are refused, if they are; else `settle` is told later how it ends */
export type HandIn = (
  author: EditAuthor,
  updates: readonly Uint8Array[],
  settle: (outcome: number | CoscribeError) => void,
) => CoscribeError | undefined;

/** An edit whose function has run: it is on the way to the log. */
export class MadeEdit {
  readonly bytes: number;
  private state: 'waiting' | 'under way' | 'durable' | 'lost' = 'waiting';

  constructor(
    readonly job: EditJob,
    /** As whom it was made. */
    readonly author: EditAuthor,
    private readonly value: unknown,
    /** Its update, in as many parts as its size demands; none if there is nothing to store. */
    readonly parts: readonly Uint8Array[],
  ) {
    job.made = this;
    this.bytes = parts.reduce((sum, { length }) => sum + length, 0);
  }

  /** It has not been handed in. */
  get waiting(): boolean {
    return this.state === 'waiting';
  }

  /** The log has refused it. */
  get lost(): boolean {
    return this.state === 'lost';
  }

  /**
   * Hands it in.
   *
   * @param answered called with the outcome
   * @returns why it is refused
   */
  handIn(submit: HandIn, answered: (outcome: number | CoscribeError) => void): CoscribeError | undefined {
    if (this.parts.length === 0) {
      this.state = 'durable';
      return undefined;
    }
    const refused = submit(this.author, this.parts, (outcome) => {
      this.state = typeof outcome === 'number' ? 'durable' : 'lost';
      answered(outcome);
    });
    if (refused === undefined) this.state = 'under way';
    return refused;
  }

  /** It has to be handed in once more: if it is in the log already, that will change nothing. */
  again(): void {
    this.state = 'waiting';
  }

  /** If it is durable, whoever waits is told. @returns whether it is */
  finish(): boolean {
    if (this.state !== 'durable') return false;
    this.job.resolve(this.value);
    return true;
  }
}
