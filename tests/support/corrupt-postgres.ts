import type { Random } from '../../shared/time.js';
import { between } from './random.js';

type Sql = (text: string) => Promise<readonly (readonly unknown[])[]>;

/** What was done to a database. */
export interface PostgresCorruption {
  readonly done: string;
  undo(): Promise<unknown>;
}

/**
 * What may change without being noticed, because it has no effect, or one that docs/OPERATIONS.md names: when a snapshot was
 * begun, the sums themselves in shards, from which row on the log counts while the snapshot has what is before, and to the millisecond when
 * a document was deleted.
 */
const WITHOUT_EFFECT = new Set([
  'snapshots.begun_at',
  'tallies.shard',
  'documents.first_row',
  'documents.deleted_at',
  'snapshots.key',
]);

/**
 * Does something to the values in a database that no program does. As damage does it: no trigger counts.
 *
 * @returns what was done, and how it is undone; `undefined` if it changed nothing, or PostgreSQL did not allow it
 */
export async function corruptPostgres(sql: Sql, random: Random): Promise<PostgresCorruption | undefined> {
  const columns = (await sql(
    `SELECT table_name, column_name, data_type FROM information_schema.columns
      WHERE table_schema = 'coscribe' AND table_name <> 'coscribe_version' ORDER BY 1, 2`,
  )) as readonly (readonly [string, string, string])[];
  const [table, column, type] = pick(random, columns);
  if (WITHOUT_EFFECT.has(`${table}.${column}`)) return undefined;
  // A count of nothing counts as much as none.
  const counted = table === 'tallies' ? 'WHERE entries <> 0 OR sum <> 0' : '';
  const rows = await sql(`SELECT ctid FROM coscribe.${table} ${counted} ORDER BY ctid`);
  if (rows.length === 0) return undefined;
  const [row, other] = [pick(random, rows)[0], pick(random, rows)[0]];
  const how = pick(random, ['flip', 'flip', 'flip', 'truncate', 'swap', 'delete'] as const);
  const quoted = `"${column}"`;
  const change =
    how === 'delete'
      ? `DELETE FROM coscribe.${table} WHERE ctid = '${row}'`
      : how === 'swap'
        ? `UPDATE coscribe.${table} t SET ${quoted} = o.${quoted} FROM coscribe.${table} o
            WHERE (t.ctid = '${row}' AND o.ctid = '${other}') OR (t.ctid = '${other}' AND o.ctid = '${row}')`
        : `UPDATE coscribe.${table} SET ${quoted} = ${expression(how, quoted, type, random)} WHERE ctid = '${row}'`;
  const all = `SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM coscribe.${table} t`;
  const [before] = await sql(all);
  const quiet = 'SET session_replication_role = replica';
  try {
    await sql(`${quiet}; CREATE TABLE public.saved AS TABLE coscribe.${table}; ${change}`);
  } catch {
    return undefined;
  }
  const undo = () =>
    sql(`${quiet}; DELETE FROM coscribe.${table};
      INSERT INTO coscribe.${table} OVERRIDING SYSTEM VALUE TABLE public.saved; DROP TABLE public.saved`);
  const [after] = await sql(all);
  if (String(before) !== String(after)) return { done: `${how} in ${table}.${column}: ${change}`, undo };
  await undo();
  return undefined;
}

function expression(how: 'flip' | 'truncate', column: string, type: string, random: Random): string {
  const bit = between(random, 0, 50);
  switch (type) {
    case 'bigint':
      return how === 'flip' ? `${column} # (1::bigint << ${bit})` : '0';
    case 'integer':
      return `${column} # (1 << ${bit % 31})`;
    case 'numeric':
      return `${column} + ${2 ** (bit % 30)}`;
    case 'boolean':
      return `NOT ${column}`;
    case 'bytea':
      return how === 'flip'
        ? `set_bit(${column}, ${bit} % (8 * octet_length(${column})), 1 - get_bit(${column}, ${bit} % (8 * octet_length(${column}))))`
        : `substring(${column} FROM 1 FOR octet_length(${column}) / 2)`;
    default:
      return how === 'flip'
        ? `overlay(${column} PLACING chr(33 + ${bit}) FROM 1 + ${bit} % length(${column}) FOR 1)`
        : `left(${column}, length(${column}) / 2)`;
  }
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[between(random, 0, from.length - 1)] as T;
}
