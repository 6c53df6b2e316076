import { Worker } from 'node:worker_threads';
import { CoscribeError } from '../../shared/errors.js';
import type { Clock, Timer } from '../../shared/time.js';
import { CompactJob, type CrdtJob, DiffJob, type DiffWaiter, HashContentJob } from './crdt-jobs.js';
import type { CrdtReply, CrdtThreadStarted } from './crdt-messages.js';
import type { Compacted, CompactionJob, CrdtWork, HashJob } from './crdt-work.js';
import { JobQueue, type QueueBounds } from './job-queue.js';
import { threadTime } from './thread-time.js';
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
 * Processor time that a job may take, in milliseconds: a document of 10 MB and 700,000 structs takes 4 s. Where threads
 * cannot be timed the clock on the wall counts.
 */
const MOST_MS = 5_000;
const MORE_MS_PER_MB = 1_000;
/** However little of the processor the thread gets, a job ends after so many times its processor time. */
const PATIENCE = 20;
/**
 * Heap of the thread in MB: a state of 10 MB and 700,000 structs takes less than 300 MB when it is loaded. A document
 * that needs more than twice that is not compacted, and costs the process nothing.
 */
const HEAP_MB = 64;
const HEAP_MB_PER_MB = 64;
/** A thread without work ends after this time, and gives back what the last documents took. */
const IDLE_MS = 10_000;

export interface CrdtThreadOptions {
  readonly clock: Clock;
  /** Processor time that any job may take, in milliseconds. */
  readonly mostMs?: number;
  /** The largest document, in bytes. */
  readonly maxDocumentBytes: number;
  readonly queue?: QueueBounds;
}

/** One run of the thread, and what it is doing. */
interface Run {
  readonly worker: Worker;
  /** From when on it is ready. */
  started: { readonly threadId: number | undefined; readonly time: number } | undefined;
  job: CrdtJob | undefined;
  /** Of the job's deadline, or, without a job, of the end of the thread. */
  timer: Timer | undefined;
}

/**
 * All CRDT work of a node, in one thread of low priority, one job at a time, so that a 10 MB document delays nobody's
 * keystroke. The thread starts with the first job and ends when there has been none for a while. If it dies, or is
 * ended because a job takes too long, that job fails and the others go on in a new one.
 */
export class CrdtThread implements CrdtWork {
  private readonly queue: JobQueue<CrdtJob>;
  private run: Run | undefined;
  private closed = false;

  constructor(private readonly options: CrdtThreadOptions) {
    this.queue = new JobQueue(options.queue ?? QUEUE);
  }

  compact(job: CompactionJob): Promise<Compacted> {
    return new Promise((resolve, reject) => this.submit(new CompactJob(job, { resolve, reject })));
  }

  hash(job: HashJob): Promise<string> {
    return new Promise((resolve, reject) => this.submit(new HashContentJob(job, { resolve, reject })));
  }

