import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { shareableRoom } from '../workers/shared-bytes.js';
import { checksum } from './checksum.js';
import type { Row } from './postgres-connections.js';
import { checkGeneration, DOCUMENT_COLUMNS, damaged, readDocument } from './postgres-documents.js';
import type { Query } from './postgres-log.js';
import { readSeal } from './postgres-seals.js';
import {
  BEGIN_SNAPSHOT,
  FINISH_SNAPSHOT,
  READ_PIECE,
  READ_SNAPSHOT,
  REMOVE_LEFT_OVER,
  REMOVE_REPLACED,
  REMOVE_SNAPSHOT,
  TRIM_LOG,
  WRITE_PIECE,
} from './postgres-statements.js';
import { bytesOfBase64 } from './postgres-values.js';
import { cut } from './snapshot-pieces.js';
import type { SnapshotToWrite } from './snapshot-transfer.js';
import type { Snapshot } from './store.js';

/**
 * How many bytes of a state go in one message. Measured with 10 MB: the thread is held up for 2 to 3 ms at most, as
 * with 64 KB; 1 MB is no quicker and holds it up for 5.
 */
const PIECE_BYTES = 256 * 1024;

/** How many trimmed log rows one statement removes. */
const TRIM_ROWS = 1_000;

/** The record of a snapshot, without its state. */
export interface SnapshotRecord {
  readonly key: number;
  readonly seq: number;
  readonly stateBytes: number;
  readonly pieceBytes: number;
  readonly index: Uint8Array;
}

/** @param columns those of `SNAPSHOT`. @throws CoscribeError `document-unreadable` */
export function readSnapshotRecord(sealedAs: string, snapshotSeq: number, columns: Row): SnapshotRecord {
  const [key, seq, stateBytes, pieceBytes, sum, index] = columns;
  if (key === null) throw damaged('the snapshot');
  const record = {
    key: Number(key),
    seq: Number(seq),
    stateBytes: Number(stateBytes),
    pieceBytes: Number(pieceBytes),
    index: bytesOfBase64(String(index)),
  };
  if (record.seq !== snapshotSeq || recordSum(sealedAs, record) !== Number(sum))
    throw damaged('the snapshot');
  return record;
}

/** Of a snapshot's record. */
export function recordSum(
  sealedAs: string,
  { seq, stateBytes, pieceBytes, index }: Omit<SnapshotRecord, 'key'>,
): number {
  return checksum([sealedAs, seq, stateBytes, pieceBytes], index);
}

/** Of a piece of a snapshot's state. */
export function pieceSum(sealedAs: string, seq: number, number: number, content: Uint8Array): number {
  return checksum([sealedAs, seq, number], content);
}

/** Reads a snapshot piece by piece; begins again if another one takes its place meanwhile. @throws CoscribeError */
export async function readSnapshot(
  query: Query,
  id: DocumentId,
  generation: string | undefined,
): Promise<Snapshot | undefined> {
  let last: number | undefined;
  for (;;) {
    const found = await findSnapshot(query, id, generation);
    if (found === undefined) return undefined;
    const { sealedAs, record } = found;
    const { key, seq, index } = record;
    const state = await readState(query, sealedAs, record);
    if (state !== undefined) return { seq, state, index };
    if (key === last) throw damaged('a piece of the snapshot');
    last = key;
  }
}

async function findSnapshot(
  query: Query,
  id: DocumentId,
  generation: string | undefined,
): Promise<{ readonly sealedAs: string; readonly record: SnapshotRecord } | undefined> {
  const row = (await query(READ_SNAPSHOT, [id])).rows[0];
  if (row === undefined) {
    if (generation !== undefined) throw new CoscribeError('generation-changed');
    return undefined;
  }
  const document = readDocument(row);
  checkGeneration(document, generation);
  const { sealedAs } = document;
  const [snapshotSeq, ...columns] = row.slice(DOCUMENT_COLUMNS);
  if (Number(snapshotSeq) === 0 && columns[0] === null) return undefined;
  return { sealedAs, record: readSnapshotRecord(sealedAs, Number(snapshotSeq), columns) };
}

/** `undefined` if a piece is not there (any more). */
async function readState(
  query: Query,
  sealedAs: string,
  { key, seq, stateBytes, pieceBytes }: SnapshotRecord,
): Promise<Uint8Array | undefined> {
  const state = shareableRoom(stateBytes);
  for (let number = 0; number * pieceBytes < stateBytes; number++) {
    const row = (await query(READ_PIECE, [key, number])).rows[0];
    if (row === undefined) return undefined;
    const content = Buffer.from(String(row[1]), 'base64');
    const room = Math.min(pieceBytes, stateBytes - number * pieceBytes);
    if (content.length !== room || pieceSum(sealedAs, seq, number, content) !== Number(row[0])) {
      throw damaged('a piece of the snapshot');
    }
    state.set(content, number * pieceBytes);
  }
  return state;
}

/**
 * Writes a snapshot piece by piece, each with its own commit. It becomes the document's in the last step. What a failure
 * leaves is removed at once or, if that fails too, when somebody writes a snapshot an hour later. @throws CoscribeError
 */
export async function writeSnapshot(query: Query, target: SnapshotToWrite): Promise<void> {
  const { id, generation, snapshot, trimTo } = target;
  const { seq, state, index } = snapshot;
  if (trimTo > seq) throw new CoscribeError('internal', 'trimming beyond the snapshot would lose edits');
  const sealedAs = await readSeal(query, id, generation);
  if (sealedAs === undefined) return await refuse(query, target);
  const record = { seq, stateBytes: state.length, pieceBytes: PIECE_BYTES, index };
  const sizes = [record.stateBytes, record.pieceBytes, recordSum(sealedAs, record)];
  const key = (await query(BEGIN_SNAPSHOT, [id, generation, seq, ...sizes, index])).rows[0]?.[0];
  if (key === undefined) return await refuse(query, target);
  try {
    let number = 0;
    for (const content of cut(state, PIECE_BYTES)) {
      await query(WRITE_PIECE, [key, number, pieceSum(sealedAs, seq, number, content), content]);
      number++;
    }
    const values = [key, id, generation, seq, state.length, trimTo];
    const became = (await query(FINISH_SNAPSHOT, values)).rows[0]?.[0];
    if (became === 'lost')
      throw new CoscribeError('store-unavailable', 'the snapshot was removed as left over');
    if (became !== 'done') await refuse(query, target);
  } finally {
    await tidy(query, id, key);
  }
}

/** Why the database did not take a snapshot: it throws, or there is a newer one. */
async function refuse(query: Query, { id, generation, snapshot }: SnapshotToWrite): Promise<void> {
  const row = (await query(READ_SNAPSHOT, [id])).rows[0];
  if (row === undefined) throw new CoscribeError('generation-changed');
  const document = readDocument(row);
  checkGeneration(document, generation);
  if (snapshot.seq > document.head) throw new CoscribeError('internal', 'the snapshot is ahead of the log');
  if (snapshot.seq < Number(row[DOCUMENT_COLUMNS])) return;
  throw new CoscribeError('store-unavailable', 'the document was deleted and restored meanwhile');
}

async function tidy(query: Query, id: DocumentId, key: unknown): Promise<void> {
  try {
    await query(REMOVE_SNAPSHOT, [key]);
    await query(REMOVE_REPLACED, [id]);
    while ((await query(TRIM_LOG, [id, TRIM_ROWS])).count > 0);
    await query(REMOVE_LEFT_OVER, []);
  } catch {
    // The snapshot is stored, or its own error is on its way. What is left takes room, and the next writing removes it.
  }
}
