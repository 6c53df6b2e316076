import { tallies } from './sqlite-tallies.js';

/** Marks our files in SQLite's header: "Cosc" in ASCII. Must never change. */
export const APPLICATION_ID = 0x436f7363;

/** Counts up with every change of the tables. */
export const SCHEMA_VERSION = 7;

/** Files of this version and later ones are brought to `SCHEMA_VERSION` when they are opened. */
export const OLDEST_READABLE_VERSION = 1;

/**
 * Documents are found by the time of their last edit through the minute of it: an index of the millisecond would be
 * written to twice with every edit, which was a third of what a commit wrote.
 */
export const INDEX_BY_TIME = 'CREATE INDEX documents_by_minute ON documents (updated_minute);';

/**
 * A snapshot is a row in `snapshots` and its bytes in pieces with consecutive keys from `first_piece` on: those of the
 * state, then those of the index, each `piece_bytes` long except the last. A large one is written piece by piece, so
 * that nobody's edit waits for all of it.
 *
 * `loose_pieces` names ranges of pieces that no snapshot consists of: not yet, while one is being written, or no more.
 * Whatever stands there when nothing is being written can be removed.
 */
export const SNAPSHOT_TABLES = `
  CREATE TABLE snapshots (
    document INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    first_piece INTEGER NOT NULL,
    piece_bytes INTEGER NOT NULL,
    state_bytes INTEGER NOT NULL,
    index_bytes INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE snapshot_pieces (
    key INTEGER PRIMARY KEY,
    document INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    content BLOB NOT NULL
  ) STRICT;

  CREATE TABLE loose_pieces (
    first INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    document INTEGER NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0
  ) STRICT;
`;

/**
 * `documents.deleted_at` says since when a document is deleted; until then and after a restore it is NULL.
 *
 * `erasing` names the keys of documents that are being erased, step by step: their rows in `documents` are gone, and the
 * keys are not given to others before everything under them is gone, too.
 *
 * Of each subject's changes of access only the last is kept. `voided_at` is NULL where nothing is voided.
 */
export const ACCESS_TABLES = `
  CREATE INDEX deleted_documents ON documents (deleted_at) WHERE deleted_at IS NOT NULL;
  CREATE INDEX pieces_of_document ON snapshot_pieces (document);

  CREATE TABLE erasing (
    document INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE links (
    hash BLOB PRIMARY KEY,
    document INTEGER NOT NULL,
    id TEXT NOT NULL,
    role TEXT NOT NULL,
    label TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    checksum INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX links_of_document ON links (document, id);

  CREATE TABLE access_changes (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL UNIQUE,
    voided_at INTEGER,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * What hooks were told. `webhooks.checked_minute` and `since` as in `HookRecord`. In `deliveries`, changes up to `told` were told; those
 * up to `target`, if it is more, are claimed, by `owner` until `until`.
 */
export const DELIVERY_TABLES = `
  CREATE TABLE webhooks (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    since INTEGER NOT NULL,
    checked_minute INTEGER NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE deliveries (
    document INTEGER NOT NULL,
    hook INTEGER NOT NULL,
    told INTEGER NOT NULL,
    target INTEGER NOT NULL,
    owner TEXT NOT NULL,
    until INTEGER NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (document, hook)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * `life_hooks` has the hooks for which it is kept what becomes of documents, with the kinds of that, with commas between
 * them, and when a node had them last. `life_events` has what waits to be told; claimed by `owner` until `until`.
 */
export const LIFE_TABLES = `
  CREATE TABLE life_hooks (
    hook TEXT PRIMARY KEY,
    kinds TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE life_events (
    key INTEGER PRIMARY KEY,
    hook TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    former TEXT,
    generation TEXT NOT NULL,
    head INTEGER NOT NULL,
    at INTEGER NOT NULL,
    owner TEXT NOT NULL,
    until INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX life_by_name ON life_events (hook, id);
  CREATE INDEX life_by_former ON life_events (hook, former) WHERE former IS NOT NULL;
  CREATE INDEX life_by_generation ON life_events (hook, generation);
`;

/** Documents are found by the time at which they were made. */
const INDEX_BY_CREATION = 'CREATE INDEX documents_by_creation ON documents (created_at DESC, id);';

/**
 * `earlier_names` has the names that documents had, as long as no other document has them.
 *
 * A receipt with a document's key goes with the document. `seq` is of its generation.
 */
export const NAME_AND_RECEIPT_TABLES = `
  ${INDEX_BY_CREATION}

  CREATE TABLE earlier_names (
    id TEXT PRIMARY KEY,
    document INTEGER NOT NULL,
    moved_at INTEGER NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX names_of_document ON earlier_names (document);

  CREATE TABLE receipts (
    key TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    document INTEGER,
    seq INTEGER,
    generation TEXT,
    answer TEXT,
    created_at INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX receipts_by_time ON receipts (created_at);
  CREATE INDEX receipts_of_document ON receipts (document) WHERE document IS NOT NULL;
`;

/**
 * `documents.key` stands for the name in the other tables, so that a log row does not repeat 100 bytes of it.
 * The log is clustered by (document, seq): rows are small and always read in that order. Rows below `first_row` are
 * trimmed, whether they are still there or not. Pieces are large, which is what ordinary tables are for. Times are
 * milliseconds since the Unix epoch.
 *
 * Text is read as `CAST(… AS BLOB)` always: libsql ends the whole process at text that is not UTF-8, which one flipped
 * bit is enough for.
 *
 * The checksums of everything that belongs to a document are made with its name. Where that is not the one it was made
 * with, `sealed_as` has the one it was made with, so that a new name changes nothing but one row.
 *
 * `document_clients` keeps who first wrote under a Yjs clientID, for good; the log is trimmed.
 */
const TABLES = `
  CREATE TABLE documents (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    generation TEXT NOT NULL,
    head INTEGER NOT NULL,
    first_row INTEGER NOT NULL,
    snapshot_seq INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    updated_minute INTEGER NOT NULL DEFAULT 0,
    deleted_at INTEGER,
    sealed_as TEXT
  ) STRICT;
  ${INDEX_BY_TIME}

  CREATE TABLE log (
    document INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    client_id INTEGER NOT NULL,
    author TEXT NOT NULL,
    committed_at INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    "update" BLOB NOT NULL,
    PRIMARY KEY (document, seq)
  ) STRICT, WITHOUT ROWID;

  ${SNAPSHOT_TABLES}

  CREATE TABLE document_clients (
    document INTEGER NOT NULL,
    client_id INTEGER NOT NULL,
    author TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (document, client_id)
  ) STRICT, WITHOUT ROWID;

  ${ACCESS_TABLES}

  ${DELIVERY_TABLES}

  ${LIFE_TABLES}

  ${NAME_AND_RECEIPT_TABLES}
`;

/** All of it. */
export const SCHEMA = `${TABLES} ${tallies()}`;
