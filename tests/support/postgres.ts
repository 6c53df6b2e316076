import { afterAll, beforeAll } from '@jest/globals';
import pg from 'pg';
import { type Postgres, type PostgresOptions, startPostgres } from '../../tools/services/postgres.js';
import { temporaryFolder } from './folder.js';

/** A PostgreSQL of a test file's own. */
export interface TestPostgres {
  readonly server: Postgres;
  /** The folder with its configuration. */
  readonly data: string;
  /** Runs statements as the superuser, in the database that `url` names or the first one. */
  sql(text: string, url?: string): Promise<readonly (readonly unknown[])[]>;
  /** An address of a new, empty database. */
  emptyDatabase(): Promise<string>;
}

/** Starts it before the first test of the file, and ends it after the last one. */
export function testPostgres(settings: PostgresOptions['settings'] = {}): TestPostgres {
  const folder = temporaryFolder();
  let server: Postgres | undefined;
  let databases = 0;
  beforeAll(async () => {
    server = await startPostgres({ folder: folder.path, settings });
  });
  afterAll(async () => {
    await server?.kill();
    folder.remove();
  });
  const running = () => {
    if (server === undefined) throw new Error('PostgreSQL has not been started');
    return server;
  };
  const sql: TestPostgres['sql'] = async (text, url = running().url) => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows;
    } finally {
      await client.end();
    }
  };
  return {
    get server() {
      return running();
    },
    data: folder.file('data'),
    sql,
    async emptyDatabase() {
      const name = `test_${++databases}`;
      await sql(`CREATE DATABASE ${name}`);
      return running().url.replace(/postgres$/, name);
    },
  };
}
