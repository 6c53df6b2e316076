import type Database from 'libsql';
import type { DocumentId } from '../../shared/ids.js';
import { SqliteAccess } from './sqlite-access.js';
import { SqliteAppends } from './sqlite-append.js';
import { SqliteDeliveries } from './sqlite-deliveries.js';
import { type DocumentRow, DocumentRows } from './sqlite-documents.js';
import { StoreFault } from './sqlite-errors.js';
import { isHeld, MERGE_AT_MOST_PAGES } from './sqlite-hold.js';
import { SqliteLife } from './sqlite-life.js';
import { SqliteLifeEvents } from './sqlite-life-events.js';
import { DocumentLists } from './sqlite-list.js';
import { LogRows } from './sqlite-log.js';
import type {
  DocumentOperations,
  FileIdentity,
  Input,
  OperationName,
  Output,
  PackedAppend,
  PackedLog,
  SnapshotOf,
} from './sqlite-messages.js';
import { EarlierNames } from './sqlite-names.js';
import { SqliteReceipts } from './sqlite-receipts.js';
import { positionOf, SnapshotRows } from './sqlite-snapshots.js';
import { Transactions } from './sqlite-transactions.js';
import type { AppendResult, DocumentHead, DocumentPosition, DocumentSummary, ListQuery } from './store.js';

/**
 * Pages that a commit adds to the write-ahead log, about: some always, some for each document. After so many the log is
 * merged into the database: in two to three milliseconds then.
 */
const PAGES_PER_COMMIT = 2;
const PAGES_PER_DOCUMENT = 3;
const MERGE_AT_PAGES = 300;

/**
 * The store's operations on one connection. They are synchronous, so each sees the database as the one before left
 * it. Everything that is read is checked: checksums, and that the log has no gap. Runs in the storage thread.
 */
export class SqliteDatabase implements DocumentOperations {
  readonly documents: DocumentRows;
  readonly log: LogRows;
  readonly snapshots: SnapshotRows;
  private readonly transactions: Transactions;
  private readonly life: SqliteLife;
  readonly access: SqliteAccess;
  readonly deliveries: SqliteDeliveries;
  readonly lifeEvents: SqliteLifeEvents;
  readonly receipts: SqliteReceipts;
  readonly names: EarlierNames;
  private readonly lists: DocumentLists;
  private readonly appends: SqliteAppends;
  private unmergedPages = 0;
  private held = false;

  constructor(
    private readonly database: Database.Database,
    private readonly file: string,
  ) {
    this.documents = new DocumentRows(database);
    this.log = new LogRows(database);
    this.snapshots = new SnapshotRows(database);
    this.transactions = new Transactions(database, file, () => {
      this.documents.forget();
      this.log.forget();
    });
    this.access = new SqliteAccess(database, this.documents, this.transactions);
    this.deliveries = new SqliteDeliveries(database, this.documents, this.transactions);
    this.receipts = new SqliteReceipts(database, this.documents, this.transactions);
    this.names = new EarlierNames(database);
    this.lifeEvents = new SqliteLifeEvents(database, this.documents, this.names, this.transactions);
    this.lists = new DocumentLists(database);
    this.appends = new SqliteAppends(this, this.transactions);
    this.life = new SqliteLife(database, this, this.transactions);
  }

  /** Does what the storage thread was asked for. @throws StoreFault, and what SQLite throws */
  perform<Name extends OperationName>(name: Name, input: Input<Name>): Output<Name> {
    const owner =
      [this.life, this.access, this.deliveries, this.lifeEvents, this.receipts].find(
        (part) => name in part,
      ) ?? this;
    const operations = owner as unknown as Record<Name, (input: Input<Name>) => Output<Name>>;
    return operations[name](input);
  }

  /** Whether a failed transaction could not be undone, so that this connection must not be used any more. */
  get stuck(): boolean {
    return this.transactions.stuck;
  }

  /** Which file the connection was opened with. */
  get identity(): FileIdentity | undefined {
    return this.transactions.identity;
  }

  /** Whether the write-ahead log is long enough for `mergeLog`. */
  get mergeDue(): boolean {
    return this.unmergedPages >= MERGE_AT_PAGES;
  }

  /**
   * Merges the write-ahead log into the database, between two requests. SQLite by itself would do it within a commit,
   * so that somebody waits for it.
   */
  mergeLog(): void {
    this.unmergedPages = 0;
    try {
      if (this.leftAlone()) return;
      this.database.prepare('PRAGMA wal_checkpoint(PASSIVE)').all();
    } catch {
      // Nothing is lost: all of it is in the log. The next commit finds out what is wrong.
    }
  }

  /** Before the end: a file that says it has a write-ahead log has lost it, if there is none beside it. */
  settle(): void {
    try {
      this.database.exec('PRAGMA journal_mode = DELETE');
    } catch {
      // The log stays, and the next start merges it.
    }
  }

  /** Whether the log must not be begun anew, because somebody is copying the files. */
  private leftAlone(): boolean {
    const held = isHeld(this.file);
    if (held !== this.held)
      this.database.exec(`PRAGMA wal_autocheckpoint = ${held ? 0 : MERGE_AT_MOST_PAGES}`);
    this.held = held;
    return held;
  }

