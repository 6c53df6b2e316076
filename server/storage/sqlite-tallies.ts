/**
 * Rows that belong to a document's log are missed when they are gone, because its numbers have no gaps. The rows of these
 * tables would not be: a link that vanishes from a damaged page leaves nothing behind. So how many rows each table has, and
 * the sum of their checksums, is written down by triggers in the transaction that changes them. `coscribe verify` compares.
 *
 * `documents` counts its keys and not its checksums: those change with every edit, these never.
 */
export const TALLIED: Readonly<Record<string, (row: string) => string>> = {
  documents: (row) => `${row}.key`,
  document_clients: (row) => `${row}.checksum`,
  links: (row) => `${row}.checksum`,
  access_changes: (row) => `${row}.checksum`,
  // Which document it goes with is not in its checksum.
  receipts: (row) => `${row}.checksum * (1 + coalesce(${row}.document, 0) % ${2 ** 30})`,
  earlier_names: (row) => `${row}.checksum`,
  webhooks: (row) => `${row}.checksum`,
  deliveries: (row) => `${row}.checksum`,
  life_hooks: (row) => `${row}.checksum`,
  life_events: (row) => `${row}.checksum`,
  erasing: (row) => `${row}.checksum`,
  loose_pieces: (row) => `${row}.checksum`,
};

/** Sums are kept below this, so that no addition overflows. */
export const TALLY_MODULUS = 2 ** 40;

/** What one row adds to the sum of its table, as an expression below `TALLY_MODULUS`. */
export function tallyOf(table: string, row: string): string {
  return `(${(TALLIED[table] ?? String)(row)}) % ${TALLY_MODULUS}`;
}

/** What a table's tally should be, as a query of the columns `entries` and `sum`. */
export function countTally(table: string): string {
  return `SELECT count(*) AS entries, coalesce(sum(${tallyOf(table, table)}), 0) % ${TALLY_MODULUS} AS sum FROM ${table}`;
}

/** The table of tallies, filled by what is there, and its triggers. The tables must be there. */
export function tallies(): string {
  return `
  CREATE TABLE tallies (
    name TEXT PRIMARY KEY,
    entries INTEGER NOT NULL,
    sum INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  ${Object.keys(TALLIED).map(tallyTable).join('\n')}`;
}

/** The tally of one table that is there, and its triggers. */
export function tallyTable(table: string): string {
  const change = (entries: string, sum: string) =>
    `UPDATE tallies SET ${entries}sum = ${sum} WHERE name = '${table}';`;
  const added = tallyOf(table, 'NEW');
  const gone = `${TALLY_MODULUS} - ${tallyOf(table, 'OLD')}`;
  const trigger = (event: string, body: string) =>
    `CREATE TRIGGER tally_${table}_${event} AFTER ${event} ON ${table} BEGIN ${body} END;`;
  // Of a document's row nothing that is counted changes.
  const update =
    table === 'documents'
      ? ''
      : trigger('UPDATE', change('', `(sum + ${gone} + ${added}) % ${TALLY_MODULUS}`));
  return `
  INSERT INTO tallies SELECT '${table}', entries, sum FROM (${countTally(table)});
  ${trigger('INSERT', change('entries = entries + 1, ', `(sum + ${added}) % ${TALLY_MODULUS}`))}
  ${trigger('DELETE', change('entries = entries - 1, ', `(sum + ${gone}) % ${TALLY_MODULUS}`))}
  ${update}`;
}
