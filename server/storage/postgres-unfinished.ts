import type { Row } from './postgres-connections.js';
import { SCHEMA } from './postgres-schema.js';
import type { Migration } from './unfinished.js';

/** Is there only while another store is written into this one. */
export const MIGRATION_TABLE = `${SCHEMA}.migration_under_way`;

/** The migration into this store that is not finished, if there is one. @throws what `read` throws */
export async function readMigration(
  read: (text: string) => Promise<readonly Row[]>,
): Promise<Migration | undefined> {
  const [there] = await read(`SELECT to_regclass('${MIGRATION_TABLE}') IS NOT NULL`);
  if (there?.[0] !== true) return undefined;
  const [row] = await read(`SELECT source, id FROM ${MIGRATION_TABLE}`);
  return row && { source: String(row[0]), id: String(row[1]) };
}
