import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AccessControl } from '../../server/auth/access.js';
import { openAccess } from '../../server/auth/open-access.js';
import type { Bus } from '../../server/cluster/bus.js';
import { LocalBus } from '../../server/cluster/local-bus.js';
import type { DocumentLimits } from '../../server/documents/admission.js';
import type { CompactionPolicy } from '../../server/documents/compaction-policy.js';
import { Documents } from '../../server/documents/documents.js';
import type { QuietCheckPolicy } from '../../server/documents/quiet-checks.js';
import { Edge, type EdgeOptions } from '../../server/edge/edge.js';
import { createHttpServer } from '../../server/edge/http-server.js';
import { refuseOtherUpgrades } from '../../server/edge/upgrades.js';
import type { GatewayLimits, GatewayServices } from '../../server/gateway/gateway-services.js';
import { serveSocketIo } from '../../server/gateway/socket-io-gateway.js';
import type { CoscribeIo } from '../../server/gateway/socket-types.js';
import { WebSocketDoor } from '../../server/gateway/websocket/door.js';
import { webSocketProtocols } from '../../server/gateway/websocket/gateways.js';
import type { Hooks } from '../../server/hooks/hooks.js';
import { type CounterName, type Counters, UNCOUNTED } from '../../server/telemetry/counters.js';
import type { EditTraces } from '../../server/telemetry/edit-traces.js';
import { parseDocumentId } from '../../shared/ids.js';
import { type Clock, type Random, systemClock } from '../../shared/time.js';
import { collectLog } from './collect-log.js';
import { inlineCrdt } from './document-node.js';
import { GatedStore } from './gated-store.js';
import { UNLIMITED } from './unmetered.js';

export interface GatewayServer {
  readonly url: string;
  readonly port: number;
  readonly io: CoscribeIo;
  /** What is served over WebSockets without Socket.IO. */
  readonly door: WebSocketDoor;
  readonly documents: Documents;
  readonly edge: Edge;
  readonly store: GatedStore;
  readonly log: ReturnType<typeof collectLog>;
  /** What the gateway has counted, in order. */
  readonly counted: readonly CounterName[];
  /** What was refused, in order, and by which code: `connection too-many-joins`. */
  readonly refused: readonly string[];
  stop(): Promise<void>;
}

export const GATEWAY_LIMITS: DocumentLimits = {
  maxUpdateBytes: 256 * 1024,
  maxDocumentBytes: 10 * 1024 * 1024,
  maxDeleteRanges: 10_000,
  maxAwarenessBytes: 1024,
  maxAwarenessDepth: 4,
  maxPendingBytes: 8 * 1024 * 1024,
  maxSessions: 10_000,
  maxClientIds: 50_000,
};

/** Tests send faster than people do. */
const NO_LIMITS: Omit<GatewayLimits, 'maxUpdateBytes' | 'maxDocumentBytes'> = {
  ...UNLIMITED,
  maxDocumentsPerConnection: 100,
  handshakeTimeoutMs: 10_000,
  joinTimeoutMs: 30_000,
};

const OPEN_EDGE: EdgeOptions = {
  allowedOrigins: [],
  trustedProxies: [],
  localOnly: false,
  maxConnectionsPerAddress: 1_000,
  maxConnectionsPerUser: 1_000,
};

/** The gateways over real sockets, on documents that are kept in memory. */
export async function startGateway(
  options: {
    readonly limits?: Partial<DocumentLimits>;
    readonly unloadAfterMs?: number;
    readonly access?: AccessControl;
    readonly compaction?: CompactionPolicy;
    readonly quietChecks?: QuietCheckPolicy;
    /** For one of several nodes: what they share. */
    readonly bus?: Bus;
    readonly store?: GatedStore;
    readonly random?: Random;
    /** How fast clients may be, and how slow. */
    readonly gatewayLimits?: Partial<GatewayLimits>;
    readonly edge?: Partial<EdgeOptions>;
    readonly hooks?: Hooks;
    readonly traces?: EditTraces;
    /** Whether the node has more to do than it can. */
    readonly busy?: () => boolean;
    /** Of the gateway. */
    readonly clock?: Clock;
    /** Answers HTTP; nothing is there unless given. */
    readonly http?: RequestListener;
  } = {},
): Promise<GatewayServer> {
  const store = options.store ?? new GatedStore();
  const log = collectLog();
  const counted: CounterName[] = [];
  const refused: string[] = [];
  const counters: Counters = {
    ...UNCOUNTED,
    count: (name) => void counted.push(name),
    refuse: (what, code) => void refused.push(`${what} ${code}`),
  };
  const limits = { ...GATEWAY_LIMITS, ...options.limits };
  const documents = new Documents({
    counters,
    ...(options.busy === undefined ? {} : { busy: options.busy }),
    bus: options.bus ?? new LocalBus({ sharedStore: false }),
    store,
    access: options.access ?? openAccess,
    log,
    limits,
    crdt: inlineCrdt,
    clock: systemClock({ unref: true }),
    random: options.random ?? Math.random,
    unloadAfterMs: options.unloadAfterMs ?? 0,
    ...(options.compaction === undefined ? {} : { compaction: options.compaction }),
    ...(options.hooks === undefined ? {} : { hooks: options.hooks }),
    traces: options.traces,
    ...(options.quietChecks === undefined ? {} : { quietChecks: options.quietChecks }),
  });
  const edge = new Edge({ ...OPEN_EDGE, ...options.edge });
  const gatewayLimits = { ...limits, ...NO_LIMITS, ...options.gatewayLimits };
  const { handshakeTimeoutMs } = gatewayLimits;
  const { maxConnectionsPerAddress } = { ...OPEN_EDGE, ...options.edge };
  const server = { tlsCert: '', tlsKey: '', handshakeTimeoutMs, maxConnectionsPerAddress };
  const http = createHttpServer(server, edge.proxies);
  http.on('request', options.http ?? ((_request, response) => response.writeHead(404).end()));
  const services: GatewayServices = {
    documents,
    edge,
    limits: gatewayLimits,
    clock: options.clock ?? systemClock({ unref: true }),
    counters,
    log,
    random: options.random ?? Math.random,
  };
  const io = serveSocketIo({ ...services, http });
  const door = new WebSocketDoor(webSocketProtocols(services), services);
  door.listen(http);
  refuseOtherUpgrades(http, [`${io.path()}/`, ...door.paths]);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    io,
    door,
    documents,
    edge,
    store,
    log,
    counted,
    refused,
    async stop() {
      await documents.stop();
      await Promise.all([io.close(), door.close()]);
      http.closeAllConnections();
    },
  };
}

/** Namespaces that exist, without the root. */
export function namespacesOf({ io }: GatewayServer): string[] {
  return [...io._nsps.keys()].filter((name) => name !== '/');
}

/** Last number in a document's log. */
export async function headOf({ store }: GatewayServer, document: string): Promise<number> {
  return (await store.open(parseDocumentId(document), 0)).head;
}
