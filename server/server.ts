import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseDocumentId } from '../shared/ids.js';
import { systemClock } from '../shared/time.js';
import type { Bus } from './cluster/bus.js';
import { openBus } from './cluster/open-bus.js';
import { findInstallation } from './config/installation.js';
import type { Config } from './config/load-config.js';
import { Documents } from './documents/documents.js';
import { closeConnections } from './gateway/close-connections.js';
import { serveSocketIo } from './gateway/socket-io-gateway.js';
import { type BusState, createHttpApp, type Readiness } from './http/app.js';
import { openStore } from './storage/open-store.js';
import type { DocumentSummary, ListQuery } from './storage/store.js';
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
   * To be called when who may do what in a document has changed: its sessions, on every node, are closed and have to
   * connect again, which shows who they are.
   *
   * @throws CoscribeError `invalid-document-id`
   */
  accessChanged(document: string): Promise<void>;
}

export interface ServerOptions {
  readonly config: Config;
  readonly log: Log;
}

/** Bounds that are not options yet, in bytes and ranges. */
const MAX_DELETE_RANGES = 10_000;
const MAX_AWARENESS_BYTES = 1024;
const MAX_PENDING_BYTES = 8 * 1024 * 1024;

/** Wires the store, the documents, the gateways and HTTP together, and listens. */
export async function startServer({ config, log }: ServerOptions): Promise<RunningServer> {
  const clock = systemClock({ unref: true });
  const random = Math.random;
  const metrics = new PromMetrics();
  const store = await openStore(config.store);
  let bus: Bus;
  try {
    bus = await openBus({
      url: config.redisUrl,
      sharedStore: store.shared,
      // While it waits for Redis at the start, nothing else keeps the process from ending.
      clock: systemClock(),
      random,
      log,
      counters: metrics,
    });
  } catch (error) {
    await store.close();
    throw error;
  }
  const crdt = new CrdtThread({ clock, maxDocumentBytes: config.maxDocumentBytes });
  const documents = new Documents({
    store,
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
      maxDeleteRanges: MAX_DELETE_RANGES,
      maxAwarenessBytes: MAX_AWARENESS_BYTES,
      maxPendingBytes: MAX_PENDING_BYTES,
    },
  });
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
  const list = (query: ListQuery): Promise<readonly DocumentSummary[]> => store.list(query);
  const http = createServer(
    createHttpApp({ list, readiness, bus: busState, metrics, log, ...findInstallation() }),
  );
  const { maxUpdateBytes, maxDocumentBytes } = config;
  const io = serveSocketIo({ http, documents, log, maxUpdateBytes, maxDocumentBytes });
  try {
    await listen(http, config.port, config.host);
  } catch (error) {
    await crdt.close();
    await bus.close();
    await store.close();
    throw error;
  }
  const { address, family, port } = http.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    store: store.description,
    accessChanged: (document) => documents.accessChanged(parseDocumentId(document)),
    async stop() {
      const { stopTimeoutMs, drainDelayMs: delayMs } = config;
      const drainMs = (stopTimeoutMs - delayMs) * DRAIN_SHARE;
      const inTime = await within(stopTimeoutMs, documents.stop({ delayMs, drainMs }));
      if (!inTime) documents.abandon();
      await within(CLOSE_TIMEOUT_MS, closeConnections(io));
      await within(CLOSE_TIMEOUT_MS, io.close());
      http.closeAllConnections();
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