  open({ id, now }: Input<'open'>): DocumentHead {
    const document = this.documents.find(id) ?? this.makeUnlessMoved(id, now);
    if (document.deletedAt !== undefined) throw new StoreFault('document-deleted');
    const { firstRow, snapshotSeq } = document;
    this.log.checkBounds(document);
    if (snapshotSeq < firstRow - 1) throw new StoreFault('document-unreadable', 'log rows are missing');
    const place = snapshotSeq === 0 ? undefined : this.snapshots.place(document);
    const snapshotIndex = place === undefined ? new Uint8Array() : this.snapshots.readIndex(document, place);
    return { ...positionOf(document, place), snapshotIndex };
  }

  private makeUnlessMoved(id: DocumentId, now: number): DocumentRow {
    if (this.names.find(id) !== undefined) throw new StoreFault('document-moved');
    return this.transactions.run(() => this.life.make(id, now));
  }

  positions({ ids }: Input<'positions'>): Output<'positions'> {
    const found = new Map<DocumentId, DocumentPosition>();
    for (const id of ids) {
      const document = this.documents.present(id);
      if (document === undefined) continue;
      const place = document.snapshotSeq === 0 ? undefined : this.snapshots.place(document);
      found.set(id, positionOf(document, place));
    }
    return found;
  }

  append(input: PackedAppend): readonly AppendResult[] {
    const results = this.appends.append(input);
    this.unmergedPages += PAGES_PER_COMMIT + PAGES_PER_DOCUMENT * input.batches.length;
    return results;
  }

  readLog({ id, after, limit, generation }: Input<'readLog'>): PackedLog {
    const document = this.meant(id, generation);
    if (document === undefined) throw new StoreFault('internal', 'the document was never opened');
    if (after + 1 < document.firstRow) throw new StoreFault('internal', 'these log rows have been trimmed');
    return this.log.read(document, after, limit);
  }

  readSnapshot({ id, generation }: Input<'readSnapshot'>): Output<'readSnapshot'> {
    const document = this.meant(id, generation);
    if (document === undefined || document.snapshotSeq === 0) return undefined;
    const place = this.snapshots.place(document);
    return { generation: document.generation, place, pieces: this.snapshots.readFirst(document, place) };
  }

  readPiece({ id, generation, place, key }: Input<'readPiece'>): Uint8Array | undefined {
    const document = this.documents.present(id);
    if (document?.generation !== generation) return undefined;
    if (this.snapshots.place(document).first !== place.first) return undefined;
    return this.snapshots.read(document, place.seq, key);
  }

  beginSnapshot(input: Input<'beginSnapshot'>): number | undefined {
    return this.transactions.run(() => {
      const document = this.replaceable(input);
      return document && this.snapshots.reserve(document, input.pieces);
    });
  }

  writePiece({ id, generation, seq, key, content }: Input<'writePiece'>): void {
    this.transactions.run(() => this.snapshots.writePiece(this.meant(id, generation), seq, key, content));
  }

  /** Snapshot and trimming are one transaction: there is no moment at which only the trimming is on disk. */
  finishSnapshot(input: Input<'finishSnapshot'>): boolean {
    return this.transactions.run(() => {
      const document = this.replaceable(input);
      if (document === undefined) return true;
      const { seq, sizes, pieces, trimTo } = input;
      if (input.first !== undefined) this.snapshots.claim(document, input.first);
      const first = input.first ?? this.snapshots.nextKey();
      for (const [offset, content] of pieces.entries())
        this.snapshots.writePiece(document, seq, first + offset, content);
      this.snapshots.replace(document, { seq, first, ...sizes });
      const firstRow = Math.max(document.firstRow, trimTo + 1);
      const changed = { ...document, snapshotSeq: seq, firstRow };
      this.documents.update(changed);
      return this.log.trim(changed) || this.snapshots.hasLoose;
    });
  }

  /** The document that this snapshot belongs to; `undefined` if it has a newer one. */
  private replaceable({ id, generation, seq, trimTo }: SnapshotOf): DocumentRow | undefined {
    const document = this.meant(id, generation);
    if (seq > document.head) throw new StoreFault('internal', 'the snapshot is ahead of the log');
    if (trimTo > seq) throw new StoreFault('internal', 'trimming beyond the snapshot would lose edits');
    return seq < document.snapshotSeq ? undefined : document;
  }

  tidy({ id }: Input<'tidy'>): boolean {
    return this.transactions.run(() => {
      if (this.snapshots.hasLoose) {
        this.snapshots.removeSome();
        return true;
      }
      const document = this.documents.find(id);
      return document !== undefined && this.log.trim(document);
    });
  }

  readAuthor({ id, clientId }: Input<'readAuthor'>): string | undefined {
    const document = this.documents.present(id);
    return document && this.log.author(document, clientId);
  }

  list(query: ListQuery): readonly DocumentSummary[] {
    return this.lists.list(query);
  }

  /** The document, if it is there; of this generation, if the caller knows it. @throws StoreFault `generation-changed` */
  private meant(id: DocumentId, generation: string): DocumentRow;
  private meant(id: DocumentId, generation: string | undefined): DocumentRow | undefined;
  private meant(id: DocumentId, generation: string | undefined): DocumentRow | undefined {
    const document = this.documents.present(id);
    if (generation !== undefined && generation !== document?.generation)
      throw new StoreFault('generation-changed', 'another generation is meant');
    return document;
  }
}
