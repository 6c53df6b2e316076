import { randomUUID } from 'node:crypto';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { StoredLink } from './access-store.js';
import { linkValues } from './postgres-access.js';
import { documentSum } from './postgres-documents.js';
import type { Query } from './postgres-log.js';
import { DELETED_MARK, SCHEMA } from './postgres-schema.js';
import { statement } from './postgres-statements.js';
import type { LogEnd } from './store.js';

/** What one statement may remove of a log. */
const ERASE_ROWS = 1_000;
const ERASE_BYTES = 4 * 1024 * 1024;

const INSERT = `INSERT INTO ${SCHEMA}.documents
    (id, generation, created_at, checksum, head, first_row, updated_at, updated_minute, snapshot_seq, snapshot_bytes)
  VALUES ($1, $2, $3::bigint, $4, 0, 1, $3::bigint, $3::bigint / 60000, 0, 0) ON CONFLICT (id) DO NOTHING`;

/** Of a document that is made nobody hears any more that another one had its name. */
const TAKE_NAME = `created AS (${INSERT} RETURNING key, id), earlier AS (
    DELETE FROM ${SCHEMA}.earlier_names e USING created WHERE e.id = created.id
  )`;

const CREATE_DOCUMENT = statement('create_document', `WITH ${TAKE_NAME} SELECT key FROM created`);

const CREATE_WITH_LINK = statement(
  'create_with_link',
  `WITH ${TAKE_NAME}
    INSERT INTO ${SCHEMA}.links (hash, document, id, role, label, created_at, expires_at, checksum)
      SELECT $5::bytea, key, $6::text, $7::text, $8::text, $9::bigint, $10::bigint, $11::bigint FROM created`,
);

const REMOVE = statement(
  'remove_document',
  `UPDATE ${SCHEMA}.documents SET deleted_at = $2, generation = '${DELETED_MARK}' || generation
    WHERE id = $1 AND deleted_at IS NULL AND ($3::text IS NULL OR (generation = $3 AND head = $4::bigint))`,
);

const RESTORE = statement(
  'restore_document',
  `UPDATE ${SCHEMA}.documents SET deleted_at = NULL, generation = substr(generation, ${DELETED_MARK.length + 1})
    WHERE id = $1 AND deleted_at IS NOT NULL`,
);

/** From then on the name is free, and the links are gone; what is left under the key waits in `erasing` for its removal. */
const BEGIN_ERASING = statement(
  'begin_erasing',
  `WITH due AS (
      SELECT key FROM ${SCHEMA}.documents WHERE deleted_at <= $1 ORDER BY deleted_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM ${SCHEMA}.documents d USING due WHERE d.key = due.key RETURNING d.key, d.id
    ), links AS (
      DELETE FROM ${SCHEMA}.links l USING gone WHERE l.document = gone.key
    ), deliveries AS (
      DELETE FROM ${SCHEMA}.deliveries v USING gone WHERE v.document = gone.key
    ), names AS (
      DELETE FROM ${SCHEMA}.earlier_names e USING gone WHERE e.document = gone.key
    )
    INSERT INTO ${SCHEMA}.erasing (document, id) SELECT key, id FROM gone RETURNING document, id`,
);

/** Of others, whose erasing is under way elsewhere or ended early. */
const UNFINISHED = statement(
  'unfinished',
  `SELECT document, id FROM ${SCHEMA}.erasing WHERE document <> ALL ($1::bigint[]) ORDER BY document LIMIT $2`,
);

const ERASE_LOG = statement(
  'erase_log',
  `DELETE FROM ${SCHEMA}.log WHERE document = $1 AND seq <= (
    SELECT max(seq) FROM (
      SELECT seq, sum(octet_length(update)) OVER (ORDER BY seq) - octet_length(update) AS before
      FROM ${SCHEMA}.log WHERE document = $1 ORDER BY seq LIMIT $2::bigint
    ) AS oldest WHERE before < $3::bigint)`,
);

const ERASE_AUTHORS = statement(
  'erase_authors',
  `DELETE FROM ${SCHEMA}.authors WHERE document = $1 AND client_id <= (
    SELECT max(client_id) FROM (
      SELECT client_id FROM ${SCHEMA}.authors WHERE document = $1 ORDER BY client_id LIMIT $2::bigint
    ) AS first)`,
);

const ERASE_RECEIPTS = statement(
  'erase_receipts',
  `DELETE FROM ${SCHEMA}.receipts WHERE key IN (
    SELECT key FROM ${SCHEMA}.receipts WHERE document = $1 LIMIT $2::bigint)`,
);

