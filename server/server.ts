import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseDocumentId } from '../shared/ids.js';
import { systemClock } from '../shared/time.js';
import type { Authenticator } from './auth/access.js';
import { makeLink } from './auth/share-links.js';
import { chooseAccess } from './choose-access.js';
import { openBus } from './cluster/open-bus.js';
import { findInstallation } from './config/installation.js';
import type { Config } from './config/load-config.js';
import { Documents } from './documents/documents.js';
import { LinkManagement } from './documents/link-management.js';
import { Management } from './documents/management.js';
import { Purges } from './documents/purges.js';
import { Edge } from './edge/edge.js';
import { createHttpServer } from './edge/http-server.js';
import { reloadTls } from './edge/tls.js';
import { closeConnections } from './gateway/close-connections.js';
import { serveSocketIo } from './gateway/socket-io-gateway.js';
import { type BusState, createHttpApp, type Readiness } from './http/app.js';
import { openStore } from './storage/open-store.js';
import { AuditLog } from './telemetry/audit-log.js';
import { EventLoopLag } from './telemetry/event-loop-lag.js';
import type { Log } from './telemetry/log.js';
import { PromMetrics } from './telemetry/prom-metrics.js';
import { CrdtThread } from './workers/crdt-thread.js';

export interface RunningServer {
  /** Where it listens: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly store: string;
  /**
   * Lets the clients go over to other nodes if there are any, refuses joins, commits and answers what it has, tells the
   * clients that are left to reconnect in a moment, closes everything.
   * Fulfils with `true`; with `false` if `stopTimeoutMs` passed first, so that something may be unfinished.
   */
  stop(): Promise<boolean>;
  /**
   * To be called when who may do what in a document has changed: the authenticator is asked again about everybody who has
   * it open, on this node at once, on others within 2.2 s, on all even if this process ends meanwhile.
   *
   * @throws CoscribeError `invalid-document-id`, `store-unavailable`
   */
  accessChanged(document: string): Promise<void>;
  /**
   * Voids tokens: all that a user was given up to now, or the one of this name. Sessions that have them end, on this node
   * at once, on others within 2.2 s.
   *
   * @throws CoscribeError `store-unavailable`
   */
  revokeTokens(of: { readonly user: string } | { readonly tokenId: string }): Promise<void>;
  /**
   * Reads certificate and key again, for connections from now on. If they don't serve, that is logged, and the old ones stay.
   * Without TLS it does nothing.
   */
  reloadCertificate(): void;
}

export interface ServerOptions {
  readonly config: Config;
  readonly log: Log;
  /** Who is let in, instead of what `config.auth` says. Links work beside it. */
  readonly authenticator?: Authenticator;
}

