import Database from 'libsql';
import { bytesOf } from '../checksum.js';
import { messageOf } from '../sqlite-errors.js';
import { SCHEMA } from '../sqlite-schema.js';
import { eraseSum, looseSum } from '../sqlite-sums.js';
import { countTally, TALLIED } from '../sqlite-tallies.js';
import { MIGRATION_TABLE, readMigration } from '../sqlite-unfinished.js';
import { type Finding, type FindingKind, unfinishedFinding } from './findings.js';
import { asNumber, asText, selectAll, text, type Values, whole } from './sqlite-values.js';

/** So many complaints of SQLite about pages are told. */
const MOST_COMPLAINTS = 20;

const LAST_PIECE = `s.first_piece - 1 + (s.state_bytes + s.piece_bytes - 1) / s.piece_bytes
  + (s.index_bytes + s.piece_bytes - 1) / s.piece_bytes`;

/** Tables whose rows belong to documents, and what a row that belongs to none is. */
const OWNED: readonly (readonly [table: string, kind: FindingKind, what: string])[] = [
  ['snapshot_pieces', 'left-over', 'pieces of snapshots'],
  ['document_clients', 'left-over', 'authors'],
  ['links', 'link-damaged', 'links'],
  ['receipts', 'receipt-damaged', 'receipts'],
  ['earlier_names', 'name-damaged', 'earlier names'],
  ['deliveries', 'delivery-damaged', 'records of what webhooks were told'],
];

/** Keys of documents whose records are gone, by what is left of them that nobody has elsewhere. */
export const WITHOUT_RECORD = `SELECT key FROM (SELECT document AS key FROM log UNION SELECT document FROM snapshots)
  WHERE key NOT IN (SELECT key FROM documents UNION ALL SELECT document FROM erasing)`;

/** What is wrong with the file and its tables, besides what stands in the rows of documents. */
export function checkSqliteStructure(database: Database.Database): readonly Finding[] {
  return [
    ...pages(database),
    ...attempt('tables-damaged', 'the tables cannot be read', () => tables(database)),
    ...Object.keys(TALLIED).flatMap((table) =>
      attempt('entries-missing', `the rows of "${table}" cannot be counted`, () => tally(database, table)),
    ),
    ...OWNED.flatMap(([table, kind, what]) =>
      attempt(kind, `${what} cannot be read`, () => orphans(database, table, kind, what)),
    ),
    ...attempt('left-over', 'pieces of snapshots cannot be read', () => loosePieces(database)),
    ...attempt('erasing-damaged', 'what is being erased cannot be read', () => erasing(database)),
    ...attempt('tables-damaged', `the table "${MIGRATION_TABLE}" cannot be read`, () => unfinished(database)),
  ];
}

function attempt(kind: FindingKind, what: string, check: () => readonly Finding[]): readonly Finding[] {
  try {
    return check();
  } catch (error) {
    return [{ kind, what: `${what} (${messageOf(error)})` }];
  }
}

function pages(database: Database.Database): readonly Finding[] {
  return attempt('pages-damaged', 'SQLite cannot check its pages', () => {
    const sql = `SELECT CAST(integrity_check AS BLOB) AS found FROM pragma_integrity_check(${MOST_COMPLAINTS})`;
    const complaints = selectAll(database, sql).map(({ found }) =>
      Buffer.from(bytesOf(found).buffer).toString(),
    );
    if (complaints.length === 1 && complaints[0] === 'ok') return [];
    return complaints.map((complaint) => ({
      kind: 'pages-damaged',
      what: `SQLite says: ${complaint.replace(/\s+/g, ' ').trim()}`,
    }));
  });
}

/** The tables must be those that this version makes; indexes and triggers to the letter. */
function tables(database: Database.Database): readonly Finding[] {
  const fresh = new Database(':memory:');
  try {
    fresh.exec(SCHEMA);
    const expected = describe(fresh);
    const found = describe(database);
    found.delete(`the table "${MIGRATION_TABLE}"`);
    const names = new Set([...expected.keys(), ...found.keys()]);
    return [...names]
      .filter((name) => expected.get(name) !== found.get(name))
      .map((name) => ({
        kind: 'tables-damaged',
        what: found.has(name)
          ? expected.has(name)
            ? `${name} is not as this version makes it`
            : `${name} is there, and should not be`
          : `${name} is missing`,
      }));
  } finally {
    fresh.close();
  }
}

