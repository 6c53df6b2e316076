import type { ClientBase } from 'pg';
import { StoreOpenError } from './store-open-error.js';

/**
 * The advisory lock that says who uses a database: each connection of a node holds it shared, as long as it lives, and
 * a command that needs the database for itself holds it alone. "Cosd" in ASCII; must never change.
 */
export const USE_LOCK = 0x436f7364;

/** The lock of commands that write whole documents: one after the other. "Cose" in ASCII; must never change. */
const WRITERS_LOCK = 0x436f7365;

/** What is told of a database that a command has for itself. */
export const RESERVED =
  'is used by a coscribe command that needs it for itself: verify --repair or migrate. Wait until that is ready.';

/** How often it is tried again: a node that has just ended may not have let go yet. */
const ATTEMPTS = 10;
const PAUSE_MS = 100;

const TAKE = 'SELECT pg_try_advisory_lock($1)';

/** Who holds or waits for a lock of this number, besides the one that asks. */
const HOLDERS = `SELECT coalesce(a.application_name, ''), coalesce(host(a.client_addr), 'local'), l.pid
  FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
  WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = $1 AND l.objsubid = 1 AND l.pid <> pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  ORDER BY l.pid`;

export interface UseOptions {
  /** What the operator is told, as the subject of a sentence. */
  readonly place: string;
  wait(milliseconds: number): Promise<void>;
}

/**
 * Keeps nodes out of the database as long as the connection lives.
 *
 * @throws StoreOpenError with who uses it, if somebody does
 */
export async function reserve(client: ClientBase, options: UseOptions): Promise<void> {
  if (await taken(client, USE_LOCK, options)) return;
  const { rows } = await client.query<[string, string, number]>({
    text: HOLDERS,
    values: [USE_LOCK],
    rowMode: 'array',
  });
  const machines = [...new Set(rows.map(([, address]) => (address === 'local' ? 'this machine' : address)))];
  const who =
    rows.length === 0
      ? ''
      : ` (connections ${rows.map(([, , pid]) => pid).join(', ')} of ${machines.join(', ')})`;
  throw new StoreOpenError(
    `${options.place} is in use${who}. Stop all nodes first. A connection that a dead machine has left behind ends with: SELECT pg_terminate_backend(NUMBER)`,
  );
}

/** Keeps other commands from writing to the database as long as the connection lives. @throws StoreOpenError */
export async function reserveWriting(client: ClientBase, options: UseOptions): Promise<void> {
  if (await taken(client, WRITERS_LOCK, options)) return;
  throw new StoreOpenError(
    `Another coscribe command is writing to ${options.place}. Wait until that is ready.`,
  );
}

async function taken(client: ClientBase, lock: number, { wait }: UseOptions): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const { rows } = await client.query<[boolean]>({ text: TAKE, values: [lock], rowMode: 'array' });
    if (rows[0]?.[0] === true) return true;
    if (attempt === ATTEMPTS) return false;
    await wait(PAUSE_MS);
  }
}
