import type { DocumentId } from '../../../shared/ids.js';
import { linkSum } from '../access-records.js';
import type { StoredLink } from '../access-store.js';
import { minuteOf } from '../delivery-records.js';
import { documentSum } from '../postgres-documents.js';
import { DELETED_MARK, SCHEMA } from '../postgres-schema.js';
import { pieceSum, recordSum } from '../postgres-snapshots.js';
import { authorSum, rowSum } from '../postgres-sums.js';
import { fromTextValue } from '../postgres-values.js';
import type { LogRow, Snapshot } from '../store.js';
import { type Finding, type FindingKind, QUARANTINE_MARK } from './findings.js';
import type { Read } from './postgres-read.js';
import { RECEIPT, readStoredReceipt } from './postgres-read-rest.js';
import type { RawRow, ReadDocument, StoredDocument } from './store-reader.js';

type Row = readonly unknown[];

/** What is kept of a document, by table, and which column names the document. */
const RAW: readonly (readonly [table: string, where: string])[] = [
  ['documents', 'key = $1'],
  ['log', 'document = $1'],
  ['snapshots', 'document = $1'],
  ['snapshot_pieces', `snapshot IN (SELECT key FROM ${SCHEMA}.snapshots WHERE document = $1)`],
  ['authors', 'document = $1'],
  ['links', 'document = $1'],
  ['earlier_names', 'document = $1'],
];

/** How many log rows are asked for at once. */
const ROWS_AT_ONCE = 1_000;

/** Reads what is kept under one key. @throws what PostgreSQL throws at damaged pages */
export async function readPostgresDocument(read: Read, key: string): Promise<ReadDocument> {
  const findings: Finding[] = [];
  let name = `document with the key ${key}`;
  const find = (kind: FindingKind, what: string): undefined => {
    findings.push({ kind, document: name, what });
  };
  const raw = () => rawRows(read, key);
  const [row] = await read(
    `SELECT id, sealed_as, generation, created_at, checksum, head, first_row, updated_at, updated_minute, deleted_at, snapshot,
      snapshot_seq, snapshot_bytes FROM ${SCHEMA}.documents WHERE key = $1`,
    [key],
  );
  if (row === undefined) {
    find('record-missing', 'its record is missing');
    return { name, document: undefined, findings, raw };
  }
  name = String(row[0]);
  const document = await readWhole(read, key, row, find);
  return { name, document, findings, raw };
}

async function readWhole(read: Read, key: string, row: Row, find: Find): Promise<StoredDocument | undefined> {
  const record = readRecord(row, find);
  if (record === undefined) return undefined;
  const { id, sealedAs } = record;
  const rows = await readRows(read, key, record, find);
  const snapshot = await readSnapshot(read, key, { ...record, row }, find);
  const authors = (
    await read(`SELECT client_id, author, checksum FROM ${SCHEMA}.authors WHERE document = $1`, [key])
  ).flatMap(([client, text, sum]) => {
    const author = { clientId: Number(client), author: fromTextValue(String(text)) };
    if (authorSum(sealedAs, author.clientId, author.author) === Number(sum)) return [author];
    find('author-damaged', `the checksum of the author of client ${author.clientId} is wrong`);
    return [];
  });
  const links = (
    await read(
      `SELECT id, hash, role, label, created_at, expires_at, checksum FROM ${SCHEMA}.links WHERE document = $1`,
      [key],
    )
  ).flatMap((stored) => {
    const link = readLink(stored, record);
    if (link === undefined) find('link-damaged', 'the checksum of a link is wrong');
    return link ?? [];
  });
  const receipts = (
    await read(`SELECT ${RECEIPT} FROM ${SCHEMA}.receipts WHERE document = $1`, [key])
  ).flatMap((stored) => {
    const receipt = readStoredReceipt(stored);
    if (receipt !== undefined) return [{ ...receipt, document: id }];
    find('receipt-damaged', 'the checksum of a receipt is wrong');
    return [];
  });
  const names = (
    await read(`SELECT id, moved_at FROM ${SCHEMA}.earlier_names WHERE document = $1`, [key])
  ).map(([earlier, at]) => ({ id: String(earlier), movedAt: Number(at) }));
  const deliveries = (
    await read(
      `SELECT w.name, v.told, v.target, v.owner, v.until, v.hook FROM ${SCHEMA}.deliveries v
        LEFT JOIN ${SCHEMA}.webhooks w ON w.key = v.hook WHERE v.document = $1`,
      [key],
    )
  ).flatMap(([hook, told, target, owner, until, hookKey]) => {
    if (hook === null) find('delivery-damaged', `there is no webhook with the key ${hookKey}`);
    if (hook === null) return [];
    const times = { told: Number(told), target: Number(target), until: Number(until) };
    return [{ hook: fromTextValue(String(hook)), owner: fromTextValue(String(owner)), ...times }];
  });
  return { ...record, rows, snapshot, authors, links, receipts, names, deliveries };
}

type Find = (kind: FindingKind, what: string) => undefined;
type Record = Omit<
  StoredDocument,
  'rows' | 'snapshot' | 'authors' | 'links' | 'receipts' | 'names' | 'deliveries'
>;

