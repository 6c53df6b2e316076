import Database from 'libsql';
import { checksum } from '../../server/storage/checksum.js';
import { APPLICATION_ID } from '../../server/storage/sqlite-schema.js';
import { bytes } from './store-data.js';

/** The tables as the first version made them. */
const TABLES = `
  CREATE TABLE documents (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, generation TEXT NOT NULL, head INTEGER NOT NULL,
    first_row INTEGER NOT NULL, snapshot_seq INTEGER NOT NULL, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, checksum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX documents_by_time ON documents (updated_at DESC, id);
  CREATE TABLE log (
    document INTEGER NOT NULL, seq INTEGER NOT NULL, client_id INTEGER NOT NULL, author TEXT NOT NULL,
    committed_at INTEGER NOT NULL, checksum INTEGER NOT NULL, "update" BLOB NOT NULL, PRIMARY KEY (document, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE snapshots (
    document INTEGER NOT NULL, seq INTEGER NOT NULL, index_checksum INTEGER NOT NULL,
    state_checksum INTEGER NOT NULL, "index" BLOB NOT NULL, state BLOB NOT NULL, UNIQUE (document, seq)
  ) STRICT;
  CREATE TABLE document_clients (
    document INTEGER NOT NULL, client_id INTEGER NOT NULL, author TEXT NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (document, client_id)
  ) STRICT, WITHOUT ROWID;
`;

export interface OldDocument {
  readonly id: string;
  readonly updatedAt: number;
  /** Rows 3, 4 and 5 are there; the snapshot, if any, is of row 4. */
  readonly snapshot?: { readonly state: Uint8Array; readonly index: Uint8Array };
  readonly damaged?: 'state' | 'index';
}

/** Makes a file of the first version, with these documents, and closes it. */
export function createVersion1(file: string, documents: readonly OldDocument[]): void {
  const database = new Database(file);
  database.exec(`BEGIN; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1; ${TABLES}`);
  for (const [position, document] of documents.entries()) insert(database, position + 1, document);
  database.exec('COMMIT');
  database.close();
}

function insert(database: Database.Database, key: number, document: OldDocument): void {
  const { id, updatedAt, snapshot } = document;
  const [head, firstRow, snapshotSeq] = snapshot === undefined ? [2, 1, 0] : [5, 3, 4];
  const facts = [id, `generation of ${id}`, head, firstRow, snapshotSeq, 1, updatedAt];
  database
    .prepare('INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run([key, ...facts, checksum(facts)]);
  const log = database.prepare('INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)');
  for (let seq = firstRow ?? 1; seq <= (head ?? 0); seq++) {
    const update = bytes(`row ${seq} of ${id}`);
    log.run([key, seq, 7, 'ada', updatedAt, checksum([id, seq, 7, 'ada', updatedAt], update), update]);
  }
  database
    .prepare('INSERT INTO document_clients VALUES (?, ?, ?, ?)')
    .run([key, 7, 'ada', checksum([id, 7, 'ada'])]);
  if (snapshot === undefined) return;
  const { index, state } = snapshot;
  const sum = (part: 'index' | 'state', content: Uint8Array) =>
    checksum([id, 4, part], content) + (document.damaged === part ? 1 : 0);
  database
    .prepare('INSERT INTO snapshots VALUES (?, ?, ?, ?, ?, ?)')
    .run([key, 4, sum('index', index), sum('state', state), index, state]);
}
