import { randomUUID } from 'node:crypto';
import type Database from 'libsql';
import type { DocumentId } from '../../shared/ids.js';
import { textOf } from './checksum.js';
import { endsAt } from './log-end.js';
import type { SqliteAccess } from './sqlite-access.js';
import type { SqliteDeliveries } from './sqlite-deliveries.js';
import type { DocumentRow, DocumentRows } from './sqlite-documents.js';
import { StoreFault } from './sqlite-errors.js';
import type { SqliteLifeEvents } from './sqlite-life-events.js';
import type { LogRows } from './sqlite-log.js';
import type { ErasedDocument, Input, LifeOperations } from './sqlite-messages.js';
import type { EarlierNames } from './sqlite-names.js';
import type { SqliteReceipts } from './sqlite-receipts.js';
import type { SnapshotRows } from './sqlite-snapshots.js';
import { selectOne } from './sqlite-statement.js';
import { eraseSum } from './sqlite-sums.js';
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
  readonly deliveries: SqliteDeliveries;
  readonly lifeEvents: SqliteLifeEvents;
  readonly receipts: SqliteReceipts;
  readonly names: EarlierNames;
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
    this.insertErasing = database.prepare('INSERT INTO erasing (document, id, checksum) VALUES (?, ?, ?)');
    this.selectErasing = database.prepare(
      'SELECT document, CAST(id AS BLOB) AS id FROM erasing ORDER BY document LIMIT 1',
    );
    this.removeErasing = database.prepare('DELETE FROM erasing WHERE document = ?');
  }

  create({ id, now, link }: Input<'create'>): boolean {
    const { documents, access } = this.belongings;
    return this.transactions.run(() => {
      if (documents.find(id) !== undefined) return false;
      const document = this.make(id, now);
      if (link !== undefined) access.keepLink(document, { ...link, document: id });
      return true;
    });
  }

  /** Part of a transaction. There must be none of this name. */
  make(id: DocumentId, now: number): DocumentRow {
    const { documents, names, lifeEvents } = this.belongings;
    names.takeAway(id);
    const document = documents.create(id, randomUUID(), now);
    lifeEvents.note('created', document, now);
    return document;
  }

  rename({ from, to, now, at }: Input<'rename'>): 'done' | 'absent' | 'taken' {
    const { documents, names, lifeEvents } = this.belongings;
    return this.transactions.run(() => {
      const document = documents.present(from);
      if (document === undefined) return 'absent';
      if (!endsAt(document, at)) throw new StoreFault('precondition-failed');
      if (documents.find(to) !== undefined) return 'taken';
      names.takeAway(to);
      documents.rename(document, to);
      names.add(from, document.key, now);
      lifeEvents.note('moved', { ...document, id: to }, now, from);
      return 'done';
    });
  }

  remove({ id, now, at }: Input<'remove'>): boolean {
    return this.transactions.run(() => {
      const document = this.belongings.documents.present(id);
      if (document === undefined) return false;
      if (!endsAt(document, at)) throw new StoreFault('precondition-failed');
      this.belongings.documents.setDeleted(document, now);
      this.belongings.lifeEvents.note('deleted', document, now);
      return true;
    });
  }

  restore({ id }: Input<'restore'>): boolean {
    return this.transactions.run(() => {
      const document = this.belongings.documents.find(id);
      if (document?.deletedAt === undefined) return false;
      this.belongings.documents.setDeleted(document, undefined);
      this.belongings.lifeEvents.note('restored', document, Date.now());
      return true;
    });
  }

  find({ id }: Input<'find'>): FoundDocument | undefined {
    const { documents, names } = this.belongings;
    const own = documents.find(id);
    const moved = own === undefined ? names.find(id) : undefined;
    const document = own ?? (moved && documents.present(moved.to));
    if (document === undefined) return undefined;
    const { head, createdAt, updatedAt, deletedAt } = document;
    return {
      id,
      head,
      createdAt,
      updatedAt,
      ...(deletedAt !== undefined && { deletedAt }),
      ...(moved !== undefined && { movedTo: moved.to, movedAt: moved.at }),
    };
  }

  beginErasing({ deletedUntil }: Input<'beginErasing'>): ErasedDocument | undefined {
    return this.transactions.run(() => {
      const document = this.nextDeleted(deletedUntil);
      if (document === undefined) return this.unfinished();
      const { key, id } = document;
      this.belongings.documents.drop(document);
      this.belongings.access.erase(key);
      this.belongings.deliveries.erase(key);
      this.belongings.names.erase(key);
      this.belongings.lifeEvents.note('purged', document, Date.now());
      // A key is given again some time; who writes under which clientID is remembered by key.
      this.belongings.log.forget();
      this.insertErasing.run([key, id, eraseSum(key, id)]);
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
    const { log, snapshots, receipts } = this.belongings;
    return this.transactions.run(() => {
      if (snapshots.erase(key) || log.erase(key) || receipts.erase(key)) return true;
      this.removeErasing.run([key]);
      return false;
    });
  }
}
