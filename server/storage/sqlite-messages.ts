import type { ErrorCode } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { PackedRows } from './packed-rows.js';
import type { AppendResult, DocumentHead, DocumentSummary, ListQuery, Snapshot } from './store.js';

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
}

/** What the storage thread can be asked, and what it answers. */
export interface SqliteOperations {
  open(input: { readonly id: DocumentId; readonly now: number }): DocumentHead;
  append(input: PackedAppend): readonly AppendResult[];
  readLog(input: { readonly id: DocumentId; readonly after: number; readonly limit: number }): PackedLog;
  readSnapshot(input: { readonly id: DocumentId }): Snapshot | undefined;
  writeSnapshot(input: {
    readonly id: DocumentId;
    readonly generation: string;
    readonly snapshot: Snapshot;
    readonly trimTo: number;
  }): void;
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
