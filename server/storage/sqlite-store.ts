import { resolve } from 'node:path';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { AccessDelegate } from './access-delegate.js';
import type { AccessStore, StoredLink } from './access-store.js';
import { packRows, unpackRows } from './packed-rows.js';
import type { Receipt } from './receipts.js';
import { type Ask, readSnapshot, writeSnapshot } from './snapshot-transfer.js';
import { linkToSend, SqliteAccessCalls } from './sqlite-access-calls.js';
import { SqliteDeliveryCalls } from './sqlite-delivery-calls.js';
import { realFile } from './sqlite-hold.js';
import type { Input, OperationName, Output } from './sqlite-messages.js';
import { purge } from './sqlite-purge.js';
import { SqliteThread, type StartWorker, startSqliteWorker } from './sqlite-thread.js';
import type {
  AppendBatch,
  AppendResult,
  DocumentHead,
  DocumentPosition,
  DocumentStore,
  DocumentSummary,
  FoundDocument,
  ListQuery,
  LogEnd,
  LogRow,
  Snapshot,
} from './store.js';
import { StoreOpenError } from './store-open-error.js';
import { Turns } from './turns.js';
import { UnderWay } from './under-way.js';

/**
 * Files up to this size are checked whole when the store opens. The check reads at about 200 MB/s, so that a start
 * takes a third of a second longer at most. Larger files are checked piece by piece, as their pages and rows are read.
 */
const QUICK_CHECK_BYTES = 64 * 1024 * 1024;

/** Log rows that are read in one step of the storage thread: about a millisecond. */
const ROWS_PER_STEP = 256;

export interface SqliteStoreOptions {
  readonly quickCheckBytes?: number;
  readonly startWorker?: StartWorker;
}

/** Files open in this process. SQLite's locks hold off other processes; they do not see a second store in this one. */
const openFiles = new Set<string>();

/**
 * Keeps documents in one SQLite file, in a thread of its own. If that thread ends, what it was doing is refused, and
 * the next call starts another one; when to try again is the caller's decision.
 */
export class SqliteStore extends AccessDelegate implements DocumentStore {
  readonly description: string;
  readonly shared = false;
  private thread: Promise<SqliteThread> | undefined;
  private identity: SqliteThread['identity'];
  private closing: Promise<void> | undefined;
  private readonly underWay = new UnderWay();
  private readonly pieces = new Turns();
  private readonly snapshots = new Turns();
  private readonly purges = new Turns();
  private readonly access = new SqliteAccessCalls((name, input) => this.ask(name, input));
  readonly deliveries = new SqliteDeliveryCalls((name, input) =>
    this.underWay.track(() => this.askInTurn(name, input)),
  );

  private constructor(
    file: string,
    private readonly path: string,
    private readonly options: SqliteStoreOptions,
  ) {
    super();
    this.description = `sqlite:${file}`;
  }

  /**
   * @param file relative to the working directory; created if it is missing, its folders too
   * @throws StoreOpenError with what the operator has to do; the file is left as it is
   */
  static async open(file: string, options: SqliteStoreOptions = {}): Promise<SqliteStore> {
    const path = realFile(resolve(file));
    if (openFiles.has(path)) throw new StoreOpenError(`${path} is already open in this process.`);
    openFiles.add(path);
    const store = new SqliteStore(file, path, options);
    try {
      await store.start(options.quickCheckBytes ?? QUICK_CHECK_BYTES);
      return store;
    } catch (error) {
      openFiles.delete(path);
      throw error;
    }
  }

  open(id: DocumentId, now: number): Promise<DocumentHead> {
    return this.call('open', { id, now });
  }

  create(id: DocumentId, now: number, link?: StoredLink): Promise<boolean> {
    return this.call('create', { id, now, link: link && linkToSend(link) });
  }

  remove(id: DocumentId, now: number, at?: LogEnd): Promise<boolean> {
    return this.call('remove', { id, now, at });
  }

  restore(id: DocumentId): Promise<boolean> {
    return this.call('restore', { id });
  }

  rename(from: DocumentId, to: DocumentId, now: number, at?: LogEnd): Promise<'done' | 'absent' | 'taken'> {
    return this.call('rename', { from, to, now, at });
  }

  purge(deletedUntil: number, limit: number): Promise<readonly DocumentId[]> {
    return this.underWay.track(() => this.purges.run(() => purge(this.askInTurn, deletedUntil, limit)));
  }

