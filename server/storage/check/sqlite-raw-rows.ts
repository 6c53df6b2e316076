import type Database from 'libsql';
import { bytesOf } from '../checksum.js';
import { selectAll, type Values } from './sqlite-values.js';
import type { RawRow } from './store-reader.js';

/** What is kept of a document, by table: the columns, and which of them names the document. */
const TABLES: readonly (readonly [table: string, owner: string, columns: readonly string[]])[] = [
  [
    'documents',
    'key',
    [
      'key',
      'id',
      'generation',
      'head',
      'first_row',
      'snapshot_seq',
      'created_at',
      'updated_at',
      'deleted_at',
      'sealed_as',
      'checksum',
    ],
  ],
  ['log', 'document', ['seq', 'client_id', 'author', 'committed_at', 'checksum', '"update"']],
  ['snapshots', 'document', ['seq', 'first_piece', 'piece_bytes', 'state_bytes', 'index_bytes', 'checksum']],
  ['snapshot_pieces', 'document', ['key', 'checksum', 'content']],
  ['document_clients', 'document', ['client_id', 'author', 'checksum']],
  ['links', 'document', ['hash', 'id', 'role', 'label', 'created_at', 'expires_at', 'checksum']],
  ['earlier_names', 'document', ['id', 'moved_at', 'checksum']],
];

/** Tables whose rows have numbers, and which ones a document has. */
const NUMBERED: Readonly<Record<string, { readonly by: string; readonly range: string }>> = {
  log: { by: 'seq', range: 'SELECT first_row AS first, head AS last FROM documents WHERE key = ?' },
  snapshot_pieces: {
    by: 'key',
    range:
      'SELECT first_piece AS first, first_piece + (state_bytes + index_bytes) / piece_bytes + 1 AS last FROM snapshots WHERE document = ?',
  },
};

/** The numbers may be damaged, too. */
const MOST_ONE_BY_ONE = 1_000_000;

/** Each goes through the whole table. */
const MOST_SCANS = 1_000;

/** Rows as they stand, of those that can be read at all. */
export async function* readRawRows(database: Database.Database, key: number): AsyncIterable<RawRow> {
  for (const [table, owner, columns] of TABLES) {
    // As bytes: what is said to be text may be anything.
    const list = columns.map(
      (column) => `iif(typeof(${column}) = 'text', CAST(${column} AS BLOB), ${column}) AS ${column}`,
    );
    const from = `SELECT ${list.join(', ')} FROM ${table} WHERE`;
    const select = { rows: `${from} ${owner}`, scanned: `${from} +${owner}` };
    for (const row of readable(database, select, { table, key }))
      yield { table, columns: Object.fromEntries(Object.entries(row).map(plain)) };
  }
}

/** All of them; or, if that fails, those that can be read one by one: a damaged page has some of them. */
function readable(
  database: Database.Database,
  select: Select,
  { table, key }: { readonly table: string; readonly key: number },
): Iterable<Values> {
  const all = attempt(() => selectAll(database, `${select.rows} = ?`, [key]));
  const numbered = NUMBERED[table];
  // It is said already that they cannot be read.
  if (all !== undefined || numbered === undefined) return all ?? [];
  const { by, range } = numbered;
  const found = new Map<number, Values>();
  const keep = (row: Values) => found.set(Number(row[by]), row);
  scan(database, { ...select, by }, key, keep);
  const [numbers] = attempt(() => selectAll(database, range, [key])) ?? [];
  const { first, last } = { first: 0, last: -1, ...numbers };
  const end = Math.min(Number(last), Number(first) + MOST_ONE_BY_ONE);
  for (let number = Number(first); number <= end; number++) {
    if (found.has(number)) continue;
    attempt(() => selectAll(database, `${select.rows} = ? AND ${by} = ?`, [key, number]))?.forEach(keep);
  }
  return [...found].sort(([a], [b]) => a - b).map(([, row]) => row);
}

/** Statements without what follows the column that names the document. */
interface Select {
  readonly rows: string;
  /** The same, going through the whole table. */
  readonly scanned: string;
}

/**
 * Goes through a table from its beginning: to look for a row SQLite compares it with others, and for that reads all of them,
 * with the pages that are damaged (`sqlite3BtreeIndexMoveto`). After a row that cannot be read it begins again.
 */
function scan(
  database: Database.Database,
  { scanned, by }: Select & { readonly by: string },
  key: number,
  keep: (row: Values) => void,
): void {
  const numbers: number[] = [];
  const only = scanned.replace(/^SELECT .* FROM/, `SELECT ${by} FROM`);
  attempt(() => {
    for (const row of iterate(database, `${only} = ?`, [key])) numbers.push(Number(row[by]));
  });
  for (let at = 0, tries = 0; at < numbers.length && tries < MOST_SCANS; at++, tries++) {
    attempt(() => {
      for (const row of iterate(database, `${scanned} = ? AND +${by} >= ?`, [key, numbers[at] ?? 0])) {
        keep(row);
        at++;
      }
    });
  }
}

function iterate(database: Database.Database, sql: string, parameters: readonly unknown[]): Iterable<Values> {
  return database.prepare(sql).iterate(parameters) as Iterable<Values>;
}

function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function plain([name, value]: [string, unknown]): [string, string | number | Uint8Array | null] {
  if (value === null || typeof value === 'number') return [name, value];
  return [name, bytesOf(value)];
}
