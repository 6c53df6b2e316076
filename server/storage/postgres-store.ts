import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { AccessDelegate } from './access-delegate.js';
import type { AccessStore, StoredLink } from './access-store.js';
import { PostgresAccess } from './postgres-access.js';
import { type PostgresAddress, parsePostgresAddress } from './postgres-address.js';
import { authorSum, KnownClients, PackedAppend } from './postgres-append.js';
import {
  CONNECTION_LIMITS,
  type ConnectionLimits,
  PostgresConnections,
  type Row,
} from './postgres-connections.js';
import {
  DOCUMENT_COLUMNS,
  damaged,
  readDocument,
  readFound,
  readPosition,
  readSummary,
} from './postgres-documents.js';
import { createDocument, purge, removeDocument, restoreDocument } from './postgres-life.js';
import { type Query, readLog } from './postgres-log.js';
import { prepareDatabase } from './postgres-migration.js';
import { readSnapshot, readSnapshotRecord, writeSnapshot } from './postgres-snapshots.js';
import {
  APPEND,
  FIND,
  LIST,
  LIST_WORKSPACE,
  OPEN_DOCUMENT,
  POSITIONS,
  READ_AUTHOR,
} from './postgres-statements.js';
import { fromTextValue, readNumbers, textList } from './postgres-values.js';
import type {
  AppendBatch,
  AppendResult,
  DocumentHead,
  DocumentPosition,
  DocumentStore,
  DocumentSummary,
  FoundDocument,
  ListQuery,
  LogRow,
  Snapshot,
} from './store.js';
import { Turns } from './turns.js';
import { UnderWay } from './under-way.js';

/** How long `close` waits for what is under way, in milliseconds. */
const CLOSE_MS = 10_000;

/** Keeps documents in a PostgreSQL database, which any number of processes may use at once. */
export class PostgresStore extends AccessDelegate implements DocumentStore {
  readonly description: string;
  readonly shared = true;
  private readonly connections: PostgresConnections;
  private readonly access: PostgresAccess;
  private readonly known = new KnownClients();
  private readonly snapshots = new Turns();
  private readonly purges = new Turns();
  private readonly underWay = new UnderWay();
  private closing: Promise<void> | undefined;

  private constructor(address: PostgresAddress, limits: ConnectionLimits) {
    super();
    this.description = address.description;
    this.connections = new PostgresConnections(address, limits);
    this.access = new PostgresAccess(this.query);
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
    return new PostgresStore(address, { ...CONNECTION_LIMITS, ...limits });
  }

  open(id: DocumentId, now: number): Promise<DocumentHead> {
    return this.underWay.track(async () => {
      const found = (await this.query(OPEN_DOCUMENT, [id])).rows[0];
      return readHead(id, found ?? (await this.make(id, now)));
    });
  }

  /** Another node may be quicker: then it is that one's document. */
  private async make(id: DocumentId, now: number): Promise<Row> {
    await createDocument(this.query, id, now);
    const row = (await this.query(OPEN_DOCUMENT, [id])).rows[0];
    if (row === undefined) throw new CoscribeError('internal', 'the new document is not there');
    return row;
  }

  create(id: DocumentId, now: number, link?: StoredLink): Promise<boolean> {
    return this.underWay.track(() => createDocument(this.query, id, now, link));
  }

  remove(id: DocumentId, now: number): Promise<boolean> {
    return this.underWay.track(() => removeDocument(this.query, id, now));
  }

  restore(id: DocumentId): Promise<boolean> {
    return this.underWay.track(() => restoreDocument(this.query, id));
  }

  purge(deletedUntil: number, limit: number): Promise<readonly DocumentId[]> {
    return this.underWay.track(() => this.purges.run(() => purge(this.query, deletedUntil, limit)));
  }

  protected withAccess<Result>(work: (access: AccessStore) => Promise<Result>): Promise<Result> {
    return this.underWay.track(() => work(this.access));
  }

  append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    const packed = new PackedAppend(batches, this.known);
    return this.underWay.track(() => this.write(packed));
  }

  private async write(packed: PackedAppend): Promise<readonly AppendResult[]> {
    if (packed.empty) return packed.results([], this.known);
    try {
      const { rows } = await this.connections.write(APPEND, packed.values);
      return packed.results(readNumbers(String(rows[0]?.[0])), this.known);
    } catch (error) {
      this.known.forget();
      if (!(error instanceof CoscribeError) || error.code !== 'document-unreadable') throw error;
    }
    return await this.writeEach(packed);
  }

  /** After a damaged document has undone the whole transaction: everybody's batches without that one's. */
  private async writeEach(packed: PackedAppend): Promise<readonly AppendResult[]> {
    const parts = packed.split(this.known);
    if (parts.length === 1) return [{ ok: false, code: 'document-unreadable' }];
    const results: AppendResult[] = [];
    for (const part of parts) results.push(...(await this.write(part)));
    return results;
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
      if (authorSum(id, clientId, author) === Number(row[1])) return author;
      throw damaged(`the author of client ${clientId}`);
    });
  }

  find(id: DocumentId): Promise<FoundDocument | undefined> {
    return this.underWay.track(async () => (await this.query(FIND, [id])).rows.map(readFound)[0]);
  }

  list({ limit, workspace }: ListQuery): Promise<readonly DocumentSummary[]> {
    return this.underWay.track(async () => {
      if (limit <= 0) return [];
      const { rows } = await (workspace === undefined
        ? this.query(LIST, [limit])
        : // "0" is the character after "/": every id between the two is in the workspace.
          this.query(LIST_WORKSPACE, [`${workspace}/`, `${workspace}0`, limit]));
      return rows.map(readSummary);
    });
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
}

/** @throws CoscribeError `document-deleted`; `document-unreadable` unless log and snapshot are where the document says */
function readHead(id: DocumentId, [deleted, ...row]: Row): DocumentHead {
  if (deleted === true) throw new CoscribeError('document-deleted');
  const { generation, head, firstRow } = readDocument(row);
  const [snapshotSeq, snapshotBytes, first, last, ...snapshot] = row.slice(DOCUMENT_COLUMNS);
  const whole = firstRow > head ? first === null : Number(first) === firstRow && Number(last) === head;
  const position = readPosition([generation, head, firstRow, snapshotSeq, snapshotBytes]);
  if (!whole || position.snapshotSeq < firstRow - 1) throw damaged('the log');
  if (snapshot[0] === null && position.snapshotSeq === 0)
    return { ...position, snapshotIndex: new Uint8Array() };
  return { ...position, snapshotIndex: readSnapshotRecord(id, position.snapshotSeq, snapshot).index };
}
