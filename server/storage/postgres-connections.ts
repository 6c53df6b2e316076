import pg from 'pg';
import { CoscribeError } from '../../shared/errors.js';
import type { PostgresAddress } from './postgres-address.js';
import { toStoreError } from './postgres-errors.js';
import { setUpSession } from './postgres-session.js';
import type { Statement } from './postgres-statements.js';
import { RESERVED } from './postgres-use.js';

/** Times in milliseconds. */
export interface ConnectionLimits {
  /** Connections for everything but appends, which have one of their own. */
  readonly readers: number;
  /** How long to wait for a connection. */
  readonly connectMs: number;
  /** After so long PostgreSQL gives a statement up. */
  readonly statementMs: number;
  /** After so long the connection is given up, because PostgreSQL itself should have answered. */
  readonly answerMs: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  readers: 7,
  connectMs: 2_000,
  statementMs: 3_500,
  answerMs: 4_000,
};

/** How long connections get to say goodbye. */
const GOODBYE_MS = 1_000;

/** A connection for reading that is not used is closed after so long; another one takes a few milliseconds. */
const IDLE_MS = 60_000;

export type Row = readonly unknown[];

export interface Answer {
  readonly rows: readonly Row[];
  /** How many rows were changed, or read. */
  readonly count: number;
}

/**
 * The connections to one database. One is kept for appends, so that no amount of reading can hold them up. Lost ones
 * are replaced when they are needed: while the database is away, every query fails.
 */
export class PostgresConnections {
  private readonly writer: pg.Pool;
  private readonly readers: pg.Pool;
  /** Those that exist, so that the ones that do not end can be cut off. */
  private readonly open = new Set<pg.ClientBase>();

  constructor({ config }: PostgresAddress, limits: ConnectionLimits) {
    const pool = (max: number, idleTimeoutMillis: number) =>
      this.createPool({ ...clientConfig(config, limits), max, idleTimeoutMillis });
    // For ever: as long as a node runs, others can see that it does.
    this.writer = pool(1, 0);
    this.readers = pool(limits.readers, IDLE_MS);
  }

  private createPool(config: pg.PoolConfig): pg.Pool {
    const pool = new pg.Pool({ ...config, onConnect: setUpDurable });
    pool.on('connect', (client) => {
      this.open.add(client);
      client.once('end', () => this.open.delete(client));
    });
    // One that nobody was using was lost, and the pool has forgotten it already.
    pool.on('error', () => {});
    return pool;
  }

  /** Opens the connection for appends, which is kept. @throws what `pg` throws, CoscribeError */
  async begin(): Promise<void> {
    (await this.writer.connect()).release();
  }

  /** @throws CoscribeError */
  write(statement: Statement, values: readonly unknown[]): Promise<Answer> {
    return run(this.writer, statement, values);
  }

  /** Whatever is no append. @throws CoscribeError */
  query(statement: Statement, values: readonly unknown[]): Promise<Answer> {
    return run(this.readers, statement, values);
  }

  /** Ends all of them, those that are in use when they are through; never rejects. */
  async close(): Promise<void> {
    // A database that does not answer does not say goodbye either.
    const timer = setTimeout(() => {
      for (const client of this.open) destroy(client);
    }, GOODBYE_MS);
    await Promise.allSettled([this.writer.end(), this.readers.end()]);
    await Promise.all(
      [...this.open].map((client) => new Promise<void>((end) => client.once('end', () => end()))),
    );
    clearTimeout(timer);
  }
}

/** What every connection to the database is opened with. */
export function clientConfig(
  config: pg.ClientConfig,
  limits: ConnectionLimits,
): pg.ClientConfig & pg.PoolConfig {
  return {
    ...config,
    fallback_application_name: 'coscribe',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: limits.connectMs,
    statement_timeout: limits.statementMs,
    // Earlier, so that the error tells what it was.
    lock_timeout: Math.ceil(limits.statementMs * 0.75),
    query_timeout: limits.answerMs,
  };
}

async function setUpDurable(client: pg.ClientBase): Promise<void> {
  const { durable, reserved } = await setUpSession(client);
  if (reserved) throw new CoscribeError('store-unavailable', `the database ${RESERVED}`);
  if (!durable) throw new CoscribeError('store-unavailable', 'the database does not sync commits');
}

/**
 * Fulfils when PostgreSQL is ready for the next query, which is after the commit: "complete" comes before it.
 * A connection whose query failed is not used again.
 */
async function run(pool: pg.Pool, statement: Statement, values: readonly unknown[]): Promise<Answer> {
  try {
    const { rows, rowCount } = await pool.query<unknown[]>({
      ...statement,
      values: [...values],
      rowMode: 'array',
    });
    return { rows, count: rowCount ?? 0 };
  } catch (error) {
    throw toStoreError(error);
  }
}

function destroy(client: pg.ClientBase): void {
  if ('connection' in client)
    (client as unknown as { connection: pg.Connection }).connection.stream.destroy();
}
