import { Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Server as SocketIoServer } from 'socket.io';
import type * as Y from 'yjs';
import { parseDocumentId } from '../shared/ids.js';
import { checkKinds, type OptionKinds } from '../shared/option-kinds.js';
import { type Attached, type AttachPaths, attachToHttp, attachToSocketIo } from './attach.js';
import { checkParts } from './check-parts.js';
import { completeConfig, type OfOwnServer } from './config/complete-config.js';
import { ConfigError } from './config/config-error.js';
import { findInstallation } from './config/installation.js';
import type { Config } from './config/options.js';
import type { EditOptions, ReadOptions } from './documents/server-edits.js';
import { NO_WEB_SOCKETS } from './gateway/websocket/gateways.js';
import { held } from './held.js';
import { createMiddleware } from './http/middleware.js';
import { type NodeOptions, startNode } from './node.js';
import type { DocumentStore } from './storage/store.js';
import { createLog } from './telemetry/pino-log.js';

/** Options of the command line that are about a server of its own. */
type OwnServerOption = OfOwnServer | 'logLevel' | 'store';

/**
 * What Coscribe is made of beside other things: any of the server's options under its name in code (`Config`, without those of a
 * server of its own), and what of it is the application's own (`NodeOptions`).
 */
export interface CoscribeOptions
  extends Partial<Omit<Config, OwnServerOption>>,
    Partial<Omit<NodeOptions, 'config' | 'store'>> {
  /**
   * Where documents are kept: `sqlite:FILE` (by default `sqlite:./data/coscribe.db`), `postgres://…`, `memory:`, or a store
   * of your own, which stays open when this is stopped.
   */
  readonly store?: string | DocumentStore;
  /**
   * The least important messages that Coscribe writes to standard output, as JSON where that is no terminal: `warn` by default,
   * `silent` for none. With a `log` of your own leave it out.
   */
  readonly logLevel?: Config['logLevel'];
}

/**
 * Under which paths of an HTTP server documents are served. Whoever gives `path` has said where Coscribe is, and names what
 * else he wants: without it, the others are under their own paths.
 */
export interface AttachOptions {
  /** Of the Socket.IO server: `/socket.io`. */
  readonly path?: string;
  /** Of clients of y-websocket: `/yjs`. `false` for nowhere. */
  readonly yWebSocket?: string | false;
  /** Of providers of Hocuspocus: `/hocuspocus`. `false` for nowhere. */
  readonly hocuspocus?: string | false;
}

const ATTACH_OPTIONS: OptionKinds<AttachOptions> = {
  path: 'string',
  yWebSocket: 'string or boolean',
  hocuspocus: 'string or boolean',
};

/** Anything but a promise: a function that gives one is not done when it returns. */
export type Immediate<T> = T extends PromiseLike<unknown> ? never : T;

/** Coscribe beside the other things that a program serves. */
export interface Coscribe {
  /**
   * Serves documents over an HTTP server, under paths of their own, or in namespaces of a Socket.IO server. It may be called
   * for several servers, before or after they listen. Nothing else of the server is touched: its other requests, upgrades
   * and namespaces are its owner's.
   *
   * @param options for an HTTP server only
   * @throws TypeError with what has to be changed, if documents cannot be served there
   */
  attach(server: HttpServer | HttpsServer | SocketIoServer, options?: AttachOptions): void;

  /**
   * The HTTP API (`/api/documents…`, `/api/workspaces…`, `/api/revocations`, `/api/admin…` for operators, and its description at `/api`) and the script for
   * browsers (`/coscribe.js`), as a middleware of Express and its kin. What it does not know goes on to `next`; without `next` it is answered with 404. It reads the bodies
   * of its requests itself, so it belongs before what else reads them.
   */
  middleware(request: IncomingMessage, response: ServerResponse, next?: () => void): void;

  /**
   * Changes a document from here: as one transaction, checked, saved and shown to everybody as any other edit, whole or not at
   * all. Edits of one document run in the order of the calls, whosever they are, each on what those before it left. A function
   * that throws, or gives a promise, has changed nothing for anybody; one that changes nothing writes nothing.
   *
   * The first use of a document makes a `Y.Doc` of it in this thread, which is kept for some seconds: what edits all the time
   * pays that once.
   *
   * @param change gets the document, and is done with it when it returns: it must neither wait for anything nor keep it
   * @returns what `change` returns, once the edit is durable
   * @throws whatever `change` throws; TypeError if it gives a promise; CoscribeError `invalid-document-id`;
   *   `store-unavailable` if it could not be saved in time, and then it may still be; others that are `retryable`, and then it has
   *   not happened; `no-access` with `create: false`, `document-deleted`, `document-too-large`, `shutting-down`
   */
  edit<T>(document: string, change: (doc: Y.Doc) => Immediate<T>, options?: EditOptions): Promise<T>;

  /**
   * Looks at a document, as it is on disk and known to this process.
   *
   * @param look must not change the document, neither wait for anything, nor keep it
   * @throws as `edit`; `no-access` if there is no such document; TypeError if `look` changes it
   */
  read<T>(document: string, look: (doc: Y.Doc) => Immediate<T>, options?: ReadOptions): Promise<T>;

