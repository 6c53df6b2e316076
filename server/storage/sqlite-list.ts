import type Database from 'libsql';
import type { DocumentId } from '../../shared/ids.js';
import { textOf } from './checksum.js';
import { minuteOf } from './delivery-records.js';
import { FEW_NAMES, namesOf, placeBefore } from './list-order.js';
import { selectOne } from './sqlite-statement.js';
import type { DocumentSummary, ListQuery } from './store.js';

interface StoredSummary extends Omit<DocumentSummary, 'id'> {
  readonly id: unknown;
}

const SUMMARY = `SELECT CAST(id AS BLOB) AS id, head, created_at AS createdAt, updated_at AS updatedAt FROM documents
  WHERE deleted_at IS NULL AND `;
/** By the index of names. */
const FEW = 'id >= ?1 AND id < ?2';
/** Not by it: the plus sign keeps a column out of the choice of an index. */
const MANY = '+id >= ?1 AND +id < ?2';

const behind = (time: string) => `(${time} < ?3 OR (${time} = ?3 AND +id > ?4))`;
const newestFirst = (time: string) => `ORDER BY ${time} DESC, documents.id LIMIT ?5`;

/** Minutes that surely have as many documents as are asked for, behind those of the minute in which the list begins. */
const ENOUGH_MINUTES = `updated_minute <= ?6 AND updated_minute >= coalesce(
  (SELECT updated_minute FROM documents WHERE deleted_at IS NULL AND updated_minute < ?6 AND ${MANY}
    ORDER BY updated_minute DESC LIMIT 1 OFFSET ?5 - 1),
  (SELECT min(updated_minute) FROM documents))`;

/** Lists of documents, none of which looks at all of them. Runs in the storage thread. */
export class DocumentLists {
  private readonly countNames;
  private readonly byName;
  private readonly few;
  private readonly many;

  constructor(database: Database.Database) {
    this.countNames = database.prepare(
      `SELECT count(*) AS count FROM (SELECT id FROM documents WHERE ${FEW} LIMIT ?3)`,
    );
    this.byName = database.prepare(`${SUMMARY} ${FEW} AND id > ?3 ORDER BY documents.id LIMIT ?4`);
    this.few = {
      updated: database.prepare(`${SUMMARY} ${FEW} AND ${behind('updated_at')} ${newestFirst('updated_at')}`),
      created: database.prepare(
        `${SUMMARY} ${FEW} AND ${behind('+created_at')} ${newestFirst('created_at')}`,
      ),
    };
    this.many = {
      updated: database.prepare(
        `${SUMMARY} ${MANY} AND ${ENOUGH_MINUTES} AND ${behind('updated_at')} ${newestFirst('updated_at')}`,
      ),
      created: database.prepare(
        `${SUMMARY} ${MANY} AND created_at <= ?3 AND ${behind('created_at')} ${newestFirst('created_at')}`,
      ),
    };
  }

  list(query: ListQuery): readonly DocumentSummary[] {
    if (query.limit <= 0) return [];
    // Only checked names get in. A damaged one is listed as it is; opening it finds nothing or fails.
    return this.select(query).map(({ id, head, createdAt, updatedAt }) => {
      return { id: textOf(id) as DocumentId, head, createdAt, updatedAt };
    });
  }

  private select(query: ListQuery): readonly StoredSummary[] {
    const { order = 'updated', limit, after } = query;
    const { from, to } = namesOf(query);
    if (order === 'name') return this.byName.all([from, to, after?.id ?? '', limit]) as StoredSummary[];
    const { at, id } = placeBefore(query);
    const values = [from, to, at, id, limit];
    if (this.areFew(from, to)) return this.few[order].all(values) as StoredSummary[];
    const minute = order === 'updated' ? [minuteOf(at)] : [];
    return this.many[order].all([...values, ...minute]) as StoredSummary[];
  }

  /** Then it is quicker to look at all of them and sort them than to look for them among the others. */
  private areFew(from: string, to: string): boolean {
    if (from === '') return false;
    const { count } = selectOne(this.countNames, [from, to, FEW_NAMES + 1]) as { readonly count: number };
    return count <= FEW_NAMES;
  }
}
