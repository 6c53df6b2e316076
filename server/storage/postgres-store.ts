import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { AccessDelegate } from './access-delegate.js';
import type { AccessStore, StoredLink } from './access-store.js';
import type { DeliveryStore } from './delivery-store.js';
import { PostgresAccess } from './postgres-access.js';
import { type PostgresAddress, parsePostgresAddress } from './postgres-address.js';
import { KnownClients } from './postgres-append.js';
import { PostgresAppends } from './postgres-appends.js';
import {
  CONNECTION_LIMITS,
  type ConnectionLimits,
  PostgresConnections,
  type Row,
} from './postgres-connections.js';
import { PostgresDeliveries } from './postgres-deliveries.js';
import { damaged, readFound, readPosition } from './postgres-documents.js';
import { readOpened } from './postgres-head.js';
import { createDocument, purge, removeDocument, renameDocument, restoreDocument } from './postgres-life.js';
import { listDocuments } from './postgres-list.js';
import { type Query, readLog } from './postgres-log.js';
import { prepareDatabase } from './postgres-migration.js';
import { openError } from './postgres-open-errors.js';
import { PostgresReceipts } from './postgres-receipts.js';
import { KnownSeals } from './postgres-seals.js';
import { readSnapshot, writeSnapshot } from './postgres-snapshots.js';
import { FIND, FIND_MOVED, OPEN_DOCUMENT, POSITIONS, READ_AUTHOR } from './postgres-statements.js';
import { authorSum } from './postgres-sums.js';
import { readMigration } from './postgres-unfinished.js';
import { fromTextValue, textList } from './postgres-values.js';
import type { Receipt } from './receipts.js';
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
import { unfinishedMigration } from './unfinished.js';

/** How long `close` waits for what is under way, in milliseconds. */
const CLOSE_MS = 10_000;

/** Keeps documents in a PostgreSQL database, which any number of processes may use at once. */
export class PostgresStore extends AccessDelegate implements DocumentStore {
  readonly description: string;
  readonly shared = true;
  private readonly connections: PostgresConnections;
  private readonly access: PostgresAccess;
  readonly deliveries: DeliveryStore;
  private readonly seals = new KnownSeals();
  private readonly appends: PostgresAppends;
  private readonly receipts: PostgresReceipts;
  private readonly snapshots = new Turns();
  private readonly purges = new Turns();
  private readonly underWay = new UnderWay();
  private closing: Promise<void> | undefined;

  private constructor(address: PostgresAddress, limits: ConnectionLimits) {
    super();
    this.description = address.description;
    this.connections = new PostgresConnections(address, limits);
    this.access = new PostgresAccess(this.query);
    this.receipts = new PostgresReceipts(this.query);
    const write: Query = (statement, values) => this.connections.write(statement, values);
    this.appends = new PostgresAppends(
      { write, query: this.query },
      { clients: new KnownClients(), seals: this.seals },
    );
    this.deliveries = new PostgresDeliveries((statement, values) =>
      this.underWay.track(() => this.query(statement, values)),
    );
  }

  /**
   * Connects, and creates the tables or brings them up to date.
   *
   * @param url `postgres://USER:PASSWORD@HOST:PORT/DATABASE`
   * @throws StoreOpenError with what the operator has to do
   */
  static async open(url: string, limits: Partial<ConnectionLimits> = {}): Promise<PostgresStore> {
    const address = parsePostgresAddress(url);
    await prepareDatabase(address);
    const store = new PostgresStore(address, { ...CONNECTION_LIMITS, ...limits });
    try {
      await store.connections.begin();
      const unfinished = await readMigration(
        async (text) => (await store.query({ name: '', text }, [])).rows,
      );
      if (unfinished !== undefined) throw unfinishedMigration(address.place, unfinished.source);
    } catch (error) {
      await store.close();
      throw error instanceof StoreOpenError ? error : openError(error, address);
    }
    return store;
  }

  open(id: DocumentId, now: number): Promise<DocumentHead> {
    return this.underWay.track(async () => {
      const found = (await this.query(OPEN_DOCUMENT, [id])).rows[0];
      return this.readHead(id, found ?? (await this.make(id, now)));
    });
  }

