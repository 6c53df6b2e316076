import type Database from 'libsql';
import type { DocumentId } from '../../../shared/ids.js';
import { QUARANTINE_MARK } from '../check/findings.js';
import { asText, selectAll, text } from '../check/sqlite-values.js';
import type { StoredDocument, StoredLifeEvent, StoredRest } from '../check/store-reader.js';
import { checksum, textOf } from '../checksum.js';
import { minuteOf } from '../delivery-records.js';
import { openConnection } from '../sqlite-connection.js';
import { documentSum } from '../sqlite-documents.js';
import { prepareFile } from '../sqlite-file.js';
import { selectOne } from '../sqlite-statement.js';
import { hookSum, lifeHookSum, lifeSum } from '../sqlite-sums.js';
import { MIGRATION_TABLE, readMigration } from '../sqlite-unfinished.js';
import { StoreOpenError } from '../store-open-error.js';
import type { Migration } from '../unfinished.js';
import { notWritten, SqliteRows } from './sqlite-rows.js';
import type { StoreWriter, WrittenDocument } from './store-writer.js';

/** Writes into a SQLite file that nobody else uses meanwhile. */
export class SqliteWriter extends SqliteRows implements StoreWriter {
  readonly description: string;

  private constructor(
    database: Database.Database,
    protected readonly name: string,
    private readonly onClosed: () => Promise<void>,
  ) {
    super(database);
    this.description = `sqlite:${name}`;
  }

  /**
   * Opens the file, or creates it for whoever runs the command alone.
   *
   * @param name what the operator is told
   * @throws StoreOpenError if it is in use, or no store
   */
  static open(file: string, name = file, onClosed = () => Promise.resolve()): SqliteWriter {
    try {
      prepareFile(file, undefined);
      const database = openConnection({ file, quickCheckBytes: 0, expected: undefined });
      return new SqliteWriter(database, name, onClosed);
    } catch (error) {
      if (error instanceof StoreOpenError) throw error;
      throw notWritten(name, error);
    }
  }

  async isEmpty(): Promise<boolean> {
    return selectOne(this.database.prepare('SELECT 1 FROM documents LIMIT 1')) === undefined;
  }

  async find(id: string): Promise<WrittenDocument | undefined> {
    const select = this.database.prepare(
      'SELECT CAST(generation AS BLOB) AS generation, head, deleted_at AS deletedAt FROM documents WHERE id = ?',
    );
    const row = selectOne(select, [id]) as
      | { readonly generation: unknown; readonly head: number; readonly deletedAt: number | null }
      | undefined;
    const generation = row === undefined ? QUARANTINE_MARK : textOf(row.generation);
    return row === undefined || generation.startsWith(QUARANTINE_MARK)
      ? undefined
      : { generation, head: row.head, deletedAt: row.deletedAt ?? undefined };
  }

  async writeRest(
    { hooks, lifeHooks = [], lifeEvents = [], accessChanges, receipts }: StoredRest,
    again: boolean,
  ): Promise<void> {
    this.transaction(() => {
      if (again) this.database.exec('DELETE FROM life_events');
      for (const { name, since, checkedMinute } of hooks) {
        const sum = hookSum(name, since, checkedMinute);
        this.insert('webhooks', { name, since, checked_minute: checkedMinute, checksum: sum });
        const found = selectOne(this.database.prepare('SELECT key FROM webhooks WHERE name = ?'), [name]);
        this.hooks.set(name, (found as { readonly key: number }).key);
      }
      for (const { hook, kinds, seenAt } of lifeHooks) {
        const list = kinds.join(',');
        const checksum = lifeHookSum(hook, list, seenAt);
        this.insert('life_hooks', { hook, kinds: list, seen_at: seenAt, checksum });
      }
      for (const event of lifeEvents) this.insertEvent(event);
      const { last } = selectOne(
        this.database.prepare('SELECT coalesce(max(revision), 0) AS last FROM access_changes'),
      ) as { readonly last: number };
      for (const { kind, id, revision, voidedAt } of accessChanges) {
        // Of two times until which tokens are void the later one counts.
        this.database
          .prepare('DELETE FROM access_changes WHERE kind = ? AND id = ? AND coalesce(voided_at, -1) < ?')
          .run([kind, id, voidedAt ?? -1]);
        const number = last + revision;
        const sum = checksum([kind, id, number, voidedAt ?? '']);
        this.insert('access_changes', {
          kind,
          id,
          revision: number,
          voided_at: voidedAt ?? null,
          checksum: sum,
        });
      }
      for (const receipt of receipts) this.insertReceipt(receipt, null);
    });
  }

  private insertEvent(event: StoredLifeEvent): void {
    const next = this.database.prepare('SELECT coalesce(max(key), 0) + 1 AS key FROM life_events');
    const { key } = selectOne(next) as { readonly key: number };
    const row = { ...event, key, owner: '', until: 0 };
    this.insert('life_events', { ...row, former: row.former ?? null, checksum: lifeSum(row) });
  }

