import { Admin, type AdminOptions } from '../../server/admin/admin.js';
import { RecentErrors } from '../../server/admin/recent-errors.js';
import type { AccessControl } from '../../server/auth/access.js';
import { openAccess } from '../../server/auth/open-access.js';
import { makeLink } from '../../server/auth/share-links.js';
import { LocalBus } from '../../server/cluster/local-bus.js';
import type { DocumentCopies } from '../../server/copies/copies.js';
import { createCopies } from '../../server/copies/create-copies.js';
import type { Documents } from '../../server/documents/documents.js';
import { LinkManagement } from '../../server/documents/link-management.js';
import { Making } from '../../server/documents/making.js';
import { Management } from '../../server/documents/management.js';
import { Edge, type EdgeOptions } from '../../server/edge/edge.js';
import type { ApiDeps } from '../../server/http/api-deps.js';
import type { DocumentStore } from '../../server/storage/store.js';
import { AuditLog } from '../../server/telemetry/audit-log.js';
import { UNCOUNTED } from '../../server/telemetry/counters.js';
import type { Buckets, NodeFigures } from '../../server/telemetry/figures.js';
import type { Log } from '../../server/telemetry/log.js';
import type { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { type Clock, systemClock } from '../../shared/time.js';
import { inlineCrdt, LIMITS } from './document-node.js';
import { inlineCopies } from './inline-copies.js';
import { UNLIMITED } from './unmetered.js';

const OPEN_EDGE: EdgeOptions = {
  allowedOrigins: [],
  trustedProxies: [],
  localOnly: false,
  maxConnectionsPerAddress: 1_000,
  maxConnectionsPerUser: 1_000,
};

const API_LIMITS: ApiDeps['limits'] = {
  maxRequestsPerSecond: 50,
  requestBurst: 200,
  maxBodyBytes: 65_536,
  maxUpdateBytes: LIMITS.maxUpdateBytes,
  maxDocumentBytes: LIMITS.maxDocumentBytes,
  maxStateVectorBytes: 65_536,
  maxArchiveBytes: 16 * 1024 * 1024,
  ...UNLIMITED,
  maxFollowersPerDocument: 100,
};

/** Everything behind the API but the network, for a server whose everybody is let in unless `access` says otherwise. */
export function apiDeps(parts: {
  readonly store: DocumentStore;
  readonly documents: Documents;
  readonly log: Log;
  readonly access?: AccessControl;
  readonly clock?: Clock;
  readonly edge?: Partial<EdgeOptions>;
  readonly limits?: Partial<ApiDeps['limits']>;
  readonly copies?: DocumentCopies;
}): ApiDeps {
  const { store, documents, log, access = openAccess, clock = systemClock({ unref: true }) } = parts;
  const managed = { access, store, documents, makeLink, clock, audit: new AuditLog(log) };
  return {
    admin: adminOf({ store, documents, log, access, clock }),
    management: new Management(managed),
    making: new Making(managed),
    links: new LinkManagement(managed),
    documents,
    copies: parts.copies ?? copiesOf(documents, { clock, log }),
    receipts: store,
    edge: new Edge({ ...OPEN_EDGE, ...parts.edge }),
    limits: { ...API_LIMITS, ...parts.limits },
    clock,
    random: Math.random,
    counters: UNCOUNTED,
    log,
    version: '1.2.3',
  };
}

const NOTHING: Buckets = { bounds: [], counts: [0], sum: 0 };

/** What a node has counted that has done nothing. */
export const NO_FIGURES: NodeFigures = {
  ...{
    sessions: 0,
    connections: 0,
    followers: 0,
    openDocuments: 0,
    lagMs: 0,
    waitingEdits: 0,
    outgoingBytes: 0,
  },
  ...{
    joins: 0,
    edits: 0,
    editBytes: 0,
    sentUpdates: 0,
    bytesIn: 0,
    bytesOut: 0,
    commits: 0,
    compactions: 0,
  },
  ...{ resyncs: 0, ackMs: NOTHING, commitMs: NOTHING, refused: {} },
};

/** What operators see and do, on a node that knows of no other unless it is given a bus. */
export function adminOf(
  parts: Pick<AdminOptions, 'store' | 'documents' | 'access' | 'clock'> &
    Partial<AdminOptions> & { readonly log: Log },
): Admin {
  const { log, clock, documents } = parts;
  return new Admin({
    bus: new LocalBus({ sharedStore: false }),
    crdt: inlineCrdt,
    audit: new AuditLog(log),
    errors: new RecentErrors(log, clock),
    drainTimes: {},
    facts: {
      version: '1.2.3',
      figures: () => NO_FIGURES,
      state: () => (documents.draining ? 'draining' : 'ok'),
      store: () => ({ description: 'memory:', saving: true }),
      bus: () => 'none',
    },
    ...parts,
  });
}

/** Copies of documents in the test's own thread. */
export function copiesOf(
  documents: Documents,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): DocumentCopies {
  const maxBytes = 64 * 1024 * 1024;
  return createCopies({
    documents,
    work: inlineCopies(),
    clock,
    random: Math.random,
    log,
    maxBytes,
  });
}

/** Copies that a test can see at work. */
export class WatchedCopies implements DocumentCopies {
  /** How often somebody has looked into a document. */
  views = 0;
  /** Why somebody cannot look into a document now, if he cannot. */
  refuse: (id: DocumentId) => CoscribeError | undefined = () => undefined;
  /** Whoever looks waits for it. */
  gate: Promise<void> = Promise.resolve();

  constructor(private readonly copies: DocumentCopies) {}

  async view(...asked: Parameters<DocumentCopies['view']>): ReturnType<DocumentCopies['view']> {
    this.views++;
    await this.gate;
    const refusal = this.refuse(asked[0]);
    if (refusal !== undefined) throw refusal;
    return this.copies.view(...asked);
  }

  change(...asked: Parameters<DocumentCopies['change']>): ReturnType<DocumentCopies['change']> {
    return this.copies.change(...asked);
  }

  follow(...asked: Parameters<DocumentCopies['follow']>): ReturnType<DocumentCopies['follow']> {
    return this.copies.follow(...asked);
  }

  letGo(...asked: Parameters<DocumentCopies['letGo']>): void {
    this.copies.letGo(...asked);
  }

  close(): Promise<void> {
    return this.copies.close();
  }
}
