import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { type Postgres, startPostgres } from '../../../tools/services/postgres.js';
import { postgresPrograms } from '../../../tools/services/postgres-programs.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';

let folder: TemporaryFolder;
let postgres: Postgres | undefined;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await postgres?.kill();
  postgres = undefined;
  folder.remove();
});

async function ask(server: Postgres, text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: server.url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

test('[SERVICE1] PostgreSQL starts in a folder, syncs its commits, and keeps its data when it is stopped or killed', async () => {
  postgres = await startPostgres({ folder: folder.path, settings: { max_connections: '20' } });
  expect(await ask(postgres, 'SHOW fsync')).toBe('on');
  expect(await ask(postgres, 'SHOW max_connections')).toBe('20');
  await ask(postgres, 'CREATE TABLE t AS SELECT 1 AS a');
  const { pid, port } = postgres;
  await postgres.restart('kill');
  expect(postgres.pid).not.toBe(pid);
  await postgres.restart();
  expect(await ask(postgres, 'SELECT a FROM t')).toBe(1);
  await postgres.stop();
  await postgres.stop();
  expect(postgres.running).toBe(false);
  expect(() => postgres?.pid).toThrow('not running');
  postgres = await startPostgres({ folder: folder.path, port });
  expect(postgres.port).toBe(port);
  expect(await ask(postgres, 'SELECT a FROM t')).toBe(1);
});

test('[SERVICE1] while it is halted it answers nobody, and it can be ended then', async () => {
  postgres = await startPostgres({ folder: folder.path });
  postgres.pause();
  await expect(ask(postgres, 'SELECT 1')).rejects.toThrow('timeout');
  postgres.resume();
  expect(await ask(postgres, 'SELECT 1')).toBe(1);
  postgres.pause();
  await postgres.stop();
  await postgres.start();
  postgres.pause();
  await postgres.kill();
});

test('[SERVICE1] what keeps it from starting is told in its own words', async () => {
  await expect(startPostgres({ folder: folder.path, settings: { no_such_setting: '1' } })).rejects.toThrow(
    /PostgreSQL ended\.\n.*no_such_setting/s,
  );
  postgres = await startPostgres({ folder: folder.path });
  const other = temporaryFolder();
  await expect(startPostgres({ folder: other.path, port: postgres.port })).rejects.toThrow(/could not bind/);
  other.remove();
});

test('[SERVICE1] its programs are found where POSTGRES_BIN says, on PATH or where Debian has them', () => {
  const found = postgresPrograms({});
  expect(postgresPrograms({ POSTGRES_BIN: found })).toBe(found);
  expect(postgresPrograms({ POSTGRES_BIN: join(found, 'postgres') })).toBe(found);
  expect(postgresPrograms({ PATH: found })).toBe(found);
  // A link to one of them.
  mkdirSync(folder.file('bin'));
  symlinkSync(join(found, 'postgres'), folder.file('bin/postgres'));
  expect(postgresPrograms({ PATH: folder.file('bin') })).toBe(found);
  expect(() => postgresPrograms({ POSTGRES_BIN: folder.path })).toThrow('Correct it or unset it');
});