function describe(database: Database.Database): Map<string, string> {
  const objects = selectAll(
    database,
    `SELECT ${text('type', 'type')}, ${text('name', 'name')}, ${text('coalesce(sql, name)', 'sql')} FROM sqlite_schema`,
  );
  return new Map(
    objects.map((object) => {
      const [type, name] = [asText(object.type), asText(object.name)];
      const facts = type === 'table' ? columnsOf(database, name) : asText(object.sql).replace(/\s+/g, ' ');
      return [`the ${type} "${name}"`, facts];
    }),
  );
}

/** By its columns and not by its text: a table that was changed by an upgrade has another text than a new one. */
function columnsOf(database: Database.Database, table: string): string {
  const columns = selectAll(
    database,
    `SELECT ${text('name', 'name')}, ${text('type', 'type')}, "notnull", pk FROM pragma_table_xinfo(?)`,
    [table],
  ).map((column) => `${asText(column.name)} ${asText(column.type)} ${column.notnull} ${column.pk}`);
  const kinds = selectAll(database, 'SELECT wr, strict FROM pragma_table_list WHERE name = ?', [table]);
  // After an upgrade the columns are in another order.
  return JSON.stringify([columns.sort(), kinds]);
}

function tally(database: Database.Database, table: string): readonly Finding[] {
  const said = selectAll(
    database,
    `SELECT ${whole('entries', 'entries')}, ${whole('sum', 'sum')} FROM tallies WHERE name = ?`,
    [table],
  )[0];
  const there = selectAll(database, countTally(table))[0];
  if (said?.entries === there?.entries && said?.sum === there?.sum) return [];
  const what =
    said === undefined
      ? `how many rows "${table}" should have is not written down`
      : said.entries === there?.entries
        ? `"${table}" has other rows than were written to it`
        : `"${table}" has ${there?.entries} rows, and should have ${said.entries}`;
  return [{ kind: 'entries-missing', what }];
}

function orphans(
  database: Database.Database,
  table: string,
  kind: FindingKind,
  what: string,
): readonly Finding[] {
  const [row] = selectAll(
    database,
    `SELECT count(*) AS count FROM ${table} WHERE document IS NOT NULL
      AND document NOT IN (SELECT key FROM documents UNION ALL SELECT document FROM erasing)
      AND document NOT IN (${WITHOUT_RECORD})`,
  );
  const count = asNumber(row?.count);
  return count === 0 ? [] : [{ kind, what: `${count} ${what} belong to no document` }];
}

function loosePieces(database: Database.Database): readonly Finding[] {
  const ranges = selectAll(
    database,
    `SELECT ${whole('first', 'first')}, ${whole('last', 'last')}, ${whole('document', 'document')},
      ${whole('checksum', 'checksum')} FROM loose_pieces`,
  );
  const damaged = ranges.filter(
    ({ first, last, document, checksum }) =>
      looseSum(asNumber(first), asNumber(last), asNumber(document)) !== checksum,
  );
  const [left] = selectAll(
    database,
    `SELECT count(*) AS count FROM snapshot_pieces p
      WHERE NOT EXISTS (SELECT 1 FROM snapshots s WHERE s.document = p.document AND p.key BETWEEN s.first_piece AND ${LAST_PIECE})
        AND NOT EXISTS (SELECT 1 FROM loose_pieces l WHERE l.document = p.document AND p.key BETWEEN l.first AND l.last)
        AND p.document NOT IN (SELECT document FROM erasing UNION ALL ${WITHOUT_RECORD})`,
  );
  const count = asNumber(left?.count);
  return [
    ...damaged.map(
      (): Finding => ({ kind: 'left-over', what: 'the checksum of a range of pieces to remove is wrong' }),
    ),
    ...(count === 0 ? [] : [{ kind: 'left-over' as const, what: `${count} pieces belong to no snapshot` }]),
  ];
}

function unfinished(database: Database.Database): readonly Finding[] {
  const migration = readMigration(database);
  return migration === undefined ? [] : [unfinishedFinding(migration)];
}

function erasing(database: Database.Database): readonly Finding[] {
  const rows = selectAll(
    database,
    `SELECT ${whole('document', 'document')}, ${text('id', 'id')}, ${whole('checksum', 'checksum')},
      document IN (SELECT key FROM documents) AS alive FROM erasing`,
  );
  const problem = ({ document, id, checksum, alive }: Values): string | undefined => {
    if (eraseSum(asNumber(document), asText(id)) !== checksum)
      return 'the checksum of a document that is being erased is wrong';
    return alive === 1 ? 'a document is being erased that is still there' : undefined;
  };
  return rows
    .map(problem)
    .filter((what) => what !== undefined)
    .map((what) => ({ kind: 'erasing-damaged', what }));
}
