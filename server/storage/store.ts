import type { DocumentId } from '../../shared/ids.js';
import type { AccessStore, StoredLink } from './access-store.js';
import type { DeliveryStore } from './delivery-store.js';
import type { NewReceipt, ReceiptStore } from './receipts.js';

/**
 * The one interface of everything that keeps documents. `contracts/` is its specification.
 *
 * Every method rejects with a `CoscribeError`: `store-unavailable` when trying again may help (locked, disk full,
 * connection lost; nothing was changed, but see `append`), `document-unreadable` when what is stored is damaged, `generation-changed`
 * when the document is no longer the one that the caller means, `internal` for the rest.
 */
export interface DocumentStore extends AccessStore, ReceiptStore {
  /** What the operator is told, without secrets: `sqlite:./data/coscribe.db`. */
  readonly description: string;

  /** Whether several processes may use what it keeps at the same time, each with a store of its own. */
  readonly shared: boolean;

  /** Where it is kept what webhooks were told. Without it a server with this store has no webhooks. */
  readonly deliveries?: DeliveryStore;

  /**
   * Creates the document (empty, with a new generation) if there is none, and says where its log stands.
   *
   * @throws CoscribeError `document-deleted`; `document-moved` if a document had this name and has another one now
   */
  open(id: DocumentId, now: number): Promise<DocumentHead>;

  /**
   * Creates the document, together with a link to it if one is given. A document that had this name earlier is not found
   * by it any more.
   *
   * @returns `false`, and nothing is changed, if there is one of this name, deleted or not
   */
  create(id: DocumentId, now: number, link?: StoredLink): Promise<boolean>;

  /**
   * Deletes the document so that it can be restored. Until then it is as if it were not there: `positions` and `list` leave
   * it out, its links are not found, `open` rejects with `document-deleted`, and to everything that names its generation
   * it is `generation-changed`.
   *
   * @param at only if its log ends there; otherwise nothing is changed, and the call rejects with `precondition-failed`
   * @returns `false` if there is none, or it is deleted already
   */
  remove(id: DocumentId, now: number, at?: LogEnd): Promise<boolean>;

  /** Undoes `remove`: the document is what it was, of the same generation. @returns `false` if it is not there, or not deleted */
  restore(id: DocumentId): Promise<boolean>;

  /**
   * Gives the document another name, and everything that belongs to it: log, snapshots, authors, links, receipts, what
   * webhooks were told. Its generation stays. To whatever names the old name it is as if it were not there; but `open`
   * rejects with `document-moved`, and `find` says where it is, until a document of the old name is made by `create` or by
   * another `rename`. While the document is deleted nobody is told about its earlier names.
   *
   * @param at as in `remove`
   * @returns `absent` if there is none, or it is deleted; `taken` if there is one of the new name, deleted or not
   */
  rename(from: DocumentId, to: DocumentId, now: number, at?: LogEnd): Promise<'done' | 'absent' | 'taken'>;

  /**
   * Erases documents for good that were deleted up to `deletedUntil`: log, snapshots, authors, links, receipts, earlier
   * names. Other calls go on meanwhile.
   *
   * @param limit how many at most
   * @returns their names
   */
  purge(deletedUntil: number, limit: number): Promise<readonly DocumentId[]>;

  /**
   * Appends to the logs of several documents in one durable transaction: when the promise fulfils, every batch
   * whose result is `ok` survives the loss of power. A batch is stored whole or not at all; one that cannot be
   * stored fails alone. The updates are copied before this returns.
   *
   * If thread or connection ends during the commit, the promise rejects with `store-unavailable`, though the rows
   * may be stored. Whoever appends them again gets a `firstSeq` that is not its head + 1, and has to read the rows
   * between, as after any other gap.
   *
   * With several nodes the same happens whenever another one was quicker: `firstSeq` says where the batch went. A batch
   * with a guard is not stored then, if the guard says so.
   */
  append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]>;

  /**
   * Log rows `after + 1 …`, ascending and without gaps, `limit` at most. Rows already trimmed, and a document that was
   * never opened, are an error `internal`; with `generation`, a document that has another one by now, or is not there,
   * is `generation-changed`.
   */
  readLog(id: DocumentId, after: number, limit: number, generation?: string): Promise<readonly LogRow[]>;

  /** The newest snapshot, or `undefined` if the document has none. `generation` as in `readLog`. */
  readSnapshot(id: DocumentId, generation?: string): Promise<Snapshot | undefined>;

  /** How documents stand, in one request for all; those that were never opened are left out. */
  positions(ids: readonly DocumentId[]): Promise<ReadonlyMap<DocumentId, DocumentPosition>>;

  /**
   * Keeps a snapshot, and after it is durable removes log rows up to `trimTo` (≤ `snapshot.seq`). A snapshot older
   * than the one that is there is ignored. One ahead of the log, or `trimTo` beyond it, is an error `internal`.
   * However large it is, other calls go on meanwhile; so its bytes must stay as they are until the promise settles.
   */
  writeSnapshot(id: DocumentId, generation: string, snapshot: Snapshot, trimTo: number): Promise<void>;

  /** Who first wrote under a Yjs clientID in this document, if anybody has. Outlives trimming. */
  readAuthor(id: DocumentId, clientId: number): Promise<string | undefined>;

  /**
   * One document as `list` tells of it, also a deleted one, and one by a name that it had earlier; `undefined` if there is
   * none.
   */
  find(id: DocumentId): Promise<FoundDocument | undefined>;

  /** Documents that are not deleted, in the order asked for. */
  list(query: ListQuery): Promise<readonly DocumentSummary[]>;

  /**
   * Waits for what is under way and lets go of files, connections and threads. Later calls are refused with
   * `store-unavailable`. Never rejects.
   */
  close(): Promise<void>;
}

