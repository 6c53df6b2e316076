import type Database from 'libsql';
import { textOf } from './checksum.js';
import { eraseSum, hookSum, looseSum, movedSum, type ToldRow, toldSum } from './sqlite-sums.js';

type Columns = Readonly<Record<string, number>>;
type Texts = Readonly<Record<string, unknown>>;

interface Sealed {
  readonly table: string;
  readonly columns: string;
  /** Columns of its primary key. */
  readonly key: readonly string[];
  sum(row: Columns & Texts): number;
}

/** Tables whose rows had no checksums once. */
const SEALED: readonly Sealed[] = [
  {
    table: 'loose_pieces',
    columns: 'first, last, document',
    key: ['first'],
    sum: ({ first, last, document }) => looseSum(Number(first), Number(last), Number(document)),
  },
  {
    table: 'erasing',
    columns: 'document, CAST(id AS BLOB) AS id',
    key: ['document'],
    sum: ({ document, id }) => eraseSum(Number(document), textOf(id)),
  },
  {
    table: 'webhooks',
    columns: 'key, CAST(name AS BLOB) AS name, since, checked_minute AS minute',
    key: ['key'],
    sum: ({ name, since, minute }) => hookSum(textOf(name), Number(since), Number(minute)),
  },
  {
    table: 'deliveries',
    columns: 'document, hook, told, target, CAST(owner AS BLOB) AS owner, until',
    key: ['document', 'hook'],
    sum: (row) => toldSum({ ...(row as unknown as ToldRow), owner: textOf(row.owner) }),
  },
  {
    table: 'earlier_names',
    columns: 'CAST(id AS BLOB) AS id, document, moved_at AS at',
    key: ['id'],
    sum: ({ id, document, at }) => movedSum(textOf(id), Number(document), Number(at)),
  },
];

/** Gives the rows of these tables the checksums of what stands in them. Part of a transaction. */
export function sealAll(database: Database.Database): void {
  for (const { table, columns, key, sum } of SEALED) {
    const where = key.map((column) => `${column} = ?`).join(' AND ');
    const update = database.prepare(`UPDATE ${table} SET checksum = ? WHERE ${where}`);
    for (const row of database.prepare(`SELECT ${columns} FROM ${table}`).all([]) as (Columns & Texts)[]) {
      const values = key.map((column) => (column === 'id' ? textOf(row[column]) : row[column]));
      update.run([sum(row), ...values]);
    }
  }
}
