import type { ClientBase } from 'pg';
import { USE_LOCK } from './postgres-use.js';

/** What a connection found out about the server when it was set up. */
export interface ServerFacts {
  /** Such as 150018 for 15.18. */
  readonly version: number;
  readonly encoding: string;
  /** Whether what PostgreSQL confirms is on disk. */
  readonly durable: boolean;
  readonly readOnly: boolean;
  /** Whether a command has the database for itself, so that nobody else may use it. */
  readonly reserved: boolean;
}

/**
 * What holds for every connection, whatever the server, the database or the role has set: a commit is confirmed once it
 * is on disk; each statement sees what was committed before it; and all our statements find their rows by indexes, also
 * in tables that were empty when the statement was planned.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  client_encoding: 'UTF8',
  bytea_output: 'hex',
  default_transaction_isolation: 'read committed',
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  // It would read all documents for a page of a list, and sort them.
  enable_bitmapscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
};

const SET_UP = `SELECT current_setting('server_version_num')::integer, current_setting('server_encoding'),
  current_setting('fsync') = 'on' AND synchronous_commit IN ('on', 'remote_apply'),
  pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',
  -- Until the connection ends: commands that need the database for themselves see that it is used.
  NOT pg_try_advisory_lock_shared(${USE_LOCK})
  FROM (SELECT ${Object.entries(SETTINGS)
    .map(([name, value]) => `set_config('${name}', '${value}', false)`)
    .join(', ')},
    -- Stronger than on: confirmed standbys have it too.
    set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)
      AS synchronous_commit) AS settings`;

/** Sets a new connection up. @throws what `pg` throws */
export async function setUpSession(client: ClientBase): Promise<ServerFacts> {
  const { rows } = await client.query<unknown[]>({ text: SET_UP, rowMode: 'array' });
  const [version, encoding, durable, readOnly, reserved] = rows[0] ?? [];
  return {
    version: Number(version),
    encoding: String(encoding),
    durable: durable === true,
    readOnly: readOnly === true,
    reserved: reserved === true,
  };
}