  async write(document: StoredDocument, replace: boolean): Promise<boolean> {
    this.transaction(() => this.writeDocument(document, replace));
    return true;
  }

  async setAside(id: string, now: number): Promise<void> {
    const record = {
      id: id as DocumentId,
      sealedAs: id,
      generation: `${QUARANTINE_MARK}${now}`,
      head: 0,
      firstRow: 1,
      snapshotSeq: 0,
      createdAt: now,
      updatedAt: now,
      deletedAt: undefined,
    };
    this.transaction(() => {
      const there = this.database.prepare('SELECT 1 FROM documents WHERE id = ?');
      if (selectOne(there, [id]) === undefined)
        this.insertDocument(this.nextKey(), record, documentSum(record) + 1);
    });
  }

  async listAside(): Promise<readonly string[]> {
    const sql = `SELECT ${text('id', 'id')} FROM documents WHERE generation LIKE '${QUARANTINE_MARK}%' ORDER BY id`;
    return selectAll(this.database, sql).map(({ id }) => asText(id));
  }

  async forgetAside(id: string): Promise<void> {
    this.transaction(() => this.remove(id, `${QUARANTINE_MARK}%`));
  }

  async unfinished(): Promise<Migration | undefined> {
    return readMigration(this.database);
  }

  async begin({ source, id }: Migration): Promise<void> {
    this.transaction(() => {
      this.database.exec(`CREATE TABLE ${MIGRATION_TABLE} (source TEXT NOT NULL, id TEXT NOT NULL) STRICT`);
      this.insert(MIGRATION_TABLE, { source, id });
    });
  }

  async finish(): Promise<void> {
    this.transaction(() => this.database.exec(`DROP TABLE IF EXISTS ${MIGRATION_TABLE}`));
  }

  private nextKey(): number {
    const select = this.database.prepare(`SELECT 1 + max(coalesce((SELECT max(key) FROM documents), 0),
      coalesce((SELECT max(document) FROM erasing), 0)) AS next`);
    return (selectOne(select) as { readonly next: number }).next;
  }

  private insertDocument(key: number, record: Parameters<typeof documentSum>[0], sum: number): void {
    const { id, sealedAs, generation, createdAt, updatedAt, deletedAt } = record;
    this.insert('documents', {
      key,
      id,
      generation,
      head: record.head,
      first_row: record.firstRow,
      snapshot_seq: record.snapshotSeq,
      created_at: createdAt,
      updated_at: updatedAt,
      checksum: sum,
      updated_minute: minuteOf(updatedAt),
      deleted_at: deletedAt ?? null,
      sealed_as: sealedAs === id ? null : sealedAs,
    });
  }

  private writeDocument(document: StoredDocument, replace: boolean): void {
    const { id, sealedAs } = document;
    this.remove(id, replace ? '%' : `${QUARANTINE_MARK}%`);
    const key = this.nextKey();
    this.database.prepare('DELETE FROM earlier_names WHERE id = ?').run([id]);
    this.insertDocument(key, document, documentSum(document));
    const insertRow = this.database.prepare(
      'INSERT INTO log (document, seq, client_id, author, committed_at, checksum, "update") VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    for (const { seq, clientId, author, committedAt, update } of document.rows) {
      const sum = checksum([sealedAs, seq, clientId, author, committedAt], update);
      insertRow.run([key, seq, clientId, author, committedAt, sum, update]);
    }
    this.writeSnapshot(key, document);
    for (const { clientId, author } of document.authors) {
      const sum = checksum([sealedAs, clientId, author]);
      this.insert('document_clients', { document: key, client_id: clientId, author, checksum: sum });
    }
    this.writeBelongings(key, document);
  }

  /** @param generation a pattern */
  private remove(id: string, generation: string): void {
    const select = this.database.prepare('SELECT key FROM documents WHERE id = ? AND generation LIKE ?');
    const found = selectOne(select, [id, generation]);
    if (found === undefined) return;
    const { key } = found as { readonly key: number };
    for (const table of BELONGING)
      this.database.prepare(`DELETE FROM ${table} WHERE document = ?`).run([key]);
    this.database.prepare('DELETE FROM documents WHERE key = ?').run([key]);
  }

  /** Without a write-ahead log beside it, so that the one file is all there is. */
  async close(): Promise<void> {
    try {
      this.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all([]);
      this.database.prepare('PRAGMA journal_mode = DELETE').all([]);
    } catch (error) {
      this.database.close();
      throw notWritten(this.name, error);
    }
    // Whoever opens it next is not held off by a connection that is not collected yet.
    this.database.exec('PRAGMA locking_mode = NORMAL');
    this.database.prepare('SELECT count(*) FROM sqlite_schema').all([]);
    this.database.close();
    await this.onClosed();
  }
}

/** Tables whose rows belong to documents. */
const BELONGING = [
  'log',
  'snapshots',
  'snapshot_pieces',
  'document_clients',
  'links',
  'receipts',
  'earlier_names',
  'deliveries',
];