/** Wires the store, the documents, the gateways and HTTP together, and listens. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const opened: (() => Promise<unknown>)[] = [];
  try {
    return await start(options, opened);
  } catch (error) {
    for (const close of opened.reverse()) await close();
    throw error;
  }
}

/** @param opened takes what has to be closed if the start fails, in the order in which it was opened */
async function start(
  { config, log, authenticator }: ServerOptions,
  opened: (() => Promise<unknown>)[],
): Promise<RunningServer> {
  const clock = systemClock({ unref: true });
  const random = Math.random;
  const metrics = new PromMetrics();
  const store = await openStore(config.store);
  opened.push(() => store.close());
  const access = await chooseAccess({ config, authenticator, store, clock, log });
  const bus = await openBus({
    url: config.redisUrl,
    sharedStore: store.shared,
    // While it waits for Redis at the start, nothing else keeps the process from ending.
    clock: systemClock(),
    random,
    log,
    counters: metrics,
  });
  opened.push(() => bus.close());
  const crdt = new CrdtThread({ clock, maxDocumentBytes: config.maxDocumentBytes });
  opened.push(() => crdt.close());
  const lag = new EventLoopLag(clock, config.maxLagMs);
  opened.push(async () => lag.stop());
  const documents = new Documents({
    store,
    access,
    busy: () => lag.tooLong,
    bus,
    crdt,
    clock,
    random,
    log,
    counters: metrics,
    unloadAfterMs: config.unloadAfterMs,
    limits: {
      maxUpdateBytes: config.maxUpdateBytes,
      maxDocumentBytes: config.maxDocumentBytes,
      maxDeleteRanges: config.maxDeleteRanges,
      maxAwarenessBytes: config.maxAwarenessBytes,
      maxAwarenessDepth: config.maxAwarenessDepth,
      maxPendingBytes: config.maxPendingBytes,
      maxSessions: config.maxSessionsPerDocument,
      maxClientIds: config.maxClientIds,
    },
  });
  opened.push(() => documents.stop());
  await documents.start();
  const readiness = (): Readiness => {
    if (documents.draining) return 'draining';
    return documents.saving ? 'ok' : 'not ready';
  };
  const busState = (): BusState => {
    if (config.redisUrl === '') return 'none';
    return bus.connected ? 'ok' : 'away';
  };
  metrics.watch({
    openDocuments: () => documents.openCount,
    saving: () => documents.saving,
    busConnected: () => (config.redisUrl === '' ? undefined : bus.connected),
  });
  const audit = new AuditLog(log);
  const managed = { access, store, documents, makeLink, clock, audit };
  const management = new Management(managed);
  const links = new LinkManagement(managed);
  // Where everybody is let in, nobody may come under the name of a page of his own.
  const localNamesOnly = access.mode === 'open' && config.openToAll === 'no';
  const edge = new Edge({ ...config, localNamesOnly });
  const http = createHttpServer(config, edge.proxies);
  const api = { management, links, edge, limits: config, clock };
  http.on(
    'request',
    createHttpApp({ ...api, readiness, bus: busState, metrics, log, ...findInstallation() }),
  );
  const io = serveSocketIo({ http, documents, edge, limits: config, clock, counters: metrics, log });
  await listen(http, config.port, config.host);
  if (access.mode === 'open') {
    const where = config.openToAll === 'yes' ? config.host : 'this machine';
    log.warn({ auth: 'open' }, `Everybody who reaches ${where} may read, change and delete every document`);
  }
  const { keepDeletedMs } = config;
  const purges = new Purges({ store, clock, random, log, keepDeletedMs });
  purges.start();
  const { address, family, port } = http.address() as AddressInfo;
  return {
    url: `${config.tlsCert === '' ? 'http' : 'https'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    store: store.description,
    accessChanged: async (document) => management.accessChanged(parseDocumentId(document)),
    revokeTokens: (of) => management.voidTokens(of),
    reloadCertificate() {
      if (config.tlsCert === '') return;
      try {
        reloadTls(http, config);
        log.info({ certificate: config.tlsCert }, 'The TLS certificate was read again');
      } catch (error) {
        log.error({ err: error }, 'The TLS certificate could not be read again; the old one stays');
      }
    },
    async stop() {
      purges.stop();
      const { stopTimeoutMs, drainDelayMs: delayMs } = config;
      const drainMs = (stopTimeoutMs - delayMs) * DRAIN_SHARE;
      const inTime = await within(stopTimeoutMs, documents.stop({ delayMs, drainMs }));
      if (!inTime) documents.abandon();
      await within(CLOSE_TIMEOUT_MS, closeConnections(io));
      await within(CLOSE_TIMEOUT_MS, io.close());
      http.closeAllConnections();
      lag.stop();
      await crdt.close();
      await within(CLOSE_TIMEOUT_MS, bus.close());
      await within(CLOSE_TIMEOUT_MS, store.close());
      return inTime;
    },
  };
}

/** Of the time for a stop, how much clients may take to go over to other nodes; the rest is for saving. */
const DRAIN_SHARE = 0.5;

/** Time for connections, and then for files, to close once everything is committed, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;

function listen(http: HttpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      resolve();
    });
  });
}

/** Whether the work is done within so many milliseconds; it goes on behind if not. */
async function within(ms: number, work: Promise<void>): Promise<boolean> {
  const clock = systemClock();
  let expire = (): void => {};
  const expired = new Promise<boolean>((resolve) => {
    expire = () => resolve(false);
  });
  const timer = clock.schedule(ms, expire);
  try {
    return await Promise.race([work.then(() => true), expired]);
  } finally {
    clock.cancel(timer);
  }
}
