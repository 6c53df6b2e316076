import type { DocumentId } from '../../shared/ids.js';
import type {
  AppendBatch,
  DocumentPosition,
  DocumentSummary,
  FoundDocument,
  LogRow,
  Snapshot,
} from './store.js';

/** All that a memory store keeps of a document but its links and receipts. */
export interface StoredDocument {
  readonly key: number;
  /** Its name. */
  id: DocumentId;
  readonly generation: string;
  readonly createdAt: number;
  updatedAt: number;
  head: number;
  /** The log from `firstRow` on. */
  rows: LogRow[];
  snapshot: Snapshot | undefined;
  readonly authors: Map<number, string>;
  deletedAt: number | undefined;
}

export function newDocument(key: number, id: DocumentId, generation: string, now: number): StoredDocument {
  return {
    key,
    id,
    generation,
    createdAt: now,
    updatedAt: now,
    head: 0,
    rows: [],
    snapshot: undefined,
    authors: new Map(),
    deletedAt: undefined,
  };
}

/** Whether all rows are by those who were the first to write under their clientIDs. */
export function mayWrite({ authors }: StoredDocument, { rows }: AppendBatch): boolean {
  const claimed = new Map<number, string>();
  for (const { clientId, author } of rows) {
    const first = authors.get(clientId) ?? claimed.get(clientId) ?? author;
    if (first !== author) return false;
    claimed.set(clientId, author);
  }
  return true;
}

/** Appends rows that may be there. @returns the number of the first one */
export function appendRows(document: StoredDocument, { rows, committedAt }: AppendBatch): number {
  const firstSeq = document.head + 1;
  for (const { update, clientId, author } of rows) {
    document.head++;
    const seq = document.head;
    document.rows.push({ seq, clientId, author, committedAt, update: new Uint8Array(update) });
    document.authors.set(clientId, author);
  }
  if (rows.length > 0) document.updatedAt = committedAt;
  return firstSeq;
}

export function firstRow(document: StoredDocument): number {
  return document.head - document.rows.length + 1;
}

export function positionOf(document: StoredDocument): DocumentPosition {
  return {
    generation: document.generation,
    head: document.head,
    firstRow: firstRow(document),
    snapshotSeq: document.snapshot?.seq ?? 0,
    snapshotBytes: document.snapshot?.state.length ?? 0,
  };
}

export function summaryOf({ id, head, createdAt, updatedAt }: StoredDocument): DocumentSummary {
  return { id, head, createdAt, updatedAt };
}

export function found(document: StoredDocument): FoundDocument {
  const { deletedAt } = document;
  return { ...summaryOf(document), ...(deletedAt !== undefined && { deletedAt }) };
}
