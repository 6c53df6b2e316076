import pg from 'pg';
import type { PostgresAddress } from './postgres-address.js';
import { CONNECTION_LIMITS, type ConnectionLimits, clientConfig } from './postgres-connections.js';
import { openError, sentenceAbout } from './postgres-open-errors.js';
import { MIGRATIONS, SCHEMA } from './postgres-schema.js';
import { type ServerFacts, setUpSession } from './postgres-session.js';
import { RESERVED } from './postgres-use.js';
import { StoreOpenError } from './store-open-error.js';

/** The first version with all that the statements use; older ones get no fixes any more. */
const OLDEST_SERVER = 130_000;

/** Marks the schema as ours. Must never change. */
const VERSION_TABLE = `${SCHEMA}.coscribe_version`;

/** "Cosc" in ASCII: the advisory lock under which nodes migrate one after the other. Must never change. */
const MIGRATION_LOCK = 0x436f7363;

/** How long a start waits for the migration of another node, in milliseconds. */
const MIGRATION_MS = 120_000;

/**
 * Creates the tables in an empty database, or brings those of an older version up to date; does nothing to others. Safe when
 * several nodes do it at once. One transaction: whatever ends it early leaves what was there.
 *
 * @param migrations what to bring it up to; tests have others
 * @throws StoreOpenError with what the operator has to do
 */
export async function prepareDatabase(address: PostgresAddress, migrations = MIGRATIONS): Promise<void> {
  try {
    const version = await connected(address, CONNECTION_LIMITS, async (client) => {
      checkServer(address, await setUpSession(client));
      return await readVersion(address, client);
    });
    if (version === migrations.length) return;
    const patient = { ...CONNECTION_LIMITS, statementMs: MIGRATION_MS, answerMs: MIGRATION_MS + 5_000 };
    await connected(address, patient, (client) => migrate(address, client, migrations));
  } catch (error) {
    throw error instanceof StoreOpenError ? error : openError(error, address);
  }
}

async function connected<Result>(
  { config }: PostgresAddress,
  limits: ConnectionLimits,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client(clientConfig(config, limits));
  // A connection that is lost makes the query fail, too.
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}

/** @throws StoreOpenError unless documents can be kept there */
export function checkServer(
  { place }: PostgresAddress,
  { version, encoding, durable, readOnly, reserved }: ServerFacts,
): void {
  if (version < OLDEST_SERVER) {
    const found = Math.floor(version / 10_000);
    throw sentenceAbout(place, `is in PostgreSQL ${found}; Coscribe needs 13 or later. Upgrade the server.`);
  }
  if (reserved) throw sentenceAbout(place, RESERVED);
  if (readOnly) {
    throw sentenceAbout(
      place,
      'is read-only, as a standby is. Name the primary server, or let it be written to.',
    );
  }
  if (encoding !== 'UTF8') {
    const create = `CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0`;
    throw sentenceAbout(place, `has the encoding ${encoding}. Create one with: ${create}`);
  }
  if (!durable) {
    throw sentenceAbout(
      place,
      'is in a PostgreSQL with fsync=off, so that a power cut loses what it confirmed. Set fsync=on in postgresql.conf.',
    );
  }
}

/** Version of the tables; 0 if there are none. @throws StoreOpenError if the schema is not ours */
export async function readVersion({ place }: PostgresAddress, client: pg.Client): Promise<number> {
  const [found, used] = await selectRow(
    client,
    `SELECT to_regclass('${VERSION_TABLE}') IS NOT NULL, EXISTS (
      SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '${SCHEMA}')`,
  );
  if (found === true) return Number((await selectRow(client, `SELECT version FROM ${VERSION_TABLE}`))[0]);
  if (used === false) return 0;
  throw new StoreOpenError(
    `The schema "${SCHEMA}" in ${place} belongs to another program. It was not changed. Create a database for Coscribe alone.`,
  );
}

async function selectRow(client: pg.Client, text: string): Promise<readonly unknown[]> {
  return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows[0] ?? [];
}

async function migrate(
  address: PostgresAddress,
  client: pg.Client,
  migrations: readonly string[],
): Promise<void> {
  await client.query('BEGIN');
  // Held until the transaction ends, however that ends.
  await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  const version = await readVersion(address, client);
  if (version > migrations.length) {
    throw new StoreOpenError(
      `The tables in ${address.place} were written by a newer version of Coscribe (schema ${version}; this version reads ${migrations.length}). Start that version, or restore a backup from before it.`,
    );
  }
  if (version === 0) {
    // Whoever may not create schemas can be given an empty one.
    const [there] = await selectRow(client, `SELECT to_regnamespace('${SCHEMA}') IS NOT NULL`);
    if (there !== true) await client.query(`CREATE SCHEMA ${SCHEMA}`);
    await client.query(`CREATE TABLE ${VERSION_TABLE} (version integer NOT NULL)`);
    await client.query(`INSERT INTO ${VERSION_TABLE} VALUES (0)`);
  }
  for (const migration of migrations.slice(version)) await client.query(migration);
  await client.query(`UPDATE ${VERSION_TABLE} SET version = ${migrations.length}`);
  await client.query('COMMIT');
}