const READ_NAMED = statement(
  'read_named',
  `SELECT generation, created_at, coalesce(sealed_as, id) FROM ${SCHEMA}.documents
    WHERE id = $1 AND deleted_at IS NULL`,
);

/** Nothing is written to the document between the look at its head and the end of this. */
const RENAME = statement(
  'rename_document',
  `WITH held AS MATERIALIZED (
      SELECT FROM ${SCHEMA}.documents WHERE id = $1 AND ($6::bigint IS NULL OR head = $6::bigint) FOR UPDATE
    )
    SELECT ${SCHEMA}.rename_document($1, $2, $3, $4, $5) FROM held`,
);

/** With their pieces. */
const ERASE_SNAPSHOTS = statement('erase_snapshots', `DELETE FROM ${SCHEMA}.snapshots WHERE document = $1`);
const FINISH_ERASING = statement('finish_erasing', `DELETE FROM ${SCHEMA}.erasing WHERE document = $1`);

interface Renaming {
  readonly from: DocumentId;
  readonly to: DocumentId;
  readonly now: number;
  readonly at: LogEnd | undefined;
}

/** @returns whether there was none of that name, deleted or not. @throws CoscribeError */
export async function createDocument(
  query: Query,
  id: DocumentId,
  now: number,
  link?: StoredLink,
): Promise<boolean> {
  const generation = randomUUID();
  const values = [id, generation, now, documentSum(id, generation, now)];
  const { count } = await (link === undefined
    ? query(CREATE_DOCUMENT, values)
    : query(CREATE_WITH_LINK, [...values, ...linkValues({ ...link, document: id }, id)]));
  return count > 0;
}

/** @throws CoscribeError */
export async function removeDocument(
  query: Query,
  { id, now, at }: { readonly id: DocumentId; readonly now: number; readonly at: LogEnd | undefined },
): Promise<boolean> {
  if ((await query(REMOVE, [id, now, at?.generation ?? null, at?.head ?? null])).count > 0) return true;
  if (at !== undefined && (await query(READ_NAMED, [id])).count > 0)
    throw new CoscribeError('precondition-failed');
  return false;
}

/** @throws CoscribeError */
export async function restoreDocument(query: Query, id: DocumentId): Promise<boolean> {
  return (await query(RESTORE, [id])).count > 0;
}

/** @throws CoscribeError */
export async function renameDocument(
  query: Query,
  { from, to, now, at }: Renaming,
): Promise<'done' | 'absent' | 'taken'> {
  const row = (await query(READ_NAMED, [from])).rows[0];
  if (row === undefined) return 'absent';
  const [generation, createdAt, sealedAs] = row;
  if (at !== undefined && generation !== at.generation) throw new CoscribeError('precondition-failed');
  const sum = documentSum(to, String(generation), Number(createdAt), String(sealedAs));
  const became = (await query(RENAME, [from, generation, to, sum, now, at?.head ?? null])).rows[0]?.[0];
  if (became === 'done' || became === 'taken') return became;
  if (at !== undefined && (await query(READ_NAMED, [from])).count > 0)
    throw new CoscribeError('precondition-failed');
  return 'absent';
}

/**
 * Erases deleted documents one after the other, in short statements. The first one takes them away; whatever ends the
 * others early, the next purge of any node goes on with them. Several nodes may do it at once. @throws CoscribeError
 */
export async function purge(
  query: Query,
  deletedUntil: number,
  limit: number,
): Promise<readonly DocumentId[]> {
  if (limit <= 0) return [];
  const begun = (await query(BEGIN_ERASING, [deletedUntil, limit])).rows;
  const keys = begun.map(([key]) => String(key));
  const left = (await query(UNFINISHED, [`{${keys.join(',')}}`, limit - begun.length])).rows;
  const purged: DocumentId[] = [];
  for (const [key, id] of [...begun, ...left]) {
    await erase(query, key);
    // Another node may have been quicker.
    if ((await query(FINISH_ERASING, [key])).count > 0) purged.push(String(id) as DocumentId);
  }
  return purged;
}

async function erase(query: Query, key: unknown): Promise<void> {
  await query(ERASE_SNAPSHOTS, [key]);
  while ((await query(ERASE_LOG, [key, ERASE_ROWS, ERASE_BYTES])).count > 0);
  while ((await query(ERASE_AUTHORS, [key, ERASE_ROWS])).count > 0);
  while ((await query(ERASE_RECEIPTS, [key, ERASE_ROWS])).count > 0);
}
