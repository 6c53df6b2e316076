import type Database from 'libsql';
import { bytesOf, checksum, textOf } from './checksum.js';
import { cut, PIECE_BYTES } from './snapshot-pieces.js';
import {
  ACCESS_TABLES,
  DELIVERY_TABLES,
  INDEX_BY_TIME,
  LIFE_TABLES,
  NAME_AND_RECEIPT_TABLES,
  SCHEMA_VERSION,
  SNAPSHOT_TABLES,
} from './sqlite-schema.js';
import { sealAll } from './sqlite-sealing.js';
import { pieceSum, type SnapshotOwner, SnapshotRows } from './sqlite-snapshots.js';
import { selectOne } from './sqlite-statement.js';
import { tallies, tallyTable } from './sqlite-tallies.js';

/**
 * Brings the tables of an older version to `SCHEMA_VERSION`, in one transaction: a crash in it, or an error, leaves the
 * older version. The connection must have the file for itself.
 *
 * @throws what SQLite throws
 */
export function migrate(database: Database.Database, version: number): void {
  if (version === SCHEMA_VERSION) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    if (version < 2) {
      coarserTimes(database);
      snapshotsInPieces(database);
    }
    if (version < 3) access(database);
    // Version 3 knew no webhooks.
    if (version < 4) database.exec(DELIVERY_TABLES);
    if (version < 5) newNames(database);
    // Version 6 kept nothing of what became of documents.
    database.exec(LIFE_TABLES);
    if (version < 6) checksumsAndTallies(database, version);
    else database.exec(['life_hooks', 'life_events'].map(tallyTable).join('\n'));
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
  // From now on the file itself says its version, and not only the write-ahead log beside it.
  database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
}

/** Version 1 kept an index of the millisecond. */
function coarserTimes(database: Database.Database): void {
  database.exec(`
    DROP INDEX documents_by_time;
    ALTER TABLE documents ADD COLUMN updated_minute INTEGER NOT NULL DEFAULT 0;
    UPDATE documents SET updated_minute = updated_at / 60000;
    ${INDEX_BY_TIME}
  `);
}

/** Version 2 could not delete documents, and knew no links. */
function access(database: Database.Database): void {
  database.exec(`ALTER TABLE documents ADD COLUMN deleted_at INTEGER; ${ACCESS_TABLES}`);
}

/** Version 4 could not give documents other names, and knew no receipts. */
function newNames(database: Database.Database): void {
  database.exec(`ALTER TABLE documents ADD COLUMN sealed_as TEXT; ${NAME_AND_RECEIPT_TABLES}`);
}

/** Which version first had the tables that got checksums in version 6. */
const SEALED_LATER: readonly (readonly [since: number, table: string])[] = [
  [2, 'loose_pieces'],
  [3, 'erasing'],
  [4, 'webhooks'],
  [4, 'deliveries'],
  [5, 'earlier_names'],
];

/** Version 5 had tables without checksums, and did not count. */
function checksumsAndTallies(database: Database.Database, version: number): void {
  for (const [since, table] of SEALED_LATER) {
    if (version < since) continue;
    database.exec(`ALTER TABLE ${table} ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0`);
  }
  sealAll(database);
  database.exec(tallies());
}

interface OldSnapshot {
  readonly document: number;
  readonly seq: number;
  readonly indexSum: number;
  readonly stateSum: number;
  readonly index: unknown;
  readonly state: unknown;
}

/** Version 1 kept a snapshot in one row. What was damaged stays as it is, and stays noticed. */
function snapshotsInPieces(database: Database.Database): void {
  database.exec(`ALTER TABLE snapshots RENAME TO old_snapshots; ${SNAPSHOT_TABLES}`);
  const snapshots = new SnapshotRows(database);
  const list = database.prepare(`SELECT s.rowid AS snapshot, d.key, CAST(d.id AS BLOB) AS id
    FROM old_snapshots s JOIN documents d ON d.key = s.document AND d.snapshot_seq = s.seq`);
  const select =
    database.prepare(`SELECT document, seq, index_checksum AS indexSum, state_checksum AS stateSum,
    "index", state FROM old_snapshots WHERE rowid = ?`);
  type Listed = { readonly snapshot: number; readonly key: number; readonly id: unknown };
  for (const { snapshot, key, id } of list.all([]) as Listed[]) {
    const document = { key, sealedAs: textOf(id), snapshotSeq: 0 };
    moveSnapshot(snapshots, document, selectOne(select, [snapshot]) as OldSnapshot);
  }
  database.exec('DROP TABLE old_snapshots');
}

function moveSnapshot(snapshots: SnapshotRows, document: SnapshotOwner, old: OldSnapshot): void {
  const { seq } = old;
  const parts = [
    { part: 'state', bytes: bytesOf(old.state), sum: old.stateSum },
    { part: 'index', bytes: bytesOf(old.index), sum: old.indexSum },
  ];
  const [stateBytes = 0, indexBytes = 0] = parts.map(({ bytes }) => bytes.length);
  const sizes = { pieceBytes: PIECE_BYTES, stateBytes, indexBytes };
  const first = snapshots.nextKey();
  let key = first;
  for (const { part, bytes, sum } of parts) {
    const damaged = checksum([document.sealedAs, seq, part], bytes) !== sum;
    for (const content of cut(bytes, PIECE_BYTES)) {
      const right = pieceSum(document.sealedAs, seq, key, content);
      snapshots.writePiece(document, seq, key++, content, damaged ? right + 1 : right);
    }
  }
  snapshots.replace(document, { seq, first, ...sizes });
}
