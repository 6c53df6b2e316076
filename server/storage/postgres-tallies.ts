/**
 * Tables whose rows would be missed by nobody if they were gone: a log has numbers, a link has none. `documents` counts its
 * keys, because the rest of its rows changes with every edit.
 */
export const TALLIED = [
  'documents',
  'authors',
  'links',
  'access_changes',
  'access_head',
  'earlier_names',
  'receipts',
  'webhooks',
  'deliveries',
  'erasing',
  'life_hooks',
  'life_events',
] as const;

/** Which of them version 5 had. */
const FIRST_TALLIED = TALLIED.filter((table) => !table.startsWith('life_'));

/** What a row of a table adds to its sum: a hash of everything that stands in it, the same in every version of PostgreSQL. */
function weightOf(table: string, row: string): string {
  if (table === 'documents') return `${row}.key`;
  return `('x' || left(encode(sha256(convert_to(${row}::text, 'UTF8')), 'hex'), 8))::bit(32)::bigint`;
}

/** What a table's tally should be, as a query of its count and its sum. */
export function countTally(schema: string, table: string): string {
  return `SELECT count(*), coalesce(sum(${weightOf(table, 't')}), 0) FROM ${schema}.${table} AS t`;
}

/** What is written down, as a query of the same. */
export function readTally(schema: string): string {
  return `SELECT coalesce(sum(entries), 0), coalesce(sum(sum), 0) FROM ${schema}.tallies WHERE name = $1`;
}

/**
 * Version 5: how many rows these tables have, and the sum of their hashes, is written down by triggers in the transaction that
 * changes them. `coscribe verify` compares.
 *
 * A hash is of a row as it is written as text: whoever adds a column has to count again.
 *
 * Each connection has rows of its own, so that no transaction waits for another one's: the tally is the sum of them all.
 */
export function tallies(schema: string): string {
  return `
  CREATE TABLE ${schema}.tallies (
    name text COLLATE "C" NOT NULL,
    shard integer NOT NULL,
    entries bigint NOT NULL,
    sum numeric NOT NULL,
    PRIMARY KEY (name, shard)
  ) WITH (fillfactor = 50);
  ${FIRST_TALLIED.map((table) => tallyTable(schema, table)).join('\n')}`;
}

/** The tally of one table that is there, and its triggers. */
export function tallyTable(schema: string, table: string): string {
  const sumOf = (rows: string) => `coalesce((SELECT sum(${weightOf(table, 't')}) FROM ${rows} AS t), 0)`;
  const countOf = (rows: string) => `(SELECT count(*) FROM ${rows})`;
  const trigger = (event: string, transition: string, entries: string, sum: string) => `
  CREATE FUNCTION ${schema}.tally_${table}_${event}() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    more bigint := ${entries};
    weight numeric := ${sum};
  BEGIN
    IF more <> 0 OR weight <> 0 THEN
      INSERT INTO ${schema}.tallies AS known (name, shard, entries, sum)
        VALUES ('${table}', pg_backend_pid() % 4096, more, weight)
        ON CONFLICT (name, shard) DO UPDATE SET entries = known.entries + more, sum = known.sum + weight;
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER tally_${table}_${event} AFTER ${event} ON ${schema}.${table} REFERENCING ${transition}
    FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.tally_${table}_${event}();`;
  // Of a document's row nothing that is counted changes.
  const update =
    table === 'documents'
      ? ''
      : trigger(
          'update',
          'OLD TABLE AS gone NEW TABLE AS added',
          '0',
          `${sumOf('added')} - ${sumOf('gone')}`,
        );
  return `
  ${trigger('insert', 'NEW TABLE AS added', countOf('added'), sumOf('added'))}
  ${trigger('delete', 'OLD TABLE AS gone', `-${countOf('gone')}`, `-${sumOf('gone')}`)}
  ${update}
  INSERT INTO ${schema}.tallies SELECT '${table}', 0, counted.* FROM (${countTally(schema, table)}) AS counted;`;
}
