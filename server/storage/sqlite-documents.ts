import type Database from 'libsql';
import type { DocumentId } from '../../shared/ids.js';
import { checksum, textOf } from './checksum.js';
import { StoreFault } from './sqlite-errors.js';
import { selectOne } from './sqlite-statement.js';

/** A document's own row, where its log and its snapshot stand. */
export interface DocumentRow {
  readonly key: number;
  readonly id: DocumentId;
  /** The name that it had first: checksums of what belongs to it are made with that. */
  readonly sealedAs: string;
  readonly generation: string;
  readonly head: number;
  /** First log row that can still be read, or `head + 1`. */
  readonly firstRow: number;
  readonly snapshotSeq: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Since when it is deleted, if it is. */
  readonly deletedAt: number | undefined;
}

interface StoredRow extends Omit<DocumentRow, 'id' | 'sealedAs' | 'generation' | 'deletedAt'> {
  readonly sealedAs: unknown;
  readonly generation: unknown;
  readonly deletedAt: number | null;
  readonly checksum: number;
}

/** About 300 bytes each. */
const MAX_KNOWN = 16_384;

/**
 * The table `documents`. Rows are remembered, because nobody else can write to the file: an append then costs no query
 * and no copying of what does not change. Whoever undoes a transaction has to call `forget`.
 */
export class DocumentRows {
  private readonly insert;
  private readonly select;
  private readonly advance;
  private readonly change;
  private readonly mark;
  private readonly remove;
  private readonly changeName;
  private readonly known = new Map<DocumentId, DocumentRow>();

  constructor(database: Database.Database) {
    // SQLite would give the highest key again as soon as its row is gone.
    this.insert = database.prepare(
      `INSERT INTO documents
          (key, id, generation, head, first_row, snapshot_seq, created_at, updated_at, checksum, updated_minute)
        SELECT 1 + max(coalesce((SELECT max(key) FROM documents), 0), coalesce((SELECT max(document) FROM erasing), 0)),
          ?, ?, ?, ?, ?, ?, ?, ?, ?`,
    );
    this.select = database.prepare(
      `SELECT key, CAST(generation AS BLOB) AS generation, head, first_row AS firstRow, snapshot_seq AS snapshotSeq,
        created_at AS createdAt, updated_at AS updatedAt, deleted_at AS deletedAt,
        CAST(sealed_as AS BLOB) AS sealedAs, checksum FROM documents WHERE id = ?`,
    );
    // Names no column of an index, so that no index is touched.
    this.advance = database.prepare(
      'UPDATE documents SET head = ?, updated_at = ?, checksum = ? WHERE key = ?',
    );
    this.change = database.prepare(
      `UPDATE documents SET head = ?, first_row = ?, snapshot_seq = ?, updated_at = ?, checksum = ?, updated_minute = ?
        WHERE key = ?`,
    );
    this.mark = database.prepare('UPDATE documents SET deleted_at = ?, checksum = ? WHERE key = ?');
    this.remove = database.prepare('DELETE FROM documents WHERE key = ?');
    this.changeName = database.prepare(
      'UPDATE documents SET id = ?, sealed_as = ?, checksum = ? WHERE key = ?',
    );
  }

  /** The document, unless it is deleted. @throws StoreFault `document-unreadable` if the row is damaged */
  present(id: DocumentId): DocumentRow | undefined {
    const row = this.find(id);
    return row?.deletedAt === undefined ? row : undefined;
  }

  /** The document, also a deleted one. @throws StoreFault `document-unreadable` if the row is damaged */
  find(id: DocumentId): DocumentRow | undefined {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const stored = selectOne(this.select, [id]) as StoredRow | undefined;
    if (stored === undefined) return undefined;
    const { key, head, firstRow, snapshotSeq, createdAt, updatedAt } = stored;
    const generation = textOf(stored.generation);
    const deletedAt = stored.deletedAt ?? undefined;
    const sealedAs = stored.sealedAs === null ? id : textOf(stored.sealedAs);
    const row = {
      key,
      id,
      sealedAs,
      generation,
      head,
      firstRow,
      snapshotSeq,
      createdAt,
      updatedAt,
      deletedAt,
    };
    if (documentSum(row) !== stored.checksum)
      throw new StoreFault('document-unreadable', "the document's record is damaged");
    this.remember(row);
    return row;
  }

  create(id: DocumentId, generation: string, now: number): DocumentRow {
    const start = { head: 0, firstRow: 1, snapshotSeq: 0 };
    const row = {
      id,
      sealedAs: id,
      generation,
      ...start,
      createdAt: now,
      updatedAt: now,
      deletedAt: undefined,
    };
    const key = Number(
      this.insert.run([id, generation, 0, 1, 0, now, now, documentSum(row), minuteOf(now)]).lastInsertRowid,
    );
    this.remember({ key, ...row });
    return { key, ...row };
  }

  /** New rows at the end of the log: what an append changes, and what has to be cheap. */
  appended(row: DocumentRow, head: number, updatedAt: number): void {
    const next = { ...row, head, updatedAt };
    if (minuteOf(updatedAt) === minuteOf(row.updatedAt)) {
      this.advance.run([head, updatedAt, documentSum(next), row.key]);
      this.remember(next);
    } else this.update(next);
  }

  update(row: DocumentRow): void {
    const { key, head, firstRow, snapshotSeq, updatedAt } = row;
    this.change.run([head, firstRow, snapshotSeq, updatedAt, documentSum(row), minuteOf(updatedAt), key]);
    this.remember(row);
  }

  /** Deletes the document or, without a time, restores it. */
  setDeleted(row: DocumentRow, deletedAt: number | undefined): void {
    const next = { ...row, deletedAt };
    this.mark.run([deletedAt ?? null, documentSum(next), row.key]);
    this.remember(next);
  }

  /** Gives the document another name, which is free. */
  rename(row: DocumentRow, id: DocumentId): void {
    const next = { ...row, id };
    const sealedAs = row.sealedAs === id ? null : row.sealedAs;
    this.changeName.run([id, sealedAs, documentSum(next), row.key]);
    this.known.delete(row.id);
    this.remember(next);
  }

  /** Removes the row. What else is under its key has to be erased. */
  drop({ key, id }: DocumentRow): void {
    this.remove.run([key]);
    this.known.delete(id);
  }

  /** What was written since the last commit was undone. */
  forget(): void {
    this.known.clear();
  }

  private remember(row: DocumentRow): void {
    if (this.known.size >= MAX_KNOWN && !this.known.has(row.id)) {
      for (const oldest of this.known.keys()) {
        this.known.delete(oldest);
        break;
      }
    }
    this.known.set(row.id, row);
  }
}

function minuteOf(time: number): number {
  return Math.floor(time / 60_000);
}

/** What a document's own row is checked with. */
export function documentSum(row: Omit<DocumentRow, 'key'>): number {
  const { id, sealedAs, generation, head, firstRow, snapshotSeq, createdAt, updatedAt, deletedAt } = row;
  const facts = [id, generation, head, firstRow, snapshotSeq, createdAt, updatedAt];
  if (deletedAt !== undefined) facts.push(deletedAt);
  if (sealedAs !== id) facts.push(sealedAs);
  return checksum(facts);
}
