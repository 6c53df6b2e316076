import { CoscribeError } from '../../shared/errors.js';
import type { Clock } from '../../shared/time.js';
import { type Counters, UNCOUNTED } from '../telemetry/counters.js';
import { type CopyJob, type CopyPlace, DropJob, ThreadCopy } from './copy-jobs.js';
import type { CopyReply, CopyRequest } from './copy-messages.js';
import type { CopyKeeper, CopyWork, HeldCopy } from './copy-work.js';
import { JobThread } from './job-thread.js';
import { workerFile } from './worker-file.js';

/** Tasks that may wait. What they hold is bounded by whoever asks. */
const MAX_TASKS = 10_000;
/** Heap of the thread in MB: for each MB of documents in it a document of 10 MB and 700,000 structs takes less than 30. */
const HEAP_MB = 64;
const HEAP_MB_PER_MB = 32;

export interface CopyThreadOptions {
  readonly clock: Clock;
  readonly counters?: Counters;
  /** Of all copies together, as updates, in bytes. */
  readonly maxBytes: number;
  /** Processor time that any task may take, in milliseconds. */
  readonly mostMs?: number;
}

/**
 * Copies of documents in a thread of low priority, so that a 10 MB document delays nobody's keystroke. The thread starts with
 * the first task and ends when there is no copy in it. If it dies, or is ended because a task takes too long, all copies end.
 */
export class CopyThread implements CopyWork, CopyPlace {
  private readonly thread: JobThread<CopyRequest, CopyReply, CopyJob>;
  private readonly copies = new Map<number, ThreadCopy>();
  private drops: number[] = [];
  private isDropping = false;
  private lastNumber = 0;

  constructor({ clock, counters = UNCOUNTED, maxBytes, mostMs }: CopyThreadOptions) {
    this.thread = new JobThread({
      name: 'copies',
      file: () => workerFile(import.meta.url, './copy-worker.js'),
      limits: { maxOldGenerationSizeMb: Math.ceil(HEAP_MB + (maxBytes / 2 ** 20) * HEAP_MB_PER_MB) },
      clock,
      queue: { maxJobs: MAX_TASKS, maxBytes: Number.POSITIVE_INFINITY },
      ...(mostMs !== undefined && { mostMs }),
      onJob(ms, outcome) {
        if (outcome === 'done') counters.observe('copy-job', ms);
        else counters.add('copy-job-failures', 1);
      },
      isNeeded: () => this.copies.size > 0,
      onEnd: (cause) => this.lost(cause),
    });
  }

  /** Jobs that wait. */
  get waiting(): number {
    return this.thread.waitingCount;
  }

  hold(keeper: CopyKeeper): HeldCopy {
    const copy = new ThreadCopy(++this.lastNumber, keeper, this);
    this.copies.set(copy.number, copy);
    return copy;
  }

  async close(): Promise<void> {
    await this.thread.close();
    this.lost(new CoscribeError('shutting-down'));
  }

  // What follows is for the copies.

  submit(job: CopyJob): void {
    this.thread.submit(job);
  }

  drop({ number }: ThreadCopy): void {
    this.copies.delete(number);
    this.drops.push(number);
    if (this.isDropping) return;
    this.isDropping = true;
    // Later: whoever drops one often drops more.
    queueMicrotask(() => {
      this.isDropping = false;
      if (this.drops.length > 0 && this.thread.runs) this.thread.submit(new DropJob(this));
    });
  }

  takeDrops(): readonly number[] {
    const { drops } = this;
    this.drops = [];
    return drops;
  }

  /** The thread is gone, and every copy with it. */
  private lost(cause: CoscribeError): void {
    const error =
      cause.code === 'shutting-down' ? cause : new CoscribeError('server-busy', undefined, { cause });
    for (const copy of [...this.copies.values()]) copy.lost(error, false);
    this.drops = [];
  }
}