  /** `false` while nothing can be saved, and once it has been told to stop. */
  readonly ready: boolean;

  /** What is counted and measured, in the text format of Prometheus. */
  metrics(): Promise<string>;

  /** As `RunningServer.accessChanged`. @throws CoscribeError `invalid-document-id`, `store-unavailable` */
  accessChanged(document: string): Promise<void>;

  /** As `RunningServer.revokeTokens`. @throws CoscribeError `store-unavailable` */
  revokeTokens(of: { readonly user: string } | { readonly tokenId: string }): Promise<void>;

  /** As `RunningServer.retryWebhooks`. */
  retryWebhooks(): void;

  /**
   * Refuses joins, commits and answers what it has, tells the clients to reconnect in a moment, and lets go of the servers,
   * which go on. Call it before you close them.
   *
   * @returns `false` if `stopTimeoutMs` passed first, so that something may be unfinished
   */
  stop(): Promise<boolean>;
}

/**
 * Starts Coscribe as a part of your program. Nothing is read from the command line or the environment.
 *
 * Without an `authenticator`, and with `auth` as it is by default (`open`), whoever is on this machine may do everything,
 * and nobody else is let in.
 *
 * @throws ConfigError for options that make no sense; StoreOpenError, BusOpenError
 */
export async function createCoscribe(options: CoscribeOptions = {}): Promise<Coscribe> {
  if (typeof options !== 'object' || options === null)
    throw new ConfigError(['createCoscribe() takes an object with options.']);
  const {
    log: ownLog,
    logLevel = 'warn',
    authenticator,
    hooks,
    hookTimeoutMs,
    webhooks,
    store,
    ...settings
  } = options;
  checkParts({ store, authenticator, log: ownLog, hooks, hookTimeoutMs, webhooks });
  if (ownLog !== undefined && options.logLevel !== undefined)
    throw new ConfigError(['A log of your own has its own level: leave logLevel out.']);
  const address = typeof store === 'string' ? { store } : {};
  const own = typeof store === 'object' ? store : undefined;
  const config = completeConfig({ ...settings, logLevel, ...address });
  const log = ownLog ?? createLog({ level: config.logLevel });
  const node = await held(() =>
    startNode({ config, log, authenticator, hooks, hookTimeoutMs, webhooks, store: own }),
  );
  const { admin, management, making, links, edits, metrics, services } = node;
  const attached: Attached[] = [];
  const middleware = createMiddleware({
    ...services,
    admin,
    management,
    making,
    links,
    receipts: node.store,
    limits: config,
    ...findInstallation(),
  });
  let stopping: Promise<boolean> | undefined;
  return {
    attach(server, options = {}) {
      if (stopping !== undefined) throw new TypeError('This Coscribe has been stopped; create another one.');
      if (isSocketIo(server)) {
        if (Object.keys(options).length > 0)
          throw new TypeError('A Socket.IO server has its own path; leave the options out.');
        attached.push(attachToSocketIo(server, services, { open: isOpen(management.mode, config) }));
      } else if (isHttp(server)) attached.push(attachToHttp(server, services, pathsOf(options)));
      else
        throw new TypeError(
          'attach() takes a server of node:http or node:https, or a Socket.IO server; of an Express application, what its listen() returns.',
        );
    },
    middleware,
    edit: (document, change, given) => held(async () => edits.edit(parseDocumentId(document), change, given)),
    read: (document, look, given) => held(async () => edits.read(parseDocumentId(document), look, given)),
    get ready() {
      return node.readiness() === 'ok';
    },
    metrics: () => metrics.text(),
    accessChanged: (document) => held(async () => management.accessChanged(parseDocumentId(document))),
    revokeTokens: (of) => held(() => management.voidTokens(of)),
    retryWebhooks: () => node.retryWebhooks(),
    stop() {
      stopping ??= held(() =>
        node.stop(async () => {
          await Promise.all(attached.map((one) => one.close()));
        }),
      );
      return stopping;
    },
  };
}

/** @throws TypeError for options that make no sense */
function pathsOf(options: AttachOptions): AttachPaths {
  checkKinds('attach()', options, ATTACH_OPTIONS);
  const { path, ...others } = options;
  if (path === undefined) return { path: '/socket.io', ...others };
  return { path, ...NO_WEB_SOCKETS, ...others };
}

/** Whether everybody would be let in, though nobody has said that this is wanted. */
function isOpen(mode: string, config: Config): boolean {
  return mode === 'open' && config.openToAll === 'no';
}

/** Not by its class: the application may have a copy of the package of its own. */
function isSocketIo(server: unknown): server is SocketIoServer {
  const { of, sockets } = (server ?? {}) as Partial<SocketIoServer>;
  return typeof of === 'function' && sockets !== undefined;
}

function isHttp(server: unknown): server is HttpServer | HttpsServer {
  return server instanceof HttpServer || server instanceof HttpsServer;
}
