import type Database from 'libsql';
import type { DocumentId } from '../../shared/ids.js';
import { textOf } from './checksum.js';
import { selectOne } from './sqlite-statement.js';
import { movedSum } from './sqlite-sums.js';

/** Where a document is that had another name. */
export interface MovedName {
  readonly to: DocumentId;
  readonly at: number;
}

/** The table `earlier_names`. Each method but `find` is part of a transaction. Runs in the storage thread. */
export class EarlierNames {
  private readonly select;
  private readonly insert;
  private readonly remove;
  private readonly removeAll;

  constructor(database: Database.Database) {
    this.select = database.prepare(
      `SELECT CAST(d.id AS BLOB) AS id, e.moved_at AS at FROM earlier_names e JOIN documents d ON d.key = e.document
        WHERE e.id = ? AND d.deleted_at IS NULL`,
    );
    this.insert = database.prepare(
      'INSERT OR REPLACE INTO earlier_names (id, document, moved_at, checksum) VALUES (?, ?, ?, ?)',
    );
    this.remove = database.prepare('DELETE FROM earlier_names WHERE id = ?');
    this.removeAll = database.prepare('DELETE FROM earlier_names WHERE document = ?');
  }

  /** The document that had this name, which no document has now. */
  find(id: DocumentId): MovedName | undefined {
    const row = selectOne(this.select, [id]) as { readonly id: unknown; readonly at: number } | undefined;
    return row && { to: textOf(row.id) as DocumentId, at: row.at };
  }

  add(id: DocumentId, document: number, now: number): void {
    this.insert.run([id, document, now, movedSum(id, document, now)]);
  }

  /** A document has this name from now on. */
  takeAway(id: DocumentId): void {
    this.remove.run([id]);
  }

  /** Forgets those of a document that is gone. */
  erase(document: number): void {
    this.removeAll.run([document]);
  }
}