  protected withAccess<Result>(work: (access: AccessStore) => Promise<Result>): Promise<Result> {
    return this.underWay.track(() => work(this.access));
  }

  append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    const rows = packRows(batches.flatMap((batch) => batch.rows));
    const heads = batches.map((batch) => ({
      id: batch.id,
      generation: batch.generation,
      committedAt: batch.committedAt,
      count: batch.rows.length,
      guard: batch.guard,
    }));
    return this.call('append', { batches: heads, rows }, [rows.bytes.buffer]);
  }

  positions(ids: readonly DocumentId[]): Promise<ReadonlyMap<DocumentId, DocumentPosition>> {
    return this.call('positions', { ids });
  }

  readLog(id: DocumentId, after: number, limit: number, generation?: string): Promise<readonly LogRow[]> {
    return this.underWay.track(async () => {
      const log: LogRow[] = [];
      let current = generation;
      for (;;) {
        const step = Math.min(limit - log.length, ROWS_PER_STEP);
        const input = { id, after: after + log.length, limit: step, generation: current };
        const packed = await this.askInTurn('readLog', input);
        const { firstSeq, committedAt, rows, more } = packed;
        current = packed.generation;
        for (const [offset, row] of unpackRows(rows).entries())
          log.push({ ...row, seq: firstSeq + offset, committedAt: committedAt[offset] ?? 0 });
        if (!more || log.length >= limit) return log;
      }
    });
  }

  readSnapshot(id: DocumentId, generation?: string): Promise<Snapshot | undefined> {
    return this.underWay.track(() => readSnapshot(this.askInTurn, id, generation));
  }

  writeSnapshot(id: DocumentId, generation: string, snapshot: Snapshot, trimTo: number): Promise<void> {
    const write = () => writeSnapshot(this.askInTurn, { id, generation, snapshot, trimTo });
    return this.underWay.track(() => this.snapshots.run(write));
  }

  readAuthor(id: DocumentId, clientId: number): Promise<string | undefined> {
    return this.call('readAuthor', { id, clientId });
  }

  find(id: DocumentId): Promise<FoundDocument | undefined> {
    return this.call('find', { id });
  }

  list(query: ListQuery): Promise<readonly DocumentSummary[]> {
    return this.call('list', query);
  }

  readReceipt(key: string): Promise<Receipt | undefined> {
    return this.call('readReceipt', { key });
  }

  keepReceipt(receipt: Receipt): Promise<boolean> {
    return this.call('keepReceipt', { receipt });
  }

  forgetReceipts(until: number, limit: number): Promise<number> {
    return this.underWay.track(() => this.askInTurn('forgetReceipts', { until, limit }));
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    try {
      await this.underWay.end();
      await (await this.thread)?.close();
    } catch {
      // A thread that could not start has nothing to let go of.
    } finally {
      openFiles.delete(this.path);
    }
  }

  private call<Name extends OperationName>(
    name: Name,
    input: Input<Name>,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Output<Name>> {
    return this.underWay.track(() => this.ask(name, input, transfer));
  }

  private async ask<Name extends OperationName>(
    name: Name,
    input: Input<Name>,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Output<Name>> {
    const thread = await this.restart();
    return await thread.call(name, input, transfer);
  }

  /** For pieces of large work: the thread has at most one of them to do before the next append. */
  private readonly askInTurn: Ask = (name, input, transfer) =>
    this.pieces.run(() => this.ask(name, input, transfer));

  /** The running thread, or a new one. A file that was checked when the store opened is not checked again. */
  private async restart(): Promise<SqliteThread> {
    try {
      return await (this.thread ?? this.start(0));
    } catch (cause) {
      throw new CoscribeError('store-unavailable', 'the database cannot be opened again', { cause });
    }
  }

  private start(quickCheckBytes: number): Promise<SqliteThread> {
    const starting = SqliteThread.start(this.options.startWorker ?? startSqliteWorker, {
      file: this.path,
      quickCheckBytes,
      expected: this.identity,
    });
    const forget = () => {
      if (this.thread === starting) this.thread = undefined;
    };
    starting.then((thread) => {
      this.identity = thread.identity;
      void thread.ended.then(forget);
    }, forget);
    this.thread = starting;
    return starting;
  }
}
