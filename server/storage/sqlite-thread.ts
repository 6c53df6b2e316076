import { Worker } from 'node:worker_threads';
import { CoscribeError } from '../../shared/errors.js';
import { workerFile } from '../workers/worker-file.js';
import { fromFault, messageOf } from './sqlite-errors.js';
import type {
  FileIdentity,
  Input,
  OpenedMessage,
  OperationName,
  Output,
  RequestMessage,
  ResponseMessage,
  SqliteWorkerData,
} from './sqlite-messages.js';
import { StoreOpenError } from './store-open-error.js';

/** Starts the storage thread; a parameter, so that a test can hold the thread in its hands. */
export type StartWorker = (data: SqliteWorkerData) => Worker;

export const startSqliteWorker: StartWorker = (workerData) =>
  new Worker(workerFile(import.meta.url, './sqlite-worker.js'), { workerData, name: 'storage' });

interface Waiting {
  resolve(output: Output<OperationName>): void;
  reject(error: CoscribeError): void;
}

/**
 * The main thread's end of one storage thread. It lives as long as that thread: whatever is outstanding when the
 * thread ends is refused with `store-unavailable`.
 */
export class SqliteThread {
  /** Which file the thread has open. */
  identity: FileIdentity | undefined;
  /** Fulfils when the thread is gone, and with it its hold on the file. Never rejects. */
  readonly ended: Promise<void>;
  private readonly waiting = new Map<number, Waiting>();
  private lastNumber = 0;
  private over = false;
  private cause: unknown;

  private constructor(private readonly worker: Worker) {
    worker.on('error', (error) => {
      this.cause = error;
    });
    this.ended = new Promise((resolve) => {
      worker.once('exit', () => {
        this.over = true;
        this.refuseAll();
        resolve();
      });
    });
  }

  /** @throws StoreOpenError if the file cannot be opened; the thread is gone then */
  static async start(startWorker: StartWorker, data: SqliteWorkerData): Promise<SqliteThread> {
    const worker = startWorker(data);
    const thread = new SqliteThread(worker);
    const opened = await new Promise<OpenedMessage>((resolve) => {
      worker.once('message', resolve);
      void thread.ended.then(() => {
        const reason = thread.cause === undefined ? '' : `: ${messageOf(thread.cause)}`;
        resolve({
          opened: false,
          sentence: `The storage thread ended while it opened ${data.file}${reason}.`,
        });
      });
    });
    if (!opened.opened) {
      await thread.ended;
      throw new StoreOpenError(opened.sentence, { cause: thread.cause });
    }
    thread.identity = opened.identity;
    worker.on('message', (response: ResponseMessage) => thread.settle(response));
    return thread;
  }

  /** @throws CoscribeError as `DocumentStore` says */
  call<Name extends OperationName>(
    name: Name,
    input: Input<Name>,
    transfer: readonly ArrayBuffer[],
  ): Promise<Output<Name>> {
    return new Promise((resolve, reject) => {
      const number = ++this.lastNumber;
      this.waiting.set(number, { resolve: resolve as Waiting['resolve'], reject });
      // A message to a thread that is gone would never be answered.
      if (this.over) this.refuseAll();
      else this.worker.postMessage({ number, name, input } satisfies RequestMessage, transfer);
    });
  }

  /** Lets the thread end after everything that it was asked. */
  async close(): Promise<void> {
    this.worker.postMessage({ name: 'close' } satisfies RequestMessage);
    await this.ended;
  }

  private settle(response: ResponseMessage): void {
    const waiting = this.waiting.get(response.number);
    this.waiting.delete(response.number);
    if ('fault' in response) waiting?.reject(fromFault(response.fault));
    else waiting?.resolve(response.output);
  }

  private refuseAll(): void {
    const error = new CoscribeError('store-unavailable', 'the storage thread ended', { cause: this.cause });
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
