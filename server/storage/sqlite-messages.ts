import type { ErrorCode } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { AccessChange, AccessSubject, StoredLink } from './access-store.js';
import type {
  ClaimOutcome,
  DeliveryLease,
  DuePage,
  DuePlace,
  HookRecord,
  LifeEvent,
  LifeKind,
  LifeOutcome,
  ToldDelivery,
  WantedDelivery,
} from './delivery-store.js';
import type { PackedRows } from './packed-rows.js';
import type { Receipt } from './receipts.js';
import type {
  AppendGuard,
  AppendResult,
  DocumentHead,
  DocumentPosition,
  DocumentSummary,
  FoundDocument,
  ListQuery,
  LogEnd,
} from './store.js';

/** What the storage thread is started with. */
export interface SqliteWorkerData {
  /** Absolute path. */
  readonly file: string;
  /** Files up to this size are checked whole before they are used. */
  readonly quickCheckBytes: number;
  /** The file that the thread before this one had open; anything else at its place is refused. */
  readonly expected: FileIdentity | undefined;
}

/** Which file it is, whatever its name. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
}

/** The thread's first message. */
export type OpenedMessage =
  | { readonly opened: true; readonly identity: FileIdentity | undefined }
  | { readonly opened: false; readonly sentence: string };

export interface PackedAppend {
  readonly batches: readonly {
    readonly id: DocumentId;
    readonly generation: string;
    readonly committedAt: number;
    /** How many of `rows` are this batch's. */
    readonly count: number;
    readonly guard?: AppendGuard | undefined;
  }[];
  readonly rows: PackedRows;
}

export interface PackedLog {
  readonly generation: string;
  /** `seq` of the first row; the others follow without gaps. */
  readonly firstSeq: number;
  readonly committedAt: readonly number[];
  readonly rows: PackedRows;
  /** Whether there are rows after these, asked for or not. */
  readonly more: boolean;
}

/** Which pieces a document's snapshot consists of. */
export interface SnapshotPlace {
  readonly seq: number;
  /** Key of the first piece; the others have the keys after it. */
  readonly first: number;
  /** Size of every piece but the last of the state and the last of the index. */
  readonly pieceBytes: number;
  readonly stateBytes: number;
  readonly indexBytes: number;
}

/** A snapshot that is to become the document's. */
export interface SnapshotOf {
  readonly id: DocumentId;
  readonly generation: string;
  readonly seq: number;
  readonly trimTo: number;
}

/** Documents, their logs and snapshots. */
export interface DocumentOperations {
  open(input: { readonly id: DocumentId; readonly now: number }): DocumentHead;
  append(input: PackedAppend): readonly AppendResult[];
  positions(input: { readonly ids: readonly DocumentId[] }): ReadonlyMap<DocumentId, DocumentPosition>;
  readLog(input: {
    readonly id: DocumentId;
    readonly after: number;
    readonly limit: number;
    /** Whose log is meant, if the caller knows. */
    readonly generation?: string | undefined;
  }): PackedLog;
  /** Where the snapshot is, and the first of its pieces, as many as one step may take. */
  readSnapshot(input: { readonly id: DocumentId; readonly generation?: string | undefined }):
    | {
        readonly generation: string;
        readonly place: SnapshotPlace;
        readonly pieces: readonly Uint8Array[];
      }
    | undefined;
  /** `undefined` if the document has another snapshot by now, or is another one. */
  readPiece(input: {
    readonly id: DocumentId;
    readonly generation: string;
    readonly place: SnapshotPlace;
    readonly key: number;
  }): Uint8Array | undefined;
  /** Reserves keys for a large snapshot, and gives the first one; `undefined` if there is a newer snapshot. */
  beginSnapshot(input: SnapshotOf & { readonly pieces: number }): number | undefined;
  writePiece(input: {
    readonly id: DocumentId;
    readonly generation: string;
    readonly seq: number;
    readonly key: number;
    readonly content: Uint8Array;
  }): void;
  /**
   * Makes a snapshot the document's, of the reserved and written pieces from `first` on, or else of the ones given.
   * Answers whether there is something left for `tidy`.
   */
  finishSnapshot(
    input: SnapshotOf & {
      readonly first: number | undefined;
      readonly sizes: Pick<SnapshotPlace, 'pieceBytes' | 'stateBytes' | 'indexBytes'>;
      readonly pieces: readonly Uint8Array[];
    },
  ): boolean;
  /**
   * Removes some pieces that belong to no snapshot, or some trimmed log rows of this document, and answers whether
   * there are more. No snapshot may be half written.
   */
  tidy(input: { readonly id: DocumentId }): boolean;
  readAuthor(input: { readonly id: DocumentId; readonly clientId: number }): string | undefined;
  list(input: ListQuery): readonly DocumentSummary[];
}

