import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bus } from '../../server/cluster/bus.js';
import { LocalBus } from '../../server/cluster/local-bus.js';
import type { DocumentLimits } from '../../server/documents/admission.js';
import type { CompactionPolicy } from '../../server/documents/compaction-policy.js';
import { Documents } from '../../server/documents/documents.js';
import type { QuietCheckPolicy } from '../../server/documents/quiet-checks.js';
import { serveSocketIo } from '../../server/gateway/socket-io-gateway.js';
import type { CoscribeIo } from '../../server/gateway/socket-types.js';
import { parseDocumentId } from '../../shared/ids.js';
import { type Random, systemClock } from '../../shared/time.js';
import { collectLog } from './collect-log.js';
import { inlineCrdt } from './document-node.js';
import { GatedStore } from './gated-store.js';

export interface GatewayServer {
  readonly url: string;
  readonly port: number;
  readonly io: CoscribeIo;
  readonly documents: Documents;
  readonly store: GatedStore;
  readonly log: ReturnType<typeof collectLog>;
  stop(): Promise<void>;
}

export const GATEWAY_LIMITS: DocumentLimits = {
  maxUpdateBytes: 256 * 1024,
  maxDocumentBytes: 10 * 1024 * 1024,
  maxDeleteRanges: 10_000,
  maxAwarenessBytes: 1024,
  maxPendingBytes: 8 * 1024 * 1024,
};

/** The Socket.IO gateway over real sockets, on documents that are kept in memory. */
export async function startGateway(
  options: {
    readonly limits?: Partial<DocumentLimits>;
    readonly unloadAfterMs?: number;
    readonly compaction?: CompactionPolicy;
    readonly quietChecks?: QuietCheckPolicy;
    /** For one of several nodes: what they share. */
    readonly bus?: Bus;
    readonly store?: GatedStore;
    readonly random?: Random;
    /** Answers HTTP; nothing is there unless given. */
    readonly http?: RequestListener;
  } = {},
): Promise<GatewayServer> {
  const store = options.store ?? new GatedStore();
  const log = collectLog();
  const limits = { ...GATEWAY_LIMITS, ...options.limits };
  const documents = new Documents({
    counters: { count: () => {} },
    bus: options.bus ?? new LocalBus({ sharedStore: false }),
    store,
    log,
    limits,
    crdt: inlineCrdt,
    clock: systemClock({ unref: true }),
    random: options.random ?? Math.random,
    unloadAfterMs: options.unloadAfterMs ?? 0,
    ...(options.compaction === undefined ? {} : { compaction: options.compaction }),
    ...(options.quietChecks === undefined ? {} : { quietChecks: options.quietChecks }),
  });
  const http = createServer(options.http ?? ((_request, response) => response.writeHead(404).end()));
  const { maxUpdateBytes, maxDocumentBytes } = limits;
  const io = serveSocketIo({ http, documents, log, maxUpdateBytes, maxDocumentBytes });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    io,
    documents,
    store,
    log,
    async stop() {
      await documents.stop();
      await io.close();
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
