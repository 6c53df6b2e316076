import { randomUUID } from 'node:crypto';
import type Database from 'libsql';
import type { DocumentId } from '../../shared/ids.js';
import { textOf } from './checksum.js';
import type { SqliteAccess } from './sqlite-access.js';
import type { DocumentRow, DocumentRows } from './sqlite-documents.js';
import { StoreFault } from './sqlite-errors.js';
import type { LogRows } from './sqlite-log.js';
import type { ErasedDocument, Input, LifeOperations } from './sqlite-messages.js';
import type { SnapshotRows } from './sqlite-snapshots.js';
import { selectOne } from './sqlite-statement.js';
import type { Transactions } from './sqlite-transactions.js';
import type { FoundDocument } from './store.js';

/** How many deleted documents are looked at, at most, to find one whose record is not damaged. */
const CANDIDATES = 16;

/** What belongs to documents. */
export interface Belongings {
  readonly documents: DocumentRows;
  readonly log: LogRows;
  readonly snapshots: SnapshotRows;
  readonly access: SqliteAccess;
}

/** How documents come and go. Runs in the storage thread. */
export class SqliteLife implements LifeOperations {
  private readonly selectDeleted;
  private readonly insertErasing;
  private readonly selectErasing;
  private readonly removeErasing;

  constructor(
    database: Database.Database,
    private readonly belongings: Belongings,
    private readonly transactions: Transactions,
  ) {
    this.selectDeleted = database.prepare(
      `SELECT CAST(id AS BLOB) AS id FROM documents WHERE deleted_at <= ? ORDER BY deleted_at LIMIT ${CANDIDATES}`,
    );
    this.insertErasing = database.prepare('INSERT INTO erasing (document, id) VALUES (?, ?)');
    this.selectErasing = database.prepare(
      'SELECT document, CAST(id AS BLOB) AS id FROM erasing ORDER BY document LIMIT 1',
    );
    this.removeErasing = database.prepare('DELETE FROM erasing WHERE document = ?');
  }

  create({ id, now, link }: Input<'create'>): boolean {
    const { documents, access } = this.belongings;
    return this.transactions.run(() => {
      if (documents.find(id) !== undefined) return false;
      const document = documents.create(id, randomUUID(), now);
      if (link !== undefined) access.keepLink(document, { ...link, document: id });
      return true;
    });
  }

  remove({ id, now }: Input<'remove'>): boolean {
    return this.transactions.run(() => {
      const document = this.belongings.documents.present(id);
      if (document === undefined) return false;
      this.belongings.documents.setDeleted(document, now);
      return true;
    });
  }

  restore({ id }: Input<'restore'>): boolean {
    return this.transactions.run(() => {
      const document = this.belongings.documents.find(id);
      if (document?.deletedAt === undefined) return false;
      this.belongings.documents.setDeleted(document, undefined);
      return true;
    });
  }

  find({ id }: Input<'find'>): FoundDocument | undefined {
    const document = this.belongings.documents.find(id);
    if (document === undefined) return undefined;
    const { head, createdAt, updatedAt, deletedAt } = document;
    return { id, head, createdAt, updatedAt, ...(deletedAt !== undefined && { deletedAt }) };
  }

  beginErasing({ deletedUntil }: Input<'beginErasing'>): ErasedDocument | undefined {
    return this.transactions.run(() => {
      const document = this.nextDeleted(deletedUntil);
      if (document === undefined) return this.unfinished();
      const { key, id } = document;
      this.belongings.documents.drop(document);
      this.belongings.access.erase(key);
      // A key is given again some time; who writes under which clientID is remembered by key.
      this.belongings.log.forget();
      this.insertErasing.run([key, id]);
      return { key, id };
    });
  }

  private nextDeleted(until: number): DocumentRow | undefined {
    for (const row of this.selectDeleted.all([until]) as readonly { readonly id: unknown }[]) {
      try {
        const document = this.belongings.documents.find(textOf(row.id) as DocumentId);
        if (document?.deletedAt !== undefined && document.deletedAt <= until) return document;
      } catch (error) {
        // Whether this one was deleted nobody knows, so it stays.
        if (!(error instanceof StoreFault)) throw error;
      }
    }
    return undefined;
  }

  /** One whose erasing was begun, and ended early. */
  private unfinished(): ErasedDocument | undefined {
    const row = selectOne(this.selectErasing) as
      | { readonly document: number; readonly id: unknown }
      | undefined;
    return row && { key: row.document, id: textOf(row.id) as DocumentId };
  }

  erase({ key }: Input<'erase'>): boolean {
    const { log, snapshots } = this.belongings;
    return this.transactions.run(() => {
      if (snapshots.erase(key) || log.erase(key)) return true;
      this.removeErasing.run([key]);
      return false;
    });
  }
}
