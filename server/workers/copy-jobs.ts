import { CoscribeError } from '../../shared/errors.js';
import { errorOf } from './copy-failure.js';
import type { CopyReply, CopyRequest } from './copy-messages.js';
import type { CopyAnswer, CopyKeeper, CopyTask, HeldCopy } from './copy-work.js';
import type { ThreadJob } from './job-thread.js';

export type CopyJob = ThreadJob<CopyRequest, CopyReply>;

/** Where the copies are. */
export interface CopyPlace {
  submit(job: CopyJob): void;
  /** Nobody needs this one any more. */
  drop(copy: ThreadCopy): void;
  /** Copies that are not needed any more, once. */
  takeDrops(): readonly number[];
}

/** A copy in the thread, as it is known outside. */
export class ThreadCopy implements HeldCopy {
  private isHeld = true;

  constructor(
    readonly number: number,
    private readonly keeper: CopyKeeper,
    private readonly place: CopyPlace,
  ) {}

  ask(task: CopyTask): Promise<CopyAnswer> {
    return new Promise((resolve, reject) => {
      this.place.submit(new TaskJob(this, this.keeper, this.place, task, { resolve, reject }));
    });
  }

  drop(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.place.drop(this);
  }

  /** Whether anybody needs it. */
  get held(): boolean {
    return this.isHeld;
  }

  /** It is not there any more. @param isCause as `CopyKeeper.ended` */
  lost(error: CoscribeError, isCause: boolean): void {
    if (!this.isHeld) return;
    this.drop();
    this.keeper.ended(error, isCause);
  }
}

interface Settle {
  resolve(answer: CopyAnswer): void;
  reject(error: CoscribeError): void;
}

/** Tasks of a copy are done in the order in which they came: each builds on those before it. */
const RANK = 'awaited';

class TaskJob implements CopyJob {
  readonly rank = RANK;
  readonly bytes: number;
  private isAtHand = false;

  constructor(
    private readonly copy: ThreadCopy,
    private readonly keeper: CopyKeeper,
    private readonly place: CopyPlace,
    private readonly task: CopyTask,
    private readonly settle: Settle,
  ) {
    this.bytes = keeper.bytes;
  }

  request(): ReturnType<CopyJob['request']> {
    this.isAtHand = true;
    // Its thread has ended, or nobody needs it any more: another one of that number would be empty.
    const { held, number } = this.copy;
    const message = {
      copy: held ? number : undefined,
      feed: held ? this.keeper.takeFeed() : undefined,
      task: this.task,
      drops: this.place.takeDrops(),
    };
    // Whoever joins at the same moment has the same content: it is copied.
    return { message, transfer: [] };
  }

  done({ news, bytes, outcome }: CopyReply): void {
    const { copy, keeper, settle } = this;
    if (!copy.held) {
      settle.reject(new CoscribeError('document-reloading'));
      return;
    }
    keeper.measured(bytes);
    for (const one of news) {
      if ('change' in one) keeper.changed(one.number, one.change);
      else keeper.unfollowed(one.number, errorOf(one.failure));
    }
    if (outcome.kind === 'done') settle.resolve(outcome.answer);
    else settle.reject(errorOf(outcome));
    if (outcome.kind === 'broken') copy.lost(new CoscribeError('document-reloading'), false);
  }

  failed(error: CoscribeError): void {
    const told =
      error.code === 'shutting-down' ? error : new CoscribeError('server-busy', undefined, { cause: error });
    this.settle.reject(told);
    if (this.isAtHand) this.copy.lost(told, told !== error);
  }
}

/** Lets go of copies that nobody needs any more. */
export class DropJob implements CopyJob {
  readonly rank = RANK;
  readonly bytes = 0;

  constructor(private readonly place: CopyPlace) {}

  request(): ReturnType<CopyJob['request']> {
    const drops = this.place.takeDrops();
    return { message: { copy: undefined, feed: undefined, task: { kind: 'take' }, drops }, transfer: [] };
  }

  done(): void {}

  // A thread that has ended keeps nothing; what is not taken goes with the next task.
  failed(): void {}
}
