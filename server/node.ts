import { dirname } from 'node:path';
import { systemClock } from '../shared/time.js';
import { Admin } from './admin/admin.js';
import { RecentErrors } from './admin/recent-errors.js';
import type { Authenticator } from './auth/access.js';
import { makeLink } from './auth/share-links.js';
import { chooseAccess } from './choose-access.js';
import { openBus } from './cluster/open-bus.js';
import { findInstallation } from './config/installation.js';
import type { Config } from './config/options.js';
import type { DocumentCopies } from './copies/copies.js';
import { createCopies } from './copies/create-copies.js';
import { Documents } from './documents/documents.js';
import { LinkManagement } from './documents/link-management.js';
import { Making } from './documents/making.js';
import { Management } from './documents/management.js';
import { Purges } from './documents/purges.js';
import { ServerEdits } from './documents/server-edits.js';
import { Edge } from './edge/edge.js';
import type { GatewayServices } from './gateway/gateway-services.js';
import type { Hooks } from './hooks/hooks.js';
import type { BusState, Readiness } from './http/app.js';
import { openStore } from './storage/open-store.js';
import type { DocumentStore } from './storage/store.js';
import { readStoreAddress } from './storage/store-address.js';
import { AuditLog } from './telemetry/audit-log.js';
import { EventLoopLag } from './telemetry/event-loop-lag.js';
import type { Log } from './telemetry/log.js';
import { openTraces } from './telemetry/open-traces.js';
import { PromMetrics } from './telemetry/prom-metrics.js';
import { configuredHooks } from './webhooks/configured-hooks.js';
import type { WebhookOptions } from './webhooks/hook-settings.js';
import { tellingStore } from './webhooks/telling-store.js';
import { Webhooks } from './webhooks/webhooks.js';
import { within } from './within.js';
import { CopyThread } from './workers/copy-thread.js';
import { CrdtThread } from './workers/crdt-thread.js';

/** What Coscribe is made of, on one machine of one or several. */
export interface NodeOptions {
  readonly config: Config;
  readonly log: Log;
  /** Who is let in, instead of what `config.auth` says. Links work beside it. */
  readonly authenticator?: Authenticator | undefined;
  /** Where documents are kept, instead of what `config.store` says. It stays open. */
  readonly store?: DocumentStore | undefined;
  /** Where the application takes part in what happens to documents. */
  readonly hooks?: Hooks | undefined;
  /** How long each hook may take, in milliseconds. 10 s unless given. */
  readonly hookTimeoutMs?: number | undefined;
  /** Who is told over HTTP when documents have changed, beside the one that `config` may name. */
  readonly webhooks?: readonly WebhookOptions[] | undefined;
}

/** Of the time for a stop, how much clients may take to go over to other nodes; the rest is for saving. */
const DRAIN_SHARE = 0.5;

/** What copies of documents take for those who have none, in bytes of updates, unless two documents can be larger. */
const COPIED_BYTES = 64 * 1024 * 1024;

/** Begins the address of an embedded store; the rest is its file. */
const SQLITE = 'sqlite:';

/** Time for connections, and then for files, to close once everything is committed, in milliseconds. */
export const CLOSE_TIMEOUT_MS = 2_000;

/**
 * Everything of a node but its ways in: the store, the other nodes, the documents, what manages them, and what looks after
 * them. Gateways are put before it; `stop` ends them at the right moment.
 */
export interface Node {
  readonly store: DocumentStore;
  readonly admin: Admin;
  readonly management: Management;
  readonly making: Making;
  readonly links: LinkManagement;
  /** The application's own. */
  readonly edits: ServerEdits;
  readonly metrics: PromMetrics;
  /** What gateways of our own protocol work with. */
  readonly services: GatewayServices & { readonly copies: DocumentCopies };
  readiness(): Readiness;
  bus(): BusState;
  /** As `RunningServer.retryWebhooks`. */
  retryWebhooks(): void;
  /**
   * As `RunningServer.stop`.
   *
   * @param closeGateways called once everything is saved and the clients are told
   */
  stop(closeGateways: () => Promise<void>): Promise<boolean>;
}

