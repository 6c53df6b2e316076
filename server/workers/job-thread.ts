import { type ResourceLimits, Worker } from 'node:worker_threads';
import { CoscribeError } from '../../shared/errors.js';
import type { Clock, Timer } from '../../shared/time.js';
import { type Job, JobQueue, type QueueBounds } from './job-queue.js';
import { threadTime } from './thread-time.js';

/**
 * Processor time that a job may take, in milliseconds: a document of 10 MB and 700,000 structs takes 4 s. Where threads
 * cannot be timed the clock on the wall counts.
 */
const MOST_MS = 5_000;
const MORE_MS_PER_MB = 1_000;
/** However little of the processor the thread gets, a job ends after so many times its processor time. */
const PATIENCE = 20;
/** A thread without work ends after this time, and gives back what it has taken. */
const IDLE_MS = 10_000;

/** Something for the thread to do, and whom to tell. The more `bytes` it has to do with, the longer it may take. */
export interface ThreadJob<Request, Reply> extends Job {
  /** What to send to the thread. Called once, when the job's turn has come. */
  request(): { readonly message: Request; readonly transfer: readonly ArrayBuffer[] };
  done(reply: Reply): void;
  failed(error: CoscribeError): void;
}

/** The thread's first message. */
export interface ThreadStarted {
  readonly kind: 'started';
  /** Number that the operating system gives the thread, where that can be found out. */
  readonly threadId: number | undefined;
}

interface JobThreadOptions {
  /** For messages: `CRDT`. */
  readonly name: string;
  /** @throws Error if it is not there */
  file(): URL;
  readonly limits: ResourceLimits;
  readonly clock: Clock;
  readonly queue: QueueBounds;
  /** Processor time that any job may take, in milliseconds. */
  readonly mostMs?: number;
  /** Whether a thread without work has to stay. */
  isNeeded?(): boolean;
  /** A job has taken so many milliseconds of time, without waiting, and went well or failed. */
  onJob?(ms: number, outcome: 'done' | 'failed'): void;
  /** The thread is gone, and with it whatever it kept; the job at hand has failed. */
  onEnd?(error: CoscribeError): void;
}

/** One run of the thread, and what it is doing. */
interface Run<J> {
  readonly worker: Worker;
  /** From when on it is ready. */
  started: { readonly threadId: number | undefined; readonly time: number } | undefined;
  job: J | undefined;
  /** When the job began, in milliseconds of the monotonic clock. */
  begunAt: number;
  /** Of the job's deadline, or, without a job, of the end of the thread. */
  timer: Timer | undefined;
}

/**
 * A thread that does one job at a time. It starts with the first one and ends when there has been none for a while. If it
 * dies, or is ended because a job takes too long, that job fails and the others go on in a new one.
 */
export class JobThread<Request, Reply extends object, J extends ThreadJob<Request, Reply>> {
  private readonly queue: JobQueue<J>;
  private run: Run<J> | undefined;
  private closed = false;

  constructor(private readonly options: JobThreadOptions) {
    this.queue = new JobQueue(options.queue);
  }

  /** There is a thread. */
  get runs(): boolean {
    return this.run !== undefined;
  }

  get atHand(): J | undefined {
    return this.run?.job;
  }

  /** Those that wait. */
  get waiting(): Iterable<J> {
    return this.queue;
  }

  get waitingCount(): number {
    return this.queue.size;
  }

  submit(job: J): void {
    if (this.closed) job.failed(new CoscribeError('shutting-down'));
    else if (this.queue.add(job)) this.next();
    else {
      this.options.onJob?.(0, 'failed');
      job.failed(this.error('too much waits for it'));
    }
  }

  /** Nobody needs it any more. */
  remove(job: J): void {
    this.queue.remove(job);
  }

  /** Ends the thread; jobs that are not done fail. */
  async close(): Promise<void> {
    this.closed = true;
    const ended = new CoscribeError('shutting-down');
    for (let job = this.queue.next(); job !== undefined; job = this.queue.next()) job.failed(ended);
    await this.end(ended);
  }

  private next(): void {
    if (this.run?.job !== undefined) return;
    const job = this.queue.next();
    if (job === undefined) return;
    let run: Run<J>;
    try {
      run = this.run ?? this.start();
    } catch (cause) {
      job.failed(this.error('it does not start', cause));
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

  private start(): Run<J> {
    const { name, limits } = this.options;
    const worker = new Worker(this.options.file(), { name, resourceLimits: limits });
    worker.unref();
    const run: Run<J> = { worker, started: undefined, job: undefined, begunAt: 0, timer: undefined };
    worker.on('message', (message: ThreadStarted | Reply) => {
      if (!isStart(message)) {
        if (this.run === run) this.done(run, message);
        return;
      }
      const { threadId } = message;
      run.started = { threadId, time: threadTime(threadId) ?? 0 };
    });
    const died = (cause: unknown): void => {
      if (this.run === run) void this.end(this.error('it died', cause));
    };
    worker.on('error', died);
    worker.on('exit', died);
    return run;
  }

  private done(run: Run<J>, reply: Reply): void {
    const { job, begunAt } = run;
    this.stopTimer(run);
    run.job = undefined;
    this.options.onJob?.(this.options.clock.monotonic() - begunAt, 'done');
    job?.done(reply);
    this.next();
    if (run.job === undefined && this.run === run) this.endLater(run);
  }

  private endLater(run: Run<J>): void {
    run.timer = this.options.clock.schedule(IDLE_MS, () => {
      run.timer = undefined;
      if (this.options.isNeeded?.()) this.endLater(run);
      else void this.end(new CoscribeError('internal'));
    });
  }

  /** Ends the thread when the job at hand has had its time. */
  private watch(run: Run<J>, job: J): void {
    const { clock, mostMs = MOST_MS } = this.options;
    const allowed = mostMs + (job.bytes / 2 ** 20) * MORE_MS_PER_MB;
    const begun = clock.monotonic();
    run.begunAt = begun;
    const before = run.started && threadTime(run.started.threadId);
    const look = (): void => {
      run.timer = undefined;
      const passed = clock.monotonic() - begun;
      const used = run.started === undefined ? 0 : usedSince(run.started, before, passed);
      if (used >= allowed || passed >= allowed * PATIENCE)
        void this.end(this.error(`a job took more than ${Math.round(allowed)} ms`));
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
    if (run.job !== undefined) {
      this.options.onJob?.(this.options.clock.monotonic() - run.begunAt, 'failed');
      run.job.failed(error);
    }
    const ended = run.worker.terminate();
    this.options.onEnd?.(error);
    this.next();
    await ended;
  }

  private stopTimer(run: Run<J>): void {
    if (run.timer !== undefined) this.options.clock.cancel(run.timer);
    run.timer = undefined;
  }

  private error(what: string, cause?: unknown): CoscribeError {
    return new CoscribeError('internal', `the ${this.options.name} thread: ${what}`, { cause });
  }
}

function isStart(message: object): message is ThreadStarted {
  return 'kind' in message && message.kind === 'started';
}

/** Processor time that a job has used, in milliseconds; where that cannot be known, the time that has passed. */
function usedSince(
  { threadId, time }: NonNullable<Run<unknown>['started']>,
  before: number | undefined,
  passed: number,
): number {
  const now = threadTime(threadId);
  // The first job of a thread is there before the thread is ready; getting ready is not the job's time.
  return now === undefined ? passed : now - (before ?? time);
}
