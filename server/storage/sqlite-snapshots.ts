import type Database from 'libsql';
import { bytesOf, checksum } from './checksum.js';
import type { DocumentRow } from './sqlite-documents.js';
import { StoreFault } from './sqlite-errors.js';
import { selectOne } from './sqlite-statement.js';
import type { Snapshot } from './store.js';

/** The table `snapshots`: the newest one of each document. */
export class SnapshotRows {
  private readonly insert;
  private readonly selectSummary;
  private readonly select;
  private readonly remove;

  constructor(database: Database.Database) {
    this.insert = database.prepare(
      'INSERT INTO snapshots (document, seq, index_checksum, state_checksum, "index", state) VALUES (?, ?, ?, ?, ?, ?)',
    );
    const columns = 'index_checksum AS indexSum, state_checksum AS stateSum, "index"';
    // The length of a value stands before it, so the state itself is not read.
    this.selectSummary = database.prepare(
      `SELECT ${columns}, length(state) AS bytes FROM snapshots WHERE document = ? AND seq = ?`,
    );
    this.select = database.prepare(`SELECT ${columns}, state FROM snapshots WHERE document = ? AND seq = ?`);
    this.remove = database.prepare('DELETE FROM snapshots WHERE document = ?');
  }

  /** The document must have a snapshot. @throws StoreFault `document-unreadable` */
  summary(document: DocumentRow): { readonly bytes: number; readonly index: Uint8Array } {
    const row = selectOne(this.selectSummary, [document.key, document.snapshotSeq]) as
      | { readonly indexSum: number; readonly index: unknown; readonly bytes: number }
      | undefined;
    if (row === undefined) throw new StoreFault('document-unreadable', 'the snapshot is missing');
    return { bytes: row.bytes, index: this.verified(document, 'index', row.index, row.indexSum) };
  }

  /** The document must have a snapshot. @throws StoreFault `document-unreadable` */
  read(document: DocumentRow): Snapshot {
    const row = selectOne(this.select, [document.key, document.snapshotSeq]) as
      | {
          readonly indexSum: number;
          readonly stateSum: number;
          readonly index: unknown;
          readonly state: unknown;
        }
      | undefined;
    if (row === undefined) throw new StoreFault('document-unreadable', 'the snapshot is missing');
    return {
      seq: document.snapshotSeq,
      state: this.verified(document, 'state', row.state, row.stateSum),
      index: this.verified(document, 'index', row.index, row.indexSum),
    };
  }

  replace({ key, id }: DocumentRow, { seq, state, index }: Snapshot): void {
    this.remove.run([key]);
    const indexSum = checksum([id, seq, 'index'], index);
    const stateSum = checksum([id, seq, 'state'], state);
    this.insert.run([key, seq, indexSum, stateSum, index, state]);
  }

  private verified(document: DocumentRow, part: 'index' | 'state', stored: unknown, sum: number): Uint8Array {
    const bytes = bytesOf(stored);
    if (checksum([document.id, document.snapshotSeq, part], bytes) === sum) return bytes;
    throw new StoreFault('document-unreadable', `the ${part} of the snapshot is damaged`);
  }
}
