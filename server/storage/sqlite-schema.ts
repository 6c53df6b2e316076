/** Marks our files in SQLite's header: "Cosc" in ASCII. Must never change. */
export const APPLICATION_ID = 0x436f7363;

/** Counts up with every change of the tables. */
export const SCHEMA_VERSION = 1;

/**
 * `documents.key` stands for the name in the other tables, so that a log row does not repeat 100 bytes of it.
 * The log is clustered by (document, seq): rows are small and always read in that order. Snapshots are large, which
 * is what ordinary tables are for. Times are milliseconds since the Unix epoch.
 *
 * Text is read as `CAST(… AS BLOB)` always: libsql ends the whole process at text that is not UTF-8, which one flipped
 * bit is enough for.
 *
 * `document_clients` keeps who first wrote under a Yjs clientID, for good; the log is trimmed.
 */
export const SCHEMA = `
  CREATE TABLE documents (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    generation TEXT NOT NULL,
    head INTEGER NOT NULL,
    first_row INTEGER NOT NULL,
    snapshot_seq INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX documents_by_time ON documents (updated_at DESC, id);

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

  CREATE TABLE snapshots (
    document INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    index_checksum INTEGER NOT NULL,
    state_checksum INTEGER NOT NULL,
    "index" BLOB NOT NULL,
    state BLOB NOT NULL,
    UNIQUE (document, seq)
  ) STRICT;

  CREATE TABLE document_clients (
    document INTEGER NOT NULL,
    client_id INTEGER NOT NULL,
    author TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (document, client_id)
  ) STRICT, WITHOUT ROWID;
`;
