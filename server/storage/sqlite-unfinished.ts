import type Database from 'libsql';
import { textOf } from './checksum.js';
import { selectOne } from './sqlite-statement.js';
import type { Migration } from './unfinished.js';

/** Is there only while another store is written into this one. */
export const MIGRATION_TABLE = 'migration_under_way';

/** The migration into this store that is not finished, if there is one. @throws what SQLite throws */
export function readMigration(database: Database.Database): Migration | undefined {
  const there = database.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`);
  if (selectOne(there, [MIGRATION_TABLE]) === undefined) return undefined;
  const select = database.prepare(
    `SELECT CAST(source AS BLOB) AS source, CAST(id AS BLOB) AS id FROM ${MIGRATION_TABLE}`,
  );
  const row = selectOne(select, []) as { readonly source: unknown; readonly id: unknown } | undefined;
  return row && { source: textOf(row.source), id: textOf(row.id) };
}
