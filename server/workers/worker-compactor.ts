import { Worker } from 'node:worker_threads';
import { CoscribeError } from '../../shared/errors.js';
import { encodeUpdateList } from '../../shared/frames.js';
import type { CompactReply, CompactRequest } from './compact-messages.js';
import type { Compacted, Compactor } from './compactor.js';
import { workerFile } from './worker-file.js';

/** Jobs that may wait; a document whose job is refused keeps its log and asks again later. */
const MAX_WAITING = 256;

interface Job {
  readonly updates: readonly Uint8Array[];
  resolve(compacted: Compacted): void;
  reject(error: CoscribeError): void;
}

/**
 * Compacts in one worker thread, one document at a time, so that a 10 MB document never delays anybody's keystroke.
 * The thread starts with the first job. If it dies, the job at hand fails and the next one starts a new thread.
 */
export class WorkerCompactor implements Compactor {
  private readonly waiting: Job[] = [];
  private atHand: Job | undefined;
  private worker: Worker | undefined;

  /**
   * @throws CoscribeError `document-unreadable` if the updates do not merge into a sound state, `internal` if the
   *   worker fails or too much waits
   */
  compact(updates: readonly Uint8Array[]): Promise<Compacted> {
    if (this.waiting.length >= MAX_WAITING)
      return Promise.reject(new CoscribeError('internal', 'too much to compact'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ updates, resolve, reject });
      this.next();
    });
  }

  /** Ends the thread; jobs that are not done fail. */
  async close(): Promise<void> {
    const ended = new CoscribeError('shutting-down');
    for (const job of this.waiting.splice(0)) job.reject(ended);
    this.fail(ended);
    await this.worker?.terminate();
  }

  private next(): void {
    if (this.atHand !== undefined) return;
    this.atHand = this.waiting.shift();
    if (this.atHand === undefined) return;
    this.worker ??= this.start();
    const updates = encodeUpdateList(this.atHand.updates);
    const request: CompactRequest = { updates };
    this.worker.postMessage(request, [updates.buffer as ArrayBuffer]);
  }

  private start(): Worker {
    const worker = new Worker(workerFile(import.meta.url, './compact-worker.js'));
    worker.unref();
    const died = (error: unknown): void => {
      if (this.worker !== worker) return;
      this.worker = undefined;
      this.fail(new CoscribeError('internal', 'the compaction worker died', { cause: error }));
      this.next();
    };
    worker.on('message', (reply: CompactReply) => this.done(reply));
    worker.on('error', died);
    worker.on('exit', died);
    return worker;
  }

  private done(reply: CompactReply): void {
    if (reply.ok) {
      this.atHand?.resolve(reply);
      this.atHand = undefined;
    } else {
      this.fail(new CoscribeError(reply.code, reply.detail));
    }
    this.next();
  }

  private fail(error: CoscribeError): void {
    this.atHand?.reject(error);
    this.atHand = undefined;
  }
}