/** @throws ConfigError, StoreOpenError, BusOpenError; CoscribeError `store-unavailable`. Nothing is left open then */
export async function startNode(options: NodeOptions): Promise<Node> {
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
  {
    config,
    log: outlet,
    authenticator,
    store: given,
    hooks,
    hookTimeoutMs,
    webhooks: more = [],
  }: NodeOptions,
  opened: (() => Promise<unknown>)[],
): Promise<Node> {
  const clock = systemClock({ unref: true });
  const random = Math.random;
  const log = new RecentErrors(outlet, clock);
  const metrics = new PromMetrics();
  const address = given === undefined ? readStoreAddress(config.store) : '';
  const kept = given ?? (await openStore(address));
  const closeStore = async (): Promise<void> => {
    if (given === undefined) await kept.close();
  };
  opened.push(closeStore);
  const allHooks = [...configuredHooks(config), ...more];
  const webhooks = new Webhooks({ store: kept, hooks: allHooks, clock, random, log, counters: metrics });
  opened.push(() => webhooks.stop());
  const store = webhooks.tellsLife ? tellingStore(kept, (id, kind) => webhooks.happened(id, kind)) : kept;
  const access = await chooseAccess({ config, authenticator, store, clock, log });
  const bus = await openBus({
    url: config.redisUrl,
    nodeName: config.nodeName,
    sharedStore: store.shared,
    // While it waits for Redis at the start, nothing else keeps the process from ending.
    clock: systemClock(),
    random,
    log,
    counters: metrics,
  });
  opened.push(() => bus.close());
  const traces = await openTraces({ ...config, ...findInstallation() }, bus.node, clock);
  opened.push(async () => traces?.close());
  const crdt = new CrdtThread({ clock, counters: metrics, maxDocumentBytes: config.maxDocumentBytes });
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
    traces,
    unloadAfterMs: config.unloadAfterMs,
    onCommitted: (document, rows) => webhooks.committed(document, rows),
    ...(hooks !== undefined && { hooks }),
    ...(hookTimeoutMs !== undefined && { hookTimeoutMs }),
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
  await webhooks.start();
  const copiedBytes = Math.max(COPIED_BYTES, 2 * config.maxDocumentBytes);
  const copyWork = new CopyThread({ clock, counters: metrics, maxBytes: copiedBytes });
  const { version } = findInstallation();
  metrics.watch(
    {
      census: () => documents.census(),
      saving: () => documents.saving,
      draining: () => documents.draining,
      busConnected: () => (config.redisUrl === '' ? undefined : bus.connected),
      lagMs: () => lag.ms,
      jobsWaiting: () => ({ crdt: crdt.waiting, copies: copyWork.waiting }),
      ...(address.startsWith(SQLITE) && { storeFolder: dirname(address.slice(SQLITE.length)) }),
      ...(allHooks.length > 0 && { webhooksWaiting: () => webhooks.waiting }),
    },
    { version, node: config.nodeName || bus.node },
  );
  const copies = createCopies({
    documents,
    work: copyWork,
    clock,
    random,
    log,
    maxBytes: copiedBytes,
  });
  opened.push(() => copies.close());
  const audit = new AuditLog(log);
  const managed = { access, store, documents, makeLink, clock, audit };
  // Where everybody is let in, nobody may come under the name of a page of his own.
  const localOnly = access.mode === 'open' && config.openToAll === 'no';
  const edge = new Edge({ ...config, localOnly });
  const purges = new Purges({ store, clock, random, log, keepDeletedMs: config.keepDeletedMs });
  purges.start();
  const readiness = (): Readiness => {
    if (documents.draining) return 'draining';
    return documents.saving ? 'ok' : 'not ready';
  };
  const busState = (): BusState => {
    if (config.redisUrl === '') return 'none';
    return bus.connected ? 'ok' : 'away';
  };
  const { stopTimeoutMs, drainDelayMs: delayMs } = config;
  const drainTimes = { delayMs, drainMs: (stopTimeoutMs - delayMs) * DRAIN_SHARE };
  const admin = new Admin({
    ...{ access, bus, store, documents, crdt, clock, audit, errors: log, drainTimes },
    facts: {
      version,
      figures: () => metrics.figures(),
      state: readiness,
      store: () => ({ description: store.description, saving: documents.saving }),
      bus: busState,
    },
  });
  return {
    store,
    admin,
    management: new Management(managed),
    making: new Making(managed),
    links: new LinkManagement(managed),
    edits: new ServerEdits({ documents, clock, random, log }),
    metrics,
    services: {
      documents,
      copies,
      edge,
      limits: config,
      clock,
      random,
      counters: metrics,
      ways: metrics,
      log,
    },
    readiness,
    bus: busState,
    retryWebhooks: () => webhooks.retry(),
    async stop(closeGateways) {
      purges.stop();
      const stopped = within(stopTimeoutMs, documents.stop(drainTimes));
      admin.stateChanged();
      const inTime = await stopped;
      if (!inTime) documents.abandon();
      admin.stop();
      await closeGateways();
      lag.stop();
      await copies.close();
      await crdt.close();
      await within(CLOSE_TIMEOUT_MS, bus.close());
      if (traces !== undefined) await within(CLOSE_TIMEOUT_MS, traces.close());
      await within(CLOSE_TIMEOUT_MS, webhooks.stop());
      await within(CLOSE_TIMEOUT_MS, closeStore());
      return inTime;
    },
  };
}