  /** Another node may be quicker: then it is that one's document. */
  private async make(id: DocumentId, now: number): Promise<Row> {
    if ((await this.query(FIND_MOVED, [id])).count > 0) throw new CoscribeError('document-moved');
    await createDocument(this.query, id, now);
    const row = (await this.query(OPEN_DOCUMENT, [id])).rows[0];
    if (row === undefined) throw new CoscribeError('internal', 'the new document is not there');
    return row;
  }

  create(id: DocumentId, now: number, link?: StoredLink): Promise<boolean> {
    return this.underWay.track(() => createDocument(this.query, id, now, link));
  }

  remove(id: DocumentId, now: number, at?: LogEnd): Promise<boolean> {
    return this.underWay.track(() => removeDocument(this.query, { id, now, at }));
  }

  restore(id: DocumentId): Promise<boolean> {
    return this.underWay.track(() => restoreDocument(this.query, id));
  }

  rename(from: DocumentId, to: DocumentId, now: number, at?: LogEnd): Promise<'done' | 'absent' | 'taken'> {
    return this.underWay.track(() => renameDocument(this.query, { from, to, now, at }));
  }

  purge(deletedUntil: number, limit: number): Promise<readonly DocumentId[]> {
    return this.underWay.track(() => this.purges.run(() => purge(this.query, deletedUntil, limit)));
  }

  protected withAccess<Result>(work: (access: AccessStore) => Promise<Result>): Promise<Result> {
    return this.underWay.track(() => work(this.access));
  }

  append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    const packed = this.appends.pack(batches);
    return this.underWay.track(() => this.appends.write(packed));
  }

  positions(ids: readonly DocumentId[]): Promise<ReadonlyMap<DocumentId, DocumentPosition>> {
    return this.underWay.track(async () => {
      const { rows } = await this.query(POSITIONS, [textList(ids)]);
      return new Map(rows.map(([id, ...columns]) => [String(id) as DocumentId, readPosition(columns)]));
    });
  }

  readLog(id: DocumentId, after: number, limit: number, generation?: string): Promise<readonly LogRow[]> {
    return this.underWay.track(() => readLog(this.query, { id, after, limit, generation }));
  }

  readSnapshot(id: DocumentId, generation?: string): Promise<Snapshot | undefined> {
    return this.underWay.track(() => readSnapshot(this.query, id, generation));
  }

  writeSnapshot(id: DocumentId, generation: string, snapshot: Snapshot, trimTo: number): Promise<void> {
    const write = () => writeSnapshot(this.query, { id, generation, snapshot, trimTo });
    // One at a time, so that the others keep their connections.
    return this.underWay.track(() => this.snapshots.run(write));
  }

  readAuthor(id: DocumentId, clientId: number): Promise<string | undefined> {
    return this.underWay.track(async () => {
      const row = (await this.query(READ_AUTHOR, [id, clientId])).rows[0];
      if (row === undefined) return undefined;
      const author = fromTextValue(String(row[0]));
      if (authorSum(String(row[2]), clientId, author) === Number(row[1])) return author;
      throw damaged(`the author of client ${clientId}`);
    });
  }

  find(id: DocumentId): Promise<FoundDocument | undefined> {
    return this.underWay.track(async () => {
      const { rows } = await this.query(FIND, [id]);
      return (rows.length > 0 ? rows : (await this.query(FIND_MOVED, [id])).rows).map(readFound)[0];
    });
  }

  list(query: ListQuery): Promise<readonly DocumentSummary[]> {
    return this.underWay.track(() => listDocuments(this.query, query));
  }

  readReceipt(key: string): Promise<Receipt | undefined> {
    return this.underWay.track(() => this.receipts.readReceipt(key));
  }

  keepReceipt(receipt: Receipt): Promise<boolean> {
    return this.underWay.track(() => this.receipts.keepReceipt(receipt));
  }

  forgetReceipts(until: number, limit: number): Promise<number> {
    return this.underWay.track(() => this.receipts.forgetReceipts(until, limit));
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([this.underWay.end(), enough]);
    clearTimeout(timer);
    await this.connections.close();
  }

  private readonly query: Query = (statement, values) => this.connections.query(statement, values);

  /** What is read here is sealed with a name that appends will need. */
  private readHead(id: DocumentId, row: Row): DocumentHead {
    const { head, sealedAs } = readOpened(row);
    this.seals.add(head.generation, id, sealedAs);
    return head;
  }
}