/** A document that is not there any more, and what is left under its key. */
export interface ErasedDocument {
  readonly key: number;
  readonly id: DocumentId;
}

/** How documents come and go, apart from `open`. */
export interface LifeOperations {
  create(input: {
    readonly id: DocumentId;
    readonly now: number;
    readonly link?: StoredLink | undefined;
  }): boolean;
  remove(input: { readonly id: DocumentId; readonly now: number; readonly at?: LogEnd | undefined }): boolean;
  restore(input: { readonly id: DocumentId }): boolean;
  rename(input: {
    readonly from: DocumentId;
    readonly to: DocumentId;
    readonly now: number;
    readonly at?: LogEnd | undefined;
  }): 'done' | 'absent' | 'taken';
  find(input: { readonly id: DocumentId }): FoundDocument | undefined;
  /** Takes a document away that was deleted up to then, or else names one that is half erased. Its name is free then. */
  beginErasing(input: { readonly deletedUntil: number }): ErasedDocument | undefined;
  /** Removes some of what is left of it, and answers whether there is more. */
  erase(input: { readonly key: number }): boolean;
}

/** As the methods of `AccessStore`. */
export interface AccessOperations {
  addLink(input: { readonly link: StoredLink; readonly most: number }): void;
  findLink(input: {
    readonly hash: Uint8Array;
    readonly evenDeleted?: boolean | undefined;
  }): StoredLink | undefined;
  readLink(input: { readonly document: DocumentId; readonly id: string }): StoredLink | undefined;
  listLinks(input: { readonly document: DocumentId }): readonly StoredLink[];
  removeLink(input: { readonly document: DocumentId; readonly id: string; readonly at: number }): boolean;
  changeAccess(input: { readonly subject: AccessSubject; readonly at: number }): void;
  accessRevision(input: Readonly<Record<string, never>>): number;
  accessChangesAfter(input: { readonly revision: number; readonly limit: number }): readonly AccessChange[];
  voidedAt(input: {
    readonly user: string | undefined;
    readonly tokenId: string | undefined;
  }): number | undefined;
}

/** As the methods of `DeliveryStore`. */
export interface DeliveryOperations {
  beginHook(input: { readonly hook: string; readonly now: number }): HookRecord;
  claimDeliveries(input: {
    readonly hook: string;
    readonly wanted: readonly WantedDelivery[];
    readonly lease: DeliveryLease;
  }): readonly ClaimOutcome[];
  completeDeliveries(input: {
    readonly hook: string;
    readonly told: readonly ToldDelivery[];
    readonly owner: string;
  }): void;
  dueDocuments(input: { readonly hook: string; readonly after: DuePlace; readonly limit: number }): DuePage;
  hookChecked(input: { readonly hook: string; readonly minute: number }): void;
}

/** As the methods of `LifeStore`. */
export interface LifeEventOperations {
  keepEvents(input: {
    readonly hook: string;
    readonly kinds: readonly LifeKind[];
    readonly now: number;
  }): void;
  claimEvents(input: {
    readonly hook: string;
    readonly ids: readonly DocumentId[];
    readonly lease: DeliveryLease;
  }): readonly LifeOutcome[];
  completeEvents(input: { readonly hook: string; readonly keys: readonly number[] }): void;
  dueEvents(input: {
    readonly hook: string;
    readonly after: number;
    readonly limit: number;
  }): readonly LifeEvent[];
}

/** As the methods of `ReceiptStore`. */
export interface ReceiptOperations {
  readReceipt(input: { readonly key: string }): Receipt | undefined;
  keepReceipt(input: { readonly receipt: Receipt }): boolean;
  forgetReceipts(input: { readonly until: number; readonly limit: number }): number;
}

/** What the storage thread can be asked, and what it answers. Each is one bounded piece of work. */
export type SqliteOperations = DocumentOperations &
  LifeOperations &
  AccessOperations &
  DeliveryOperations &
  LifeEventOperations &
  ReceiptOperations;

export type OperationName = keyof SqliteOperations;
export type Input<Name extends OperationName> = Parameters<SqliteOperations[Name]>[0];
export type Output<Name extends OperationName> = ReturnType<SqliteOperations[Name]>;

/** `close` ends the thread after everything that was asked before. */
export type RequestMessage =
  | { readonly number: number; readonly name: OperationName; readonly input: Input<OperationName> }
  | { readonly name: 'close' };

export type ResponseMessage =
  | { readonly number: number; readonly output: Output<OperationName> }
  | { readonly number: number; readonly fault: Fault };

export interface Fault {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly cause: unknown;
}