/** Where a document's log and its newest snapshot stand. */
export interface LogEnd {
  readonly generation: string;
  /** Last `seq` of the log; 0 when nothing was ever written. */
  readonly head: number;
}

export interface DocumentPosition extends LogEnd {
  /** First `seq` that `readLog` can still give (`head + 1` when the log is empty). */
  readonly firstRow: number;
  /** `seq` of the newest snapshot, 0 if there is none. */
  readonly snapshotSeq: number;
  /** Bytes of the newest snapshot's state, 0 if there is none. */
  readonly snapshotBytes: number;
}

/** What opening a document begins with. */
export interface DocumentHead extends DocumentPosition {
  /** `Snapshot.index` of the newest snapshot; empty if there is none. */
  readonly snapshotIndex: Uint8Array;
}

/** A row to be. */
export interface NewLogRow {
  readonly update: Uint8Array;
  /** Yjs clientID of the session that sent it. */
  readonly clientId: number;
  /** Who that session belongs to. */
  readonly author: string;
}

/** A row of a document's log. */
export interface LogRow extends NewLogRow {
  readonly seq: number;
  /** Milliseconds since the Unix epoch. */
  readonly committedAt: number;
}

/** Rows for the log of one document, all of which are stored, or none. */
export interface AppendBatch {
  readonly id: DocumentId;
  readonly generation: string;
  readonly rows: readonly NewLogRow[];
  readonly committedAt: number;
  /** Under which conditions. Whatever it refuses, nothing is changed. */
  readonly guard?: AppendGuard;
}

/** What is looked at in the transaction that stores a batch, and stored with it. */
export interface AppendGuard {
  /** The last `seq` of the log before the batch; if it is another one, that is `precondition-failed`. */
  readonly head?: number;
  /**
   * Kept together with the rows, and with the `seq` of the last one (of the log's last row if the batch has none). If there is
   * one of this key already, that is `already-done`, whatever `head` says.
   */
  readonly receipt?: NewReceipt;
  /**
   * The batch before it in the same call, which is of the same document, was stored; if it was not, that is `precondition-failed`
   * (or `already-done`). What is chained to a batch may be stored in a transaction of its own, after that one's.
   */
  readonly chained?: true;
}

/** Where a batch went in its document's log, or why it is not there. */
export type AppendResult =
  | { readonly ok: true; readonly firstSeq: number }
  | { readonly ok: false; readonly code: AppendRefusal };

/**
 * `client-id-in-use`: the batch has a row under a clientID that another author was the first to write under. Nodes
 * check that when a client joins, each for itself; only the store sees two nodes take it at once.
 */
export type AppendRefusal =
  | 'generation-changed'
  | 'document-unreadable'
  | 'client-id-in-use'
  | 'precondition-failed'
  | 'already-done';

/** The merged state of a document up to and including `seq`. */
export interface Snapshot {
  readonly seq: number;
  /** A Yjs update (version 1) with everything. */
  readonly state: Uint8Array;
  /** The encoded `DocumentIndex` of `state`, so that opening a document does not decode it. */
  readonly index: Uint8Array;
}

/** Which documents, and how many at most. */
export interface ListQuery {
  readonly limit: number;
  /** Only documents of this workspace. */
  readonly workspace?: string;
  /** Only documents whose names begin so: the name in the workspace, if one is given, otherwise `{workspace}/{name}`. */
  readonly prefix?: string;
  /** `updated` unless given. */
  readonly order?: ListOrder;
  /** Only documents that come later in that order. */
  readonly after?: ListPlace;
}

/** The last edit first, the last one made first, or by name as bytes. Documents of one time are in the order of their names. */
export type ListOrder = 'updated' | 'created' | 'name';

/** Where a document is in a list. */
export interface ListPlace {
  /** `updatedAt` or `createdAt`, after which the list is ordered; of no meaning in a list by name. */
  readonly at: number;
  readonly id: DocumentId;
}

/** A document, as lists show it. */
export interface DocumentSummary {
  readonly id: DocumentId;
  readonly head: number;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A document that may be deleted, or has another name by now: `id` is the name by which it was looked for. */
export interface FoundDocument extends DocumentSummary {
  /** Since when it is deleted, if it is: milliseconds since the Unix epoch. */
  readonly deletedAt?: number;
  /** Its name, if it is not the one by which it was looked for, and since when it is not. */
  readonly movedTo?: DocumentId;
  readonly movedAt?: number;
}
