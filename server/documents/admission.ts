import type { CheckedUpdate, DocumentIndex } from '../../shared/document-index.js';
import { CoscribeError } from '../../shared/errors.js';
import type { Role, UpdateKind } from '../../shared/protocol.js';
import { checkUpdate } from '../../shared/update-gate.js';
import { demand } from './permissions.js';

/** Bounds on what a document takes. Sizes in bytes. */
export interface DocumentLimits {
  readonly maxUpdateBytes: number;
  readonly maxDocumentBytes: number;
  readonly maxDeleteRanges: number;
  readonly maxAwarenessBytes: number;
  /** How deep objects and arrays may lie in one another in an awareness state. */
  readonly maxAwarenessDepth: number;
  /** Updates of one document that may wait for the disk before more are refused. */
  readonly maxPendingBytes: number;
  /** Sessions that one document may have on this node. */
  readonly maxSessions: number;
  /** Yjs clientIDs that may ever write in one document: each costs everybody who opens it some bytes, for good. */
  readonly maxClientIds: number;
}

/** What the admission has to know of the document and the sender. */
export interface AdmissionFacts {
  readonly index: DocumentIndex;
  readonly role: Role;
  readonly clientId: number;
  readonly kind: UpdateKind;
  /** Snapshot and log since, in bytes: an upper bound of what a fresh copy would take. */
  readonly documentBytes: number;
  /** The part of `documentBytes` that a compaction may make smaller. */
  readonly mergeableBytes: number;
  /** What a fresh copy will take when the whole edit is in and merged, if that is known. */
  readonly bytesAfter?: number | undefined;
  readonly pendingBytes: number;
}

/** What is replaced is stored beside what takes its place until the log is merged: both may be as large as a document. */
const REPLACED_AND_NEW = 2;

/**
 * The one place that lets an update into a document: role, size, what already waits, and the update itself.
 *
 * @throws CoscribeError `read-only`, `update-too-large`, `too-many-updates`, `document-busy` until the log is merged,
 *   `document-too-large`, and what `checkUpdate` throws
 */
export function admit(update: Uint8Array, facts: AdmissionFacts, limits: DocumentLimits): CheckedUpdate {
  demand(facts.role, 'edit');
  // With nothing else waiting every update gets its turn, however the limits are set.
  if (facts.pendingBytes > 0 && facts.pendingBytes + update.length > limits.maxPendingBytes)
    throw new CoscribeError('too-many-updates');
  const { index, kind, clientId } = facts;
  const checked = checkUpdate(update, { index, kind, clientId, limits });
  let newClients = 0;
  for (const { client } of checked.added) if (!index.knows(client)) newClients++;
  if (newClients > 0 && index.clientCount + newClients > limits.maxClientIds)
    throw new CoscribeError('document-too-large', `at most ${limits.maxClientIds} clientIDs`);
  // Deleting is the way out of a document that is full, so it stays possible.
  const bytes = facts.documentBytes + update.length;
  if (checked.addsStructs && bytes > mostStored(facts, limits)) {
    // How large the document really is shows only when its log is merged.
    if (facts.mergeableBytes > 0) throw new CoscribeError('document-busy');
    throw new CoscribeError('document-too-large', `at most ${limits.maxDocumentBytes} bytes`);
  }
  return checked;
}

/** What may be stored of a document, in bytes: more than it may take if it will be small enough again. */
function mostStored({ bytesAfter }: AdmissionFacts, { maxDocumentBytes }: DocumentLimits): number {
  const willFit = bytesAfter !== undefined && bytesAfter <= maxDocumentBytes;
  return willFit ? REPLACED_AND_NEW * maxDocumentBytes : maxDocumentBytes;
}