function readRecord(row: Row, find: Find): Record | undefined {
  const [id, seal, marked, createdAt, sum, head, firstRow, updatedAt, minute, deletedAt, , snapshotSeq] = row;
  const deleted = String(marked).startsWith(DELETED_MARK);
  const record = {
    id: String(id) as DocumentId,
    sealedAs: String(seal ?? id),
    generation: deleted ? String(marked).slice(DELETED_MARK.length) : String(marked),
    head: Number(head),
    firstRow: Number(firstRow),
    snapshotSeq: Number(snapshotSeq),
    createdAt: Number(createdAt),
    updatedAt: Number(updatedAt),
    deletedAt: deletedAt === null ? undefined : Number(deletedAt),
  };
  const whole = documentSum(record.id, record.generation, record.createdAt, record.sealedAs) === Number(sum);
  if (!whole && record.generation.startsWith(QUARANTINE_MARK)) return find('quarantined', 'it was set aside');
  if (!whole) return find('record-damaged', 'the checksum of its record is wrong');
  if (deleted !== (deletedAt !== null))
    return find('record-damaged', 'its generation and the time of its deletion contradict each other');
  if (Number(minute) !== minuteOf(record.updatedAt))
    find('times-wrong', 'the minute of its last edit is not that of its last edit');
  return record;
}

async function readRows(
  read: Read,
  key: string,
  { sealedAs, firstRow }: Record,
  find: Find,
): Promise<LogRow[]> {
  const rows: LogRow[] = [];
  for (let after = firstRow - 1; ; ) {
    const stored = await read(
      `SELECT seq, client_id, author, committed_at, checksum # seq, update FROM ${SCHEMA}.log
        WHERE document = $1 AND seq > $2 ORDER BY seq LIMIT ${ROWS_AT_ONCE}`,
      [key, after],
    );
    for (const [number, client, text, at, sum, bytes] of stored) {
      const row = {
        seq: Number(number),
        clientId: Number(client),
        author: fromTextValue(String(text)),
        committedAt: Number(at),
        update: new Uint8Array(bytes as Buffer),
      };
      after = row.seq;
      if (rowSum(sealedAs, row.clientId, row.author, row.committedAt, row.update) === Number(sum))
        rows.push(row);
      else find('log-row-damaged', `the checksum of log row ${row.seq} is wrong`);
    }
    if (stored.length < ROWS_AT_ONCE) return rows;
  }
}

async function readSnapshot(
  read: Read,
  key: string,
  { sealedAs, snapshotSeq, row }: Record & { readonly row: Row },
  find: Find,
): Promise<Snapshot | undefined> {
  const [own, , bytes] = row.slice(10);
  if (own === null) {
    if (snapshotSeq !== 0) find('snapshot-missing', 'no snapshot is its own, but it should have one');
    else if (Number(bytes) !== 0) find('snapshot-damaged', 'it has no snapshot, but the size of one');
    return undefined;
  }
  const [stored] = await read(
    `SELECT seq, state_bytes, piece_bytes, checksum, index, document, finished FROM ${SCHEMA}.snapshots WHERE key = $1`,
    [own],
  );
  if (stored === undefined) return find('snapshot-missing', 'the record of its snapshot is missing');
  const [seq, stateBytes, pieceBytes, sum, index, owner, finished] = stored;
  const record = {
    seq: Number(seq),
    stateBytes: Number(stateBytes),
    pieceBytes: Number(pieceBytes),
    index: new Uint8Array(index as Buffer),
  };
  if (
    recordSum(sealedAs, record) !== Number(sum) ||
    record.seq !== snapshotSeq ||
    String(owner) !== key ||
    finished !== true
  )
    return find('snapshot-damaged', 'the record of its snapshot is damaged');
  if (record.stateBytes !== Number(bytes))
    find('snapshot-damaged', 'the size of its snapshot is another one');
  const pieces = await read(
    `SELECT number, checksum, content FROM ${SCHEMA}.snapshot_pieces WHERE snapshot = $1 ORDER BY number`,
    [own],
  );
  const contents = pieces.map(([number, pieceChecksum, content], at) => {
    const piece = new Uint8Array(content as Buffer);
    const right =
      Number(number) === at && pieceSum(sealedAs, record.seq, at, piece) === Number(pieceChecksum);
    return right ? piece : undefined;
  });
  const state = new Uint8Array(Buffer.concat(contents.map((piece) => piece ?? new Uint8Array())));
  if (contents.includes(undefined) || state.length !== record.stateBytes)
    return find('snapshot-damaged', 'a piece of its snapshot is missing or damaged');
  return { seq: record.seq, state, index: record.index };
}

function readLink(row: Row, { id: document, sealedAs }: Record): StoredLink | undefined {
  const [id, hash, role, label, createdAt, expiresAt, sum] = row;
  const link: StoredLink = {
    id: fromTextValue(String(id)),
    hash: new Uint8Array(hash as Buffer),
    document,
    role: String(role) as StoredLink['role'],
    label: fromTextValue(String(label)),
    createdAt: Number(createdAt),
    ...(expiresAt !== null && { expiresAt: Number(expiresAt) }),
  };
  return linkSum(link, sealedAs) === Number(sum) ? link : undefined;
}

async function* rawRows(read: Read, key: string): AsyncIterable<RawRow> {
  for (const [table, where] of RAW) {
    const rows = await read(`SELECT to_jsonb(t) FROM ${SCHEMA}.${table} t WHERE ${where}`, [key]);
    for (const [columns] of rows) yield { table, columns: columns as RawRow['columns'] };
  }
}
