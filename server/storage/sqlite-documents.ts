import type Database from 'libsql';
import type { DocumentId } from '../../shared/ids.js';
import { checksum, textOf } from './checksum.js';
import { StoreFault } from './sqlite-errors.js';
import { selectOne } from './sqlite-statement.js';
import type { DocumentSummary, ListQuery } from './store.js';

/** A document's own row, where its log and its snapshot stand. */
export interface DocumentRow {
  readonly key: number;
  readonly id: DocumentId;
  readonly generation: string;
  readonly head: number;
  /** First log row that is still there, or `head + 1`. */
  readonly firstRow: number;
  readonly snapshotSeq: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

interface StoredRow extends Omit<DocumentRow, 'id' | 'generation'> {
  readonly generation: unknown;
  readonly checksum: number;
}

interface StoredSummary extends Omit<DocumentSummary, 'id'> {
  readonly id: unknown;
}

/** The table `documents`. */
export class DocumentRows {
  private readonly insert;
  private readonly select;
  private readonly change;
  private readonly newest;
  private readonly newestOfWorkspace;

  constructor(database: Database.Database) {
    this.insert = database.prepare(
      'INSERT INTO documents (id, generation, head, first_row, snapshot_seq, created_at, updated_at, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.select = database.prepare(
      `SELECT key, CAST(generation AS BLOB) AS generation, head, first_row AS firstRow, snapshot_seq AS snapshotSeq,
        created_at AS createdAt, updated_at AS updatedAt, checksum FROM documents WHERE id = ?`,
    );
    this.change = database.prepare(
      'UPDATE documents SET head = ?, first_row = ?, snapshot_seq = ?, updated_at = ?, checksum = ? WHERE key = ?',
    );
    const summary =
      'SELECT CAST(id AS BLOB) AS id, head, created_at AS createdAt, updated_at AS updatedAt FROM documents';
    const order = 'ORDER BY updated_at DESC, documents.id LIMIT ?';
    this.newest = database.prepare(`${summary} ${order}`);
    this.newestOfWorkspace = database.prepare(`${summary} WHERE id >= ? AND id < ? ${order}`);
  }

  /** @throws StoreFault `document-unreadable` if the row is damaged */
  find(id: DocumentId): DocumentRow | undefined {
    const stored = selectOne(this.select, [id]) as StoredRow | undefined;
    if (stored === undefined) return undefined;
    const row = { ...stored, id, generation: textOf(stored.generation) };
    if (sumOf(row) !== stored.checksum)
      throw new StoreFault('document-unreadable', "the document's record is damaged");
    return row;
  }

  create(id: DocumentId, generation: string, now: number): void {
    const row = { id, generation, head: 0, firstRow: 1, snapshotSeq: 0, createdAt: now, updatedAt: now };
    this.insert.run([id, generation, 0, 1, 0, now, now, sumOf(row)]);
  }

  update(row: DocumentRow): void {
    this.change.run([row.head, row.firstRow, row.snapshotSeq, row.updatedAt, sumOf(row), row.key]);
  }

  list({ limit, workspace }: ListQuery): readonly DocumentSummary[] {
    const most = Math.max(0, limit);
    const rows =
      workspace === undefined
        ? this.newest.all([most])
        : // "0" is the character after "/": every id between the two is in the workspace.
          this.newestOfWorkspace.all([`${workspace}/`, `${workspace}0`, most]);
    // Only checked names get in. A damaged one is listed as it is; opening it finds nothing or fails.
    return (rows as StoredSummary[]).map(({ id, head, createdAt, updatedAt }) => {
      return { id: textOf(id) as DocumentId, head, createdAt, updatedAt };
    });
  }
}

function sumOf(row: Omit<DocumentRow, 'key'>): number {
  const { id, generation, head, firstRow, snapshotSeq, createdAt, updatedAt } = row;
  return checksum([id, generation, head, firstRow, snapshotSeq, createdAt, updatedAt]);
}
