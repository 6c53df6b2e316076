/**
 * What operators see: the answers of `/api/admin` and its stream. Types only. Times are milliseconds, moments
 * milliseconds since the Unix epoch, sizes bytes.
 */

export interface AdminQuantiles {
  readonly p50: number | null;
  readonly p99: number | null;
}

/** How a node fared in the last second or two, as it says itself. */
export interface NodeReport {
  readonly node: string;
  readonly version: string;
  readonly startedAt: number;
  readonly at: number;
  readonly state: 'ok' | 'draining' | 'not ready';
  /** Share of one core, 0 to 1 and more. */
  readonly cpu: number;
  readonly rss: number;
  readonly heap: number;
  readonly lagMs: number;
  readonly sessions: number;
  readonly connections: number;
  readonly followers: number;
  readonly documents: number;
  readonly waitingEdits: number;
  readonly outgoingBytes: number;
  readonly editsPerSecond: number;
  readonly deliveriesPerSecond: number;
  readonly bytesInPerSecond: number;
  readonly bytesOutPerSecond: number;
  readonly commitsPerSecond: number;
  readonly ackMs: AdminQuantiles;
  readonly commitMs: AdminQuantiles;
  readonly store: { readonly description: string; readonly saving: boolean };
  readonly bus: 'ok' | 'away' | 'none';
  /** Refusals by code since the report before. */
  readonly refused: Readonly<Record<string, number>>;
  /** The documents with the most traffic at this node, at most 20. */
  readonly busiest: readonly DocumentTraffic[];
}

export interface DocumentTraffic {
  readonly id: string;
  readonly sessions: number;
  readonly editsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** Something that went wrong lately, as a node logged it (warnings and errors). */
export interface RecentError {
  readonly node: string;
  readonly at: number;
  readonly level: 'warn' | 'error';
  readonly message: string;
  readonly code?: string;
  readonly document?: string;
}

/** `GET /api/admin`, and the event `overview` of `GET /api/admin/events`, once a second. */
export interface AdminOverview {
  /** The node that answers. */
  readonly node: string;
  readonly at: number;
  /** Itself first, then the others by name. */
  readonly nodes: readonly NodeReport[];
  /** Newest first, at most 100, of all nodes. */
  readonly errors: readonly RecentError[];
  /** Nodes that are there, as far as is known, and have not told of themselves lately. */
  readonly silent: readonly string[];
}

/** A document of a list; what is not known is left out. */
export interface AdminListedDocument {
  readonly id: string;
  readonly head?: number;
  readonly updatedAt?: number;
  readonly sessions?: number;
  readonly editsPerSecond?: number;
  readonly bytesPerSecond?: number;
}

/** `GET /api/admin/documents`. */
export interface AdminDocumentList {
  readonly documents: readonly AdminListedDocument[];
  /** As `AdminOverview.silent`. */
  readonly silent: readonly string[];
}

/** Somebody who is in a document. */
export interface AdminSession {
  /** Names the session among all of all nodes: `{node}.{number}`. */
  readonly id: string;
  readonly node: string;
  readonly user: string;
  readonly role: string;
  readonly protocol: string;
  readonly address: string;
  readonly since: number;
}

/** `GET /api/admin/documents/{workspace}/{name}`. Of a deleted document generation and sizes are not told: empty, and 0. */
export interface AdminDocument {
  readonly id: string;
  readonly generation: string;
  readonly head: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt?: number;
  readonly snapshotSeq: number;
  readonly snapshotBytes: number;
  /** First row of the log that is kept, and how many there are after the snapshot. */
  readonly firstRow: number;
  readonly tailRows: number;
  /** Bytes of these rows; only a node that has the document in memory knows them. */
  readonly tailBytes?: number;
  /** Of all nodes, at most 500 of each. */
  readonly sessions: readonly AdminSession[];
  /** How many more there are. */
  readonly moreSessions: number;
  /** Nodes that have it in memory. */
  readonly openAt: readonly string[];
  /** Nodes that were asked and did not answer in time. */
  readonly silent: readonly string[];
}

/** `POST …/verify`: what a document's log and snapshot were found to be. */
export interface AdminVerification {
  readonly ok: boolean;
  /** Sentences. */
  readonly problems: readonly string[];
  readonly rows: number;
  readonly bytes: number;
}
