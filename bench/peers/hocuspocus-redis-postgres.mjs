/**
 * One of several nodes of Hocuspocus with its Redis extension and a PostgreSQL, in which its database extension keeps each
 * document in a row: two seconds after a change, ten at the latest.
 */
import { Database } from '@hocuspocus/extension-database';
import { Redis } from '@hocuspocus/extension-redis';
import { Server } from '@hocuspocus/server';
import pg from 'pg';
import { announce, readArguments } from './launch.mjs';

const { port, redis, postgres } = readArguments();
const { hostname: host, port: redisPort } = new URL(redis);
const pool = new pg.Pool({ connectionString: postgres });
await pool.query('CREATE TABLE IF NOT EXISTS documents (name text PRIMARY KEY, data bytea NOT NULL)');

const database = new Database({
  async fetch({ documentName }) {
    const { rows } = await pool.query('SELECT data FROM documents WHERE name = $1', [documentName]);
    return rows[0]?.data ?? null;
  },
  async store({ documentName, state }) {
    await pool.query(
      'INSERT INTO documents (name, data) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET data = EXCLUDED.data',
      [documentName, state],
    );
  },
});
const extensions = [new Redis({ host, port: Number(redisPort) }), database];
const server = new Server({ port, address: '127.0.0.1', quiet: true, extensions });
await server.listen();
announce(server.address.port);