  diff(state: Uint8Array, stateVector: Uint8Array): Promise<Uint8Array | undefined> {
    const atHand = this.run?.job;
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
      if (job.waiters.size === 1) this.submit(job);
    });
  }

  /** Ends the thread; jobs that are not done fail. */
  async close(): Promise<void> {
    this.closed = true;
    const ended = new CoscribeError('shutting-down');
    for (let job = this.queue.next(); job !== undefined; job = this.queue.next()) job.failed(ended);
    await this.end(ended);
  }

  /** The waiting job for this state that has room, or a new one. */
  private openDiff(state: Uint8Array): DiffJob {
    for (const job of this.queue) {
      if (job instanceof DiffJob && job.state === state && job.waiters.size < MAX_COPIES) return job;
    }
    return new DiffJob(state);
  }

  private stopWaiting(job: DiffJob, waiter: DiffWaiter): void {
    if (waiter.timer !== undefined) this.options.clock.cancel(waiter.timer);
    job.waiters.delete(waiter);
    if (job.waiters.size === 0) this.queue.remove(job);
  }

  private submit(job: CrdtJob): void {
    if (this.closed) job.failed(new CoscribeError('shutting-down'));
    else if (this.queue.add(job)) this.next();
    else job.failed(new CoscribeError('internal', 'too much waits for the CRDT thread'));
  }

  private next(): void {
    if (this.run?.job !== undefined) return;
    const job = this.queue.next();
    if (job === undefined) return;
    let run: Run;
    try {
      run = this.run ?? this.start();
    } catch (cause) {
      job.failed(new CoscribeError('internal', 'the CRDT thread does not start', { cause }));
      this.next();
      return;
    }
    this.run = run;
    this.stopTimer(run);
    run.job = job;
    const { message, transfer } = job.request();
    run.worker.postMessage(message, transfer);
    this.watch(run, job);
  }

  private start(): Run {
    const worker = new Worker(workerFile(import.meta.url, './crdt-worker.js'), {
      name: 'crdt',
      resourceLimits: {
        maxOldGenerationSizeMb: Math.ceil(
          HEAP_MB + (this.options.maxDocumentBytes / 2 ** 20) * HEAP_MB_PER_MB,
        ),
      },
    });
    worker.unref();
    const run: Run = { worker, started: undefined, job: undefined, timer: undefined };
    worker.on('message', (message: CrdtThreadStarted | CrdtReply) => {
      if (message.kind !== 'started') {
        if (this.run === run) this.done(run, message);
        return;
      }
      const { threadId } = message;
      run.started = { threadId, time: threadTime(threadId) ?? 0 };
    });
    const died = (cause: unknown): void => {
      if (this.run === run) void this.end(new CoscribeError('internal', 'the CRDT thread died', { cause }));
    };
    worker.on('error', died);
    worker.on('exit', died);
    return run;
  }

  private done(run: Run, reply: CrdtReply): void {
    const { job } = run;
    this.stopTimer(run);
    run.job = undefined;
    job?.done(reply);
    this.next();
    if (run.job === undefined && this.run === run)
      run.timer = this.options.clock.schedule(IDLE_MS, () => void this.end(new CoscribeError('internal')));
  }

  /** Ends the thread when the job at hand has had its time. */
  private watch(run: Run, job: CrdtJob): void {
    const { clock, mostMs = MOST_MS } = this.options;
    const allowed = mostMs + (job.bytes / 2 ** 20) * MORE_MS_PER_MB;
    const begun = clock.monotonic();
    const before = run.started && threadTime(run.started.threadId);
    const look = (): void => {
      run.timer = undefined;
      const passed = clock.monotonic() - begun;
      const used = run.started === undefined ? 0 : usedSince(run.started, before, passed);
      if (used >= allowed || passed >= allowed * PATIENCE)
        void this.end(new CoscribeError('internal', `the job took more than ${Math.round(allowed)} ms`));
      else run.timer = clock.schedule(Math.max(allowed - used, allowed / 10), look);
    };
    run.timer = clock.schedule(allowed, look);
  }

  /** Ends the thread; the job at hand fails, and the next one starts a new thread. */
  private async end(error: CoscribeError): Promise<void> {
    const { run } = this;
    if (run === undefined) return;
    this.run = undefined;
    this.stopTimer(run);
    run.job?.failed(error);
    const ended = run.worker.terminate();
    this.next();
    await ended;
  }

  private stopTimer(run: Run): void {
    if (run.timer !== undefined) this.options.clock.cancel(run.timer);
    run.timer = undefined;
  }
}

/** Processor time that a job has used, in milliseconds; where that cannot be known, the time that has passed. */
function usedSince(
  { threadId, time }: NonNullable<Run['started']>,
  before: number | undefined,
  passed: number,
): number {
  const now = threadTime(threadId);
  // The first job of a thread is there before the thread is ready; getting ready is not the job's time.
  return now === undefined ? passed : now - (before ?? time);
}
