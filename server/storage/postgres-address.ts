import pg from 'pg';
import { StoreOpenError } from './store-open-error.js';

/** How a PostgreSQL database is reached. Holds the password: never log it. */
export interface PostgresAddress {
  readonly config: pg.ClientConfig;
  /** Without password and parameters: `postgres://coscribe@db:5432/coscribe`. */
  readonly description: string;
  /** For sentences: `the database "coscribe" at db:5432`. */
  readonly place: string;
  readonly user: string;
}

export const POSTGRES_FORM = 'postgres://USER:PASSWORD@HOST:PORT/DATABASE';

/**
 * Understands what libpq does: `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`; what is left out comes from the
 * environment (PGPASSWORD and so on).
 *
 * @throws StoreOpenError without the address, because it may hold a password
 */
export function parsePostgresAddress(url: string): PostgresAddress {
  let client: pg.Client;
  try {
    client = new pg.Client({ connectionString: url });
  } catch {
    // Its error has the address in it.
    throw new StoreOpenError(
      `The address of the PostgreSQL database cannot be read. It has the form ${POSTGRES_FORM}; special characters in the password have to be percent-encoded.`,
    );
  }
  const { user = '', database = user, host, port } = client;
  if (user === '') {
    throw new StoreOpenError(`The address of the PostgreSQL database names no user. Give ${POSTGRES_FORM}.`);
  }
  const socket = host.startsWith('/');
  const at = socket ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const description = socket
    ? `postgres://${encodeURIComponent(user)}@/${encodeURIComponent(database)}?host=${host}`
    : `postgres://${encodeURIComponent(user)}@${at}/${encodeURIComponent(database)}`;
  const config = { connectionString: url };
  return { config, description, place: `the database "${database}" at ${at}`, user };
}
