import { CopyHost } from '../../server/workers/copy-host.js';
import { type CopyJob, type CopyPlace, ThreadCopy } from '../../server/workers/copy-jobs.js';
import type { CopyWork, View } from '../../server/workers/copy-work.js';
import { CoscribeError } from '../../shared/errors.js';

/** Copies of documents in the test's own thread: each task is done in a turn of its own, and what goes over is copied. */
export class InlineCopies implements CopyWork, CopyPlace {
  private readonly host = new CopyHost();
  private readonly copies = new Map<number, ThreadCopy>();
  private drops: number[] = [];
  private numbers = 0;
  private isClosed = false;
  /** Tasks that have been done. */
  tasks = 0;
  /** What has been looked at, in that order. */
  readonly views: View[] = [];
  private gate: Promise<void> = Promise.resolve();
  private opened: Promise<void> | undefined;

  hold(keeper: Parameters<CopyWork['hold']>[0]): ThreadCopy {
    const copy = new ThreadCopy(++this.numbers, keeper, this);
    this.copies.set(copy.number, copy);
    return copy;
  }

  /** Copies that are held. */
  get size(): number {
    return this.copies.size;
  }

  submit(job: CopyJob): void {
    if (this.isClosed) {
      job.failed(new CoscribeError('shutting-down'));
      return;
    }
    this.gate = this.gate.then(async () => {
      this.tasks++;
      const { message } = job.request();
      if (message.task.kind === 'view') this.views.push(message.task.view);
      if (this.opened !== undefined) await this.opened;
      job.done(structuredClone(this.host.handle(structuredClone(message))));
    });
  }

  /** A task that is begun is not answered before what is given back is called. */
  pause(): () => void {
    let goOn = (): void => {};
    this.opened = new Promise((resolve) => {
      goOn = resolve;
    });
    return () => {
      this.opened = undefined;
      goOn();
    };
  }

  drop({ number }: ThreadCopy): void {
    this.copies.delete(number);
    this.drops.push(number);
  }

  takeDrops(): readonly number[] {
    const { drops } = this;
    this.drops = [];
    return drops;
  }

  /** The thread dies, of a task of the copy that was made last if that is the cause. */
  die(ofLast = false): void {
    const last = ofLast ? this.numbers : undefined;
    for (const copy of [...this.copies.values()])
      copy.lost(new CoscribeError('server-busy'), copy.number === last);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

export function inlineCopies(): InlineCopies {
  return new InlineCopies();
}
