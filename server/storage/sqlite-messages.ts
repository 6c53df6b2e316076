import type { ErrorCode } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { PackedRows } from './packed-rows.js';
import type { AppendResult, DocumentHead, DocumentPosition, DocumentSummary, ListQuery } from './store.js';

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
  }[];
  readonly rows: PackedRows;
}

export interface PackedLog {
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

/** What the storage thread can be asked, and what it answers. Each is one bounded piece of work. */
export interface SqliteOperations {
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
  readSnapshot(input: {
    readonly id: DocumentId;
    readonly generation?: string | undefined;
  }): { readonly place: SnapshotPlace; readonly pieces: readonly Uint8Array[] } | undefined;
  /** `undefined` if the document has another snapshot by now. */
  readPiece(input: {
    readonly id: DocumentId;
    readonly place: SnapshotPlace;
    readonly key: number;
  }): Uint8Array | undefined;
  /** Reserves keys for a large snapshot, and gives the first one; `undefined` if there is a newer snapshot. */
  beginSnapshot(input: SnapshotOf & { readonly pieces: number }): number | undefined;
  writePiece(input: {
    readonly id: DocumentId;
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
  readonly detail: string;
  readonly cause: unknown;
}
