import type { DocumentId } from '../../../shared/ids.js';
import type { StoredLink } from '../access-store.js';
import type { LifeEvent } from '../delivery-store.js';
import type { Receipt } from '../receipts.js';
import type { LogRow, Snapshot } from '../store.js';
import type { Finding } from './findings.js';

/** Who first wrote under a clientID. */
export interface StoredAuthor {
  readonly clientId: number;
  readonly author: string;
}

/** What a webhook was told of a document. */
export interface StoredDelivery {
  /** Name of the webhook. */
  readonly hook: string;
  readonly told: number;
  readonly target: number;
  readonly owner: string;
  readonly until: number;
}

/** A name that a document had. */
export interface StoredName {
  readonly id: string;
  readonly movedAt: number;
}

/** Everything that a store keeps of one document. Times are milliseconds since the Unix epoch. */
export interface StoredDocument {
  readonly id: DocumentId;
  /** Its first name, with which its checksums are made. */
  readonly sealedAs: string;
  readonly generation: string;
  readonly head: number;
  readonly firstRow: number;
  readonly snapshotSeq: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt: number | undefined;
  /** Those that are whole, ascending; of those below `firstRow`, which are trimmed, none. */
  readonly rows: readonly LogRow[];
  /** If there is one and it is whole. */
  readonly snapshot: Snapshot | undefined;
  readonly authors: readonly StoredAuthor[];
  readonly links: readonly StoredLink[];
  readonly receipts: readonly Receipt[];
  readonly names: readonly StoredName[];
  readonly deliveries: readonly StoredDelivery[];
}

/** What was read of one document. */
export interface ReadDocument {
  /** Its name, or whatever stands in its place. */
  readonly name: string;
  /** `undefined` if its own record is damaged. */
  readonly document: StoredDocument | undefined;
  readonly findings: readonly Finding[];
  /** Every row that is kept under its key, as it is, for a damaged document that is set aside. */
  raw(): AsyncIterable<RawRow>;
}

/** A row of some table as it stands there. */
export interface RawRow {
  readonly table: string;
  readonly columns: Readonly<Record<string, string | number | Uint8Array | null>>;
}

/** The last change of access to something. */
export interface StoredAccessChange {
  readonly kind: string;
  readonly id: string;
  readonly revision: number;
  readonly voidedAt: number | undefined;
}

export interface StoredHook {
  readonly name: string;
  readonly since: number;
  readonly checkedMinute: number;
}

/** For which hook it is kept what becomes of documents. */
export interface StoredLifeHook {
  readonly hook: string;
  readonly kinds: readonly string[];
  readonly seenAt: number;
}

/** What became of a document, and a hook was not told yet. */
export interface StoredLifeEvent extends LifeEvent {
  readonly hook: string;
}

/** What belongs to no document. */
export interface StoredRest {
  readonly accessChanges: readonly StoredAccessChange[];
  readonly accessRevision: number;
  readonly hooks: readonly StoredHook[];
  readonly lifeHooks?: readonly StoredLifeHook[];
  /** In the order of their keys. */
  readonly lifeEvents?: readonly StoredLifeEvent[];
  /** Receipts of requests that are about no document. */
  readonly receipts: readonly Receipt[];
  readonly findings: readonly Finding[];
}

/** How a whole store is read: at one moment, without a lock, and without changing anything. */
export interface StoreReader {
  /** What the operator is told, without secrets. */
  readonly description: string;
  /** How many documents there are, about. */
  readonly count: number;
  /** What is wrong with file, tables and tallies. */
  structure(): Promise<readonly Finding[]>;
  /** What was not looked at, or has to be known to whoever reads the findings, in sentences; after `structure`. */
  readonly notes: readonly string[];
  /** One document after the other, deleted ones too. @param only the one of this name, if it is given */
  documents(only?: string): AsyncIterable<ReadDocument>;
  rest(): Promise<StoredRest>;
  close(): Promise<void>;
}
