import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../../tools/services/ports.js';
import { type Postgres, startPostgres } from '../../../tools/services/postgres.js';
import { type RedisProcess, startRedis } from '../../../tools/services/redis.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';
import { runServer } from '../../support/server-process.js';

const SECRET = 'swordfish';

let folder: TemporaryFolder;
let postgres: Postgres;
let redis: RedisProcess;
/** Like Redis 6: it knows nothing of sharded pub/sub. */
let oldRedis: RedisProcess;
let closedPort: number;

beforeAll(async () => {
  folder = temporaryFolder();
  // PostgreSQL does not run as root, and has to reach its folder in there.
  chmodSync(folder.path, 0o711);
  postgres = await startPostgres({ folder: folder.file('postgres') });
  redis = await startRedis({ folder: folder.file('redis'), password: SECRET });
  const args = ['SSUBSCRIBE', 'SPUBLISH', 'SUNSUBSCRIBE'].flatMap((name) => ['--rename-command', name, '']);
  oldRedis = await startRedis({ folder: folder.file('old-redis'), args });
  closedPort = await freePort();
});

afterAll(async () => {
  await Promise.all([postgres?.kill(), redis?.kill(), oldRedis?.kill()]);
  folder?.remove();
});

interface Settings {
  readonly store?: string;
  readonly redisUrl?: string;
}

/** What is wrong, the settings, and what the sentence says of what to do. */
const CASES: readonly (readonly [what: string, settings: () => Settings, advice: RegExp])[] = [
  [
    'nobody listens where Redis should be',
    () => ({ redisUrl: `redis://:${SECRET}@127.0.0.1:${closedPort}` }),
    /COSCRIBE_REDIS_URL/,
  ],
  ['the address of Redis is none', () => ({ redisUrl: 'http://127.0.0.1' }), /"redis:\/\/"/],
  [
    'the password of Redis is wrong',
    () => ({ redisUrl: `redis://:${SECRET}x@127.0.0.1:${redis.port}` }),
    /COSCRIBE_REDIS_URL/,
  ],
  ['Redis has no sharded pub/sub', () => ({ redisUrl: oldRedis.url }), /Redis 7/],
  [
    'something else than Redis answers',
    () => ({ redisUrl: `redis://127.0.0.1:${postgres.port}` }),
    /COSCRIBE_REDIS_URL/,
  ],
  [
    'several nodes are to share an SQLite file',
    () => ({ store: `sqlite:${folder.file('one.db')}`, redisUrl: redis.url }),
    /"postgres:\/\/…"/,
  ],
  [
    'several nodes are to share a memory',
    () => ({ store: 'memory:', redisUrl: redis.url }),
    /"postgres:\/\/…"/,
  ],
  [
    'nobody listens where PostgreSQL should be',
    () => ({ store: `postgres://postgres:${SECRET}@127.0.0.1:${closedPort}/postgres` }),
    /Check that it runs/,
  ],
  [
    'the database does not exist',
    () => ({ store: `postgres://postgres:${SECRET}@127.0.0.1:${postgres.port}/nowhere` }),
    /CREATE DATABASE/,
  ],
  [
    'the user of PostgreSQL does not exist',
    () => ({ store: `postgres://nobody:${SECRET}@127.0.0.1:${postgres.port}/postgres` }),
    /Create the user/,
  ],
  ['the address of the store is none', () => ({ store: 'postgres:here' }), /postgres:\/\//],
];

test.each(CASES)(
  '[NODES8] %s: the start is refused with a sentence that says what to do, exit code 2',
  async (_what, settings, advice) => {
    const { store = postgres.url, redisUrl = '' } = settings();
    const args = ['--port', '0', '--store', store, '--log-level', 'info'];
    const { code, stdout, stderr } = await runServer(args, { COSCRIBE_REDIS_URL: redisUrl });
    expect(stderr).toMatch(/^Coscribe can't start: [^\n]+\n$/);
    expect(stderr).toMatch(advice);
    expect(stderr).not.toContain(SECRET);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  },
);
