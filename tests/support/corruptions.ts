import Database from 'libsql';
import type { Random } from '../../shared/time.js';
import { between } from './random.js';

type Row = Readonly<Record<string, unknown>>;

/** How the rows of one table are told apart, and what is in them. */
interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly key: readonly string[];
}

/** What a corruption did: for the message of a test that fails. */
export type Corruption = string;

/**
 * Does something to the values of a store that no program does: flips a bit, cuts a value, swaps values or whole rows, also of
 * different documents, or removes a row. As damage does it: no trigger counts.
 *
 * @returns what was done; `undefined` if it changed nothing, or SQLite did not allow it
 */
export function corrupt(file: string, random: Random): Corruption | undefined {
  const database = new Database(file);
  try {
    database.exec('PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; BEGIN');
    const triggers = database
      .prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`)
      .all([]) as {
      readonly name: string;
      readonly sql: string;
    }[];
    for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`);
    const tables = tablesOf(database);
    const before = dump(database, tables);
    let done: Corruption | undefined;
    try {
      done = change(
        database,
        pick(
          random,
          tables.filter((table) => countOf(database, table) > 0),
        ),
        random,
      );
    } catch {
      done = undefined;
    }
    const changed = dump(database, tables) !== before;
    for (const { sql } of triggers) database.exec(sql);
    database.exec('COMMIT');
    return changed ? done : undefined;
  } finally {
    database.close();
  }
}

function tablesOf(database: Database.Database): readonly Table[] {
  const names = database
    .prepare(`SELECT CAST(name AS BLOB) AS name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
    .all([]) as { readonly name: Uint8Array }[];
  return names.map(({ name: bytes }) => {
    const name = Buffer.from(bytes).toString();
    const columns = database
      .prepare(`SELECT CAST(name AS BLOB) AS name, pk FROM pragma_table_xinfo(?)`)
      .all([name]) as {
      readonly name: Uint8Array;
      readonly pk: number;
    }[];
    return {
      name,
      columns: columns.map((column) => Buffer.from(column.name).toString()),
      key: columns.filter(({ pk }) => pk > 0).map((column) => Buffer.from(column.name).toString()),
    };
  });
}

function countOf(database: Database.Database, { name }: Table): number {
  return (database.prepare(`SELECT count(*) AS count FROM ${name}`).all([])[0] as { readonly count: number })
    .count;
}

/** Everything in all tables, as one text. @throws what SQLite throws */
export function dumpFile(file: string): string {
  const database = new Database(file);
  // Names that are not UTF-8 would end the process with an error's message.
  database.exec('PRAGMA writable_schema = ON');
  try {
    return dump(database, tablesOf(database));
  } finally {
    database.close();
  }
}

function dump(database: Database.Database, tables: readonly Table[]): string {
  return tables
    .map(({ name, columns, key }) => {
      const order = key.map((column) => `"${column}"`).join(', ');
      const rows = database.prepare(
        `SELECT ${columns.map((c) => `coalesce(typeof("${c}") || hex("${c}"), '') AS "${c}"`).join(', ')} FROM ${name} ORDER BY ${order}`,
      );
      return `${name} ${JSON.stringify(rows.all([]))}`;
    })
    .join('\n');
}

function change(database: Database.Database, table: Table, random: Random): Corruption {
  const how = pick(random, ['flip', 'flip', 'flip', 'truncate', 'swap-value', 'swap-row', 'delete'] as const);
  const row = pickRow(database, table, random);
  const column = pick(random, table.columns);
  switch (how) {
    case 'flip':
      return write(database, table, row, column, flipped(value(database, table, row, column), random), how);
    case 'truncate': {
      const old = value(database, table, row, column);
      const shorter =
        old instanceof Uint8Array ? old.subarray(0, between(random, 0, Math.max(0, old.length - 1))) : 0;
      return write(database, table, row, column, shorter, how);
    }
    case 'swap-value': {
      const other = pickRow(database, table, random);
      const [mine, theirs] = [row, other].map((one) => value(database, table, one, column));
      const done = write(database, table, row, column, theirs, how);
      if (!table.key.includes(column)) write(database, table, other, column, mine, how);
      return done;
    }
    case 'swap-row': {
      const other = pickRow(database, table, random);
      for (const each of table.columns.filter((name) => !table.key.includes(name))) {
        const [mine, theirs] = [row, other].map((one) => value(database, table, one, each));
        write(database, table, row, each, theirs, how);
        write(database, table, other, each, mine, how);
      }
      return `${how} in ${table.name}: ${JSON.stringify([row, other])}`;
    }
    case 'delete':
      database.prepare(`DELETE FROM ${table.name} WHERE ${where(table)}`).run(keyOf(table, row));
      return `delete in ${table.name}: ${JSON.stringify(row)}`;
  }
}

function pickRow(database: Database.Database, table: Table, random: Random): Row {
  const keys = table.key.map(
    (column) =>
      `iif(typeof("${column}") = 'text', CAST("${column}" AS BLOB), "${column}") AS "${column}", typeof("${column}") AS "type of ${column}"`,
  );
  const at = between(random, 0, countOf(database, table) - 1);
  return database
    .prepare(`SELECT ${keys.join(', ')} FROM ${table.name} LIMIT 1 OFFSET ?`)
    .all([at])[0] as Row;
}

function where(table: Table): string {
  // A text's key was read as bytes.
  return table.key.map((column) => `("${column}" = ? OR CAST("${column}" AS BLOB) = ?)`).join(' AND ');
}

function keyOf(table: Table, row: Row): unknown[] {
  return table.key.flatMap((column) => [row[column], row[column]]);
}

/** As bytes if it is a text or bytes. */
function value(database: Database.Database, table: Table, row: Row, column: string): Value {
  const found = database
    .prepare(
      `SELECT iif(typeof("${column}") = 'text', CAST("${column}" AS BLOB), "${column}") AS value, typeof("${column}") AS type
        FROM ${table.name} WHERE ${where(table)}`,
    )
    .all(keyOf(table, row))[0] as { readonly value: unknown; readonly type: string };
  if (found.value === null) return null;
  if (typeof found.value === 'number') return found.value;
  const bytes = new Uint8Array(found.value as Uint8Array);
  return found.type === 'text' ? Object.assign(bytes, { isText: true }) : bytes;
}

type Value = number | null | (Uint8Array & { readonly isText?: boolean });

function flipped(old: Value, random: Random): Value {
  if (old === null) return between(random, 0, 2 ** 31);
  if (typeof old === 'number') return Number(BigInt(old) ^ (1n << BigInt(between(random, 0, 51))));
  const bit = between(random, 0, Math.max(0, old.length * 8 - 1));
  const bytes = new Uint8Array(old);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return old.isText ? Object.assign(bytes, { isText: true }) : bytes;
}

function write(
  database: Database.Database,
  table: Table,
  row: Row,
  column: string,
  next: Value | undefined,
  how: string,
): Corruption {
  const old = value(database, table, row, column);
  const isText = old !== null && typeof old !== 'number' && old.isText === true;
  const marker = isText ? 'CAST(? AS TEXT)' : '?';
  database
    .prepare(`UPDATE ${table.name} SET "${column}" = ${marker} WHERE ${where(table)}`)
    .run([next ?? null, ...keyOf(table, row)]);
  return `${how} of ${table.name}.${column}: ${JSON.stringify(row)} ${String(old).slice(0, 80)} → ${String(next).slice(0, 80)}`;
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[between(random, 0, from.length - 1)] as T;
}
