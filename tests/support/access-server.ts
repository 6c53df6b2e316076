import type { Authenticator } from '../../server/auth/access.js';
import { loadConfig } from '../../server/config/load-config.js';
import { type RunningServer, startServer } from '../../server/server.js';
import type { DocumentStore } from '../../server/storage/store.js';
import { collectLog, type LogEntry } from './collect-log.js';
import { JWT_FLAGS } from './jwt.js';

export interface AccessServer extends RunningServer {
  readonly entries: readonly LogEntry[];
}

export interface AccessServerOptions {
  /** Flags: who is let in. By default whoever has a token of `jwt.ts`. */
  readonly auth?: readonly string[];
  readonly args?: readonly string[];
  readonly authenticator?: Authenticator;
  /** Instead of one that is made for it. */
  readonly store?: DocumentStore;
}

/** A test asks far more often than people do, and on a machine that has much else to do. */
const ROOM = ['--max-requests-per-second', '1000000', '--request-burst', '1000000', '--max-lag-ms', '60000'];

/** The whole server in this process, on a port of its own; documents are in memory unless `args` say otherwise. */
export async function startAccessServer(options: AccessServerOptions = {}): Promise<AccessServer> {
  const { auth = JWT_FLAGS, args = [], authenticator, store: own } = options;
  const log = collectLog();
  const given = new Set(args.filter((arg) => arg.startsWith('--')));
  const store = given.has('--store') ? [] : ['--store', 'memory:'];
  const config = loadConfig(['--port', '0', ...store, ...auth, ...ROOM, ...args], {});
  const server = await startServer({ config, log, authenticator, store: own });
  return { ...server, entries: log.entries };
}
