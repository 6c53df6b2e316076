import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { checksum } from './checksum.js';
import type { Row } from './postgres-connections.js';
import type { DocumentPosition, DocumentSummary, FoundDocument } from './store.js';

/** What of a document's row never changes, or is needed everywhere. */
export interface DocumentRecord {
  readonly key: number;
  /** The name that it had first: checksums of what belongs to it are made with that. */
  readonly sealedAs: string;
  readonly generation: string;
  readonly head: number;
  readonly firstRow: number;
}

/** How many columns `readDocument` takes. */
export const DOCUMENT_COLUMNS = 8;

/** PostgreSQL's 64-bit numbers come as text. Ours are counts and times, which a number holds. */
export function readDocument(row: Row): DocumentRecord {
  const [key, id, seal, generation, createdAt, sum, head, firstRow] = row;
  const sealedAs = String(seal ?? id);
  if (documentSum(String(id), String(generation), Number(createdAt), sealedAs) !== Number(sum))
    throw damaged('its record');
  return {
    key: Number(key),
    sealedAs,
    generation: String(generation),
    head: Number(head),
    firstRow: Number(firstRow),
  };
}

/** Of what an edit does not change; the rest is compared with the log and the snapshot. */
export function documentSum(id: string, generation: string, createdAt: number, sealedAs = id): number {
  const facts = [id, generation, createdAt];
  return checksum(sealedAs === id ? facts : [...facts, sealedAs]);
}

export function readPosition(columns: Row): DocumentPosition {
  const [generation, head, firstRow, snapshotSeq, snapshotBytes] = columns;
  return {
    generation: String(generation),
    head: Number(head),
    firstRow: Number(firstRow),
    snapshotSeq: Number(snapshotSeq),
    snapshotBytes: Number(snapshotBytes),
  };
}

export function readSummary(columns: Row): DocumentSummary {
  const [id, head, createdAt, updatedAt] = columns;
  return {
    id: String(id) as DocumentId,
    head: Number(head),
    createdAt: Number(createdAt),
    updatedAt: Number(updatedAt),
  };
}

export function readFound(columns: Row): FoundDocument {
  const [, , , , deletedAt, movedTo, movedAt] = columns;
  return {
    ...readSummary(columns),
    ...(deletedAt !== null && { deletedAt: Number(deletedAt) }),
    ...(movedTo !== undefined && { movedTo: String(movedTo) as DocumentId, movedAt: Number(movedAt) }),
  };
}

/** @throws CoscribeError `generation-changed` unless it is the one that is meant, if one is */
export function checkGeneration({ generation }: DocumentRecord, meant: string | undefined): void {
  if (meant !== undefined && meant !== generation) throw new CoscribeError('generation-changed');
}

/** What reading the log of a document is answered that is not there, or deleted. */
export function notThere(meant: string | undefined): CoscribeError {
  return meant === undefined
    ? new CoscribeError('internal', 'the document was never opened')
    : new CoscribeError('generation-changed');
}

export function damaged(what: string): CoscribeError {
  return new CoscribeError('document-unreadable', `${what} is damaged or missing`);
}
