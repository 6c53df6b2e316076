import { CoscribeError } from '../../shared/errors.js';
import type { Clock } from '../../shared/time.js';
import type { SplitBounds } from '../../shared/update-split.js';
import { type Counters, UNCOUNTED } from '../telemetry/counters.js';
import {
  CompactJob,
  type CrdtJob,
  DiffJob,
  type DiffWaiter,
  HashContentJob,
  SplitJob,
  VerifyJob,
} from './crdt-jobs.js';
import type { CrdtReply, CrdtRequest } from './crdt-messages.js';
import type {
  Compacted,
  CompactionJob,
  CrdtWork,
  HashJob,
  VerifiedDocument,
  VerifyProblem,
} from './crdt-work.js';
import type { QueueBounds } from './job-queue.js';
import { JobThread } from './job-thread.js';
import { workerFile } from './worker-file.js';

/** What may wait; a document whose job is refused keeps its log and asks again later. */
const QUEUE: QueueBounds = { maxJobs: 256, maxBytes: 128 * 1024 * 1024 };
/** Copies that are compared with one state at a time: each answer may be half as large as the state. */
const MAX_COPIES = 16;
/** How long a difference may be waited for, in milliseconds. Then the whole document is sent, which may be quicker. */
const DIFF_WITHIN_MS = 500;
/** While a whole document of this size is at hand nobody waits for a difference: it would not come in time. */
const LONG_JOB_BYTES = 2 * 1024 * 1024;
/**
 * Heap of the thread in MB: a state of 10 MB and 700,000 structs takes less than 300 MB when it is loaded. A document
 * that needs more than twice that is not compacted, and costs the process nothing.
 */
const HEAP_MB = 64;
const HEAP_MB_PER_MB = 64;

export interface CrdtThreadOptions {
  readonly clock: Clock;
  readonly counters?: Counters;
  /** Processor time that any job may take, in milliseconds. */
  readonly mostMs?: number;
  /** The largest document, in bytes. */
  readonly maxDocumentBytes: number;
  readonly queue?: QueueBounds;
}

/**
 * All CRDT work of a node, in one thread of low priority, one job at a time, so that a 10 MB document delays nobody's
 * keystroke. The thread starts with the first job and ends when there has been none for a while. If it dies, or is
 * ended because a job takes too long, that job fails and the others go on in a new one.
 */
export class CrdtThread implements CrdtWork {
  private readonly thread: JobThread<CrdtRequest, CrdtReply, CrdtJob>;

  constructor(private readonly options: CrdtThreadOptions) {
    const { clock, mostMs, maxDocumentBytes, counters = UNCOUNTED, queue = QUEUE } = options;
    this.thread = new JobThread({
      name: 'CRDT',
      file: () => workerFile(import.meta.url, './crdt-worker.js'),
      limits: { maxOldGenerationSizeMb: Math.ceil(HEAP_MB + (maxDocumentBytes / 2 ** 20) * HEAP_MB_PER_MB) },
      clock,
      queue,
      ...(mostMs !== undefined && { mostMs }),
      onJob(ms, outcome) {
        if (outcome === 'done') counters.observe('crdt-job', ms);
        else counters.add('crdt-job-failures', 1);
      },
    });
  }

  compact(job: CompactionJob): Promise<Compacted> {
    return new Promise((resolve, reject) => this.thread.submit(new CompactJob(job, { resolve, reject })));
  }

  hash(job: HashJob): Promise<string> {
    return new Promise((resolve, reject) => this.thread.submit(new HashContentJob(job, { resolve, reject })));
  }

  split(update: Uint8Array, bounds: SplitBounds): Promise<readonly Uint8Array[]> {
    return new Promise((resolve, reject) =>
      this.thread.submit(new SplitJob(update, bounds, { resolve, reject })),
    );
  }

  verify(document: VerifiedDocument): Promise<readonly VerifyProblem[]> {
    return new Promise((resolve, reject) => this.thread.submit(new VerifyJob(document, { resolve, reject })));
  }

  diff(state: Uint8Array, stateVector: Uint8Array): Promise<Uint8Array | undefined> {
    const { atHand } = this.thread;
    if (atHand !== undefined && !(atHand instanceof DiffJob) && atHand.bytes > LONG_JOB_BYTES)
      return Promise.reject(new CoscribeError('internal', 'the CRDT thread is busy'));
    return new Promise((resolve, reject) => {
      const job = this.openDiff(state);
      const waiter: DiffWaiter = {
        stateVector,
        timer: undefined,
        resolve: (diff) => {
          this.stopWaiting(job, waiter);
          resolve(diff);
        },
        reject: (error) => {
          this.stopWaiting(job, waiter);
          reject(error);
        },
      };
      job.waiters.add(waiter);
      waiter.timer = this.options.clock.schedule(DIFF_WITHIN_MS, () =>
        waiter.reject(new CoscribeError('internal', 'the CRDT thread is busy')),
      );
      if (job.waiters.size === 1) this.thread.submit(job);
    });
  }

  /** Jobs that wait. */
  get waiting(): number {
    return this.thread.waitingCount;
  }

  /** Ends the thread; jobs that are not done fail. */
  close(): Promise<void> {
    return this.thread.close();
  }

  /** The waiting job for this state that has room, or a new one. */
  private openDiff(state: Uint8Array): DiffJob {
    for (const job of this.thread.waiting) {
      if (job instanceof DiffJob && job.state === state && job.waiters.size < MAX_COPIES) return job;
    }
    return new DiffJob(state);
  }

  private stopWaiting(job: DiffJob, waiter: DiffWaiter): void {
    if (waiter.timer !== undefined) this.options.clock.cancel(waiter.timer);
    job.waiters.delete(waiter);
    if (job.waiters.size === 0) this.thread.remove(job);
  }
}
