import { SCHEMA } from './postgres-schema.js';

/** A statement that PostgreSQL prepares once per connection, under this name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** `name` is ours alone, and stands for one text. */
export function statement(name: string, text: string): Statement {
  return { name: `coscribe_${name}`, text };
}

/** Every column of `documents` that `readDocument` reads, in its order. */
const DOCUMENT = 'd.key, d.id, d.sealed_as, d.generation, d.created_at, d.checksum, d.head, d.first_row';
const POSITION = 'd.generation, d.head, d.first_row, d.snapshot_seq, d.snapshot_bytes';

/** What `readSnapshotRecord` reads, in its order. */
const SNAPSHOT = `s.key, s.seq, s.state_bytes, s.piece_bytes, s.checksum, encode(s.index, 'base64')`;

export const APPEND = statement(
  'append',
  `SELECT array_to_string(${SCHEMA}.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
    $18, $19), ',')`,
);

/** Whether it is deleted, and then the document. */
export const OPEN_DOCUMENT = statement(
  'open_document',
  `SELECT d.deleted_at IS NOT NULL, ${DOCUMENT}, d.snapshot_seq, d.snapshot_bytes,
      (SELECT seq FROM ${SCHEMA}.log WHERE document = d.key AND seq >= d.first_row ORDER BY seq LIMIT 1),
      (SELECT seq FROM ${SCHEMA}.log WHERE document = d.key AND seq >= d.first_row ORDER BY seq DESC LIMIT 1),
      ${SNAPSHOT}
    FROM ${SCHEMA}.documents d LEFT JOIN ${SCHEMA}.snapshots s ON s.key = d.snapshot WHERE d.id = $1`,
);

/** What checksums of documents are made with, by their generations. */
export const READ_SEALS = statement(
  'read_seals',
  `SELECT generation, coalesce(sealed_as, id) FROM ${SCHEMA}.documents WHERE id = ANY ($1)`,
);

export const POSITIONS = statement(
  'positions',
  `SELECT d.id, ${POSITION} FROM ${SCHEMA}.documents d WHERE d.id = ANY ($1) AND d.deleted_at IS NULL`,
);

/**
 * Rows in one row, which costs a fifth of rows of their own: the updates one after the other, and lists for the rest. At
 * most `$3` rows, and none after their updates have `$4` bytes together.
 */
export const READ_LOG = statement(
  'read_log',
  `SELECT ${DOCUMENT}, r.*
    FROM ${SCHEMA}.documents d CROSS JOIN LATERAL (
      SELECT min(seq), max(seq), count(*), string_agg(client_id::text, ',' ORDER BY seq), json_agg(author ORDER BY seq)::text,
        string_agg(committed_at::text, ',' ORDER BY seq), string_agg((checksum # seq)::text, ',' ORDER BY seq),
        string_agg(octet_length(update)::text, ',' ORDER BY seq),
        encode(string_agg(update, ''::bytea ORDER BY seq), 'base64')
      FROM (
        SELECT l.*, sum(octet_length(l.update)) OVER (ORDER BY l.seq) - octet_length(l.update) AS before
        FROM ${SCHEMA}.log l WHERE l.document = d.key AND l.seq > $2::bigint ORDER BY l.seq LIMIT $3::bigint
      ) AS l WHERE before < $4::bigint
    ) AS r WHERE d.id = $1 AND d.deleted_at IS NULL`,
);

export const READ_SNAPSHOT = statement(
  'read_snapshot',
  `SELECT ${DOCUMENT}, d.snapshot_seq, ${SNAPSHOT}
    FROM ${SCHEMA}.documents d LEFT JOIN ${SCHEMA}.snapshots s ON s.key = d.snapshot
    WHERE d.id = $1 AND d.deleted_at IS NULL`,
);

export const READ_PIECE = statement(
  'read_piece',
  `SELECT checksum, encode(content, 'base64') FROM ${SCHEMA}.snapshot_pieces WHERE snapshot = $1 AND number = $2`,
);

/** Writes nothing if it would be of no use; why is found out then. */
export const BEGIN_SNAPSHOT = statement(
  'begin_snapshot',
  `INSERT INTO ${SCHEMA}.snapshots (document, seq, state_bytes, piece_bytes, checksum, index)
    SELECT key, $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::bytea FROM ${SCHEMA}.documents
      WHERE id = $1 AND generation = $2 AND snapshot_seq <= $3::bigint AND head >= $3::bigint
    RETURNING key`,
);

export const WRITE_PIECE = statement(
  'write_piece',
  `INSERT INTO ${SCHEMA}.snapshot_pieces (snapshot, number, checksum, content) VALUES ($1, $2, $3, $4)`,
);

export const FINISH_SNAPSHOT = statement(
  'finish_snapshot',
  `SELECT ${SCHEMA}.finish_snapshot($1, $2, $3, $4, $5, $6)`,
);

export const REMOVE_SNAPSHOT = statement(
  'remove_snapshot',
  `DELETE FROM ${SCHEMA}.snapshots WHERE key = $1 AND NOT finished`,
);

/** Those that another one has replaced, of one document. */
export const REMOVE_REPLACED = statement(
  'remove_replaced',
  `DELETE FROM ${SCHEMA}.snapshots s USING ${SCHEMA}.documents d
    WHERE d.id = $1 AND s.document = d.key AND s.finished AND s.key <> d.snapshot`,
);

/** Those whose writer has ended, of any document: nobody takes an hour for one. A few at once. */
export const REMOVE_LEFT_OVER = statement(
  'remove_left_over',
  `DELETE FROM ${SCHEMA}.snapshots WHERE NOT finished AND key IN (
    SELECT key FROM ${SCHEMA}.snapshots WHERE NOT finished AND begun_at < now() - interval '1 hour'
      ORDER BY begun_at LIMIT 4)`,
);

/** Removes the `$2` oldest of a document's trimmed rows. */
export const TRIM_LOG = statement(
  'trim_log',
  `DELETE FROM ${SCHEMA}.log l USING ${SCHEMA}.documents d
    WHERE d.id = $1 AND l.document = d.key AND l.seq < d.first_row AND l.seq < $2::bigint + (
      SELECT seq FROM ${SCHEMA}.log WHERE document = d.key ORDER BY seq LIMIT 1)`,
);

export const READ_AUTHOR = statement(
  'read_author',
  `SELECT a.author, a.checksum, coalesce(d.sealed_as, d.id) FROM ${SCHEMA}.documents d
    JOIN ${SCHEMA}.authors a ON a.document = d.key AND a.client_id = $2
    WHERE d.id = $1 AND d.deleted_at IS NULL`,
);

export const FIND = statement(
  'find',
  `SELECT id, head, created_at, updated_at, deleted_at FROM ${SCHEMA}.documents WHERE id = $1`,
);

/** By a name that it had, if it is not deleted; and the name that it has, and since when. */
export const FIND_MOVED = statement(
  'find_moved',
  `SELECT e.id, d.head, d.created_at, d.updated_at, d.deleted_at, d.id, e.moved_at
    FROM ${SCHEMA}.earlier_names e JOIN ${SCHEMA}.documents d ON d.key = e.document
    WHERE e.id = $1 AND d.deleted_at IS NULL`,
);
