import type Database from 'libsql';
import { linkSum } from '../access-records.js';
import type { StoredDocument } from '../check/store-reader.js';
import { receiptSum } from '../receipt-records.js';
import type { Receipt } from '../receipts.js';
import { cut, PIECE_BYTES } from '../snapshot-pieces.js';
import { messageOf, sqliteCode } from '../sqlite-errors.js';
import { pieceSum, placeSum, SnapshotRows } from '../sqlite-snapshots.js';
import { movedSum, toldSum } from '../sqlite-sums.js';
import { StoreOpenError } from '../store-open-error.js';

/** Tables in which documents that are written may meet what is there. */
const SHARED = new Set(['webhooks', 'life_hooks', 'access_changes', 'receipts', 'earlier_names']);

/** What the operator is told when SQLite does not write. */
export function notWritten(name: string, error: unknown): StoreOpenError {
  const code = sqliteCode(error);
  const what =
    code === 5 || code === 6
      ? 'is in use. Stop the server that uses it first'
      : code === 13
        ? 'cannot be written to: there is no room on its disk. Make room, and give the command again'
        : `cannot be written to: ${messageOf(error)}`;
  return new StoreOpenError(`${name} ${what}.`, { cause: error });
}

/** How the rows of documents are written to SQLite. */
export abstract class SqliteRows {
  /** Keys of webhooks by their names. */
  protected readonly hooks = new Map<string, number>();

  /** What the operator is told. */
  protected abstract readonly name: string;

  protected constructor(protected readonly database: Database.Database) {}

  protected writeSnapshot(key: number, { sealedAs, snapshot }: StoredDocument): void {
    if (snapshot === undefined) return;
    const { seq, state, index } = snapshot;
    const first = new SnapshotRows(this.database).nextKey();
    const place = { seq, first, pieceBytes: PIECE_BYTES, stateBytes: state.length, indexBytes: index.length };
    this.insert('snapshots', {
      document: key,
      seq,
      first_piece: first,
      piece_bytes: PIECE_BYTES,
      state_bytes: state.length,
      index_bytes: index.length,
      checksum: placeSum(sealedAs, place),
    });
    let piece = first;
    for (const content of [...cut(state, PIECE_BYTES), ...cut(index, PIECE_BYTES)]) {
      const copy = new Uint8Array(content);
      const sum = pieceSum(sealedAs, seq, piece, copy);
      this.insert('snapshot_pieces', { key: piece++, document: key, checksum: sum, content: copy });
    }
  }

  protected writeBelongings(key: number, document: StoredDocument): void {
    for (const link of document.links) {
      const { hash, id, role, label, createdAt, expiresAt } = link;
      const sum = linkSum(link, document.sealedAs);
      const times = { created_at: createdAt, expires_at: expiresAt ?? null };
      this.insert('links', { hash, document: key, id, role, label, ...times, checksum: sum });
    }
    for (const receipt of document.receipts) this.insertReceipt(receipt, key);
    for (const { id, movedAt } of document.names) {
      this.insert('earlier_names', {
        id,
        document: key,
        moved_at: movedAt,
        checksum: movedSum(id, key, movedAt),
      });
    }
    for (const { hook: name, ...rest } of document.deliveries) {
      const hook = this.hooks.get(name);
      if (hook === undefined) continue;
      const row = { document: key, hook, ...rest };
      this.insert('deliveries', { ...row, checksum: toldSum(row) });
    }
  }

  protected insertReceipt(receipt: Receipt, document: number | null): void {
    const { key, digest, seq, generation, answer, createdAt } = receipt;
    const facts = { seq: seq ?? null, generation: generation ?? null, answer: answer ?? null };
    this.insert('receipts', {
      key,
      digest,
      document,
      ...facts,
      created_at: createdAt,
      checksum: receiptSum(receipt),
    });
  }

  /** What is there already stays, in tables where it may be. */
  protected insert(table: string, row: Readonly<Record<string, unknown>>): void {
    const columns = Object.keys(row);
    const marks = columns.map(() => '?').join(', ');
    this.database
      .prepare(
        `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})${SHARED.has(table) ? ' ON CONFLICT DO NOTHING' : ''}`,
      )
      .run(Object.values(row));
  }

  protected transaction(work: () => void): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.database.exec('COMMIT');
    } catch (error) {
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      throw sqliteCode(error) === undefined ? error : notWritten(this.name, error);
    }
  }
}
