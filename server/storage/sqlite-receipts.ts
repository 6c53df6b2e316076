import type Database from 'libsql';
import type { DocumentId } from '../../shared/ids.js';
import { textOf } from './checksum.js';
import { receiptSum } from './receipt-records.js';
import type { Receipt } from './receipts.js';
import type { DocumentRows } from './sqlite-documents.js';
import { StoreFault } from './sqlite-errors.js';
import type { Input, ReceiptOperations } from './sqlite-messages.js';
import { selectOne } from './sqlite-statement.js';
import type { Transactions } from './sqlite-transactions.js';

interface StoredRow {
  readonly digest: unknown;
  readonly document: unknown;
  readonly seq: number | null;
  readonly generation: unknown;
  readonly answer: unknown;
  readonly createdAt: number;
  readonly checksum: number;
}

/** How many of a document's one transaction removes. */
const ERASED_AT_ONCE = 1_000;

/** The table `receipts`. Runs in the storage thread. */
export class SqliteReceipts implements ReceiptOperations {
  private readonly select;
  private readonly selectKey;
  private readonly insert;
  private readonly removeOld;
  private readonly removeSome;

  constructor(
    database: Database.Database,
    private readonly documents: DocumentRows,
    private readonly transactions: Transactions,
  ) {
    this.select = database.prepare(
      `SELECT CAST(r.digest AS BLOB) AS digest, CAST(d.id AS BLOB) AS document, r.seq,
          CAST(r.generation AS BLOB) AS generation, CAST(r.answer AS BLOB) AS answer, r.created_at AS createdAt, r.checksum
        FROM receipts r LEFT JOIN documents d ON d.key = r.document WHERE r.key = ?`,
    );
    this.selectKey = database.prepare('SELECT 1 FROM receipts WHERE key = ?');
    this.insert = database.prepare(
      `INSERT INTO receipts (key, digest, document, seq, generation, answer, created_at, checksum)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.removeOld = database.prepare(
      'DELETE FROM receipts WHERE key IN (SELECT key FROM receipts WHERE created_at <= ? LIMIT ?)',
    );
    this.removeSome = database.prepare(
      'DELETE FROM receipts WHERE key IN (SELECT key FROM receipts WHERE document = ? LIMIT ?)',
    );
  }

  readReceipt({ key }: Input<'readReceipt'>): Receipt | undefined {
    const row = selectOne(this.select, [key]) as StoredRow | undefined;
    if (row === undefined) return undefined;
    const { seq, createdAt } = row;
    const receipt = {
      key,
      digest: textOf(row.digest),
      ...(seq !== null && { seq }),
      ...(row.generation !== null && { generation: textOf(row.generation) }),
      ...(row.answer !== null && { answer: textOf(row.answer) }),
      createdAt,
    };
    if (receiptSum(receipt) !== row.checksum)
      throw new StoreFault('document-unreadable', 'a receipt is damaged');
    return row.document === null ? receipt : { ...receipt, document: textOf(row.document) as DocumentId };
  }

  keepReceipt({ receipt }: Input<'keepReceipt'>): boolean {
    return this.transactions.run(() => {
      const document = receipt.document && this.documents.find(receipt.document);
      return this.keep(receipt, document?.key);
    });
  }

  has(key: string): boolean {
    return selectOne(this.selectKey, [key]) !== undefined;
  }

  /** Part of a transaction. @returns `false` if there is one of this key */
  keep(receipt: Receipt, document: number | undefined): boolean {
    const { key, digest, seq, generation, answer, createdAt } = receipt;
    const values = [
      key,
      digest,
      document ?? null,
      seq ?? null,
      generation ?? null,
      answer ?? null,
      createdAt,
    ];
    return this.insert.run([...values, receiptSum(receipt)]).changes === 1;
  }

  forgetReceipts({ until, limit }: Input<'forgetReceipts'>): number {
    return this.transactions.run(() => this.removeOld.run([until, Math.max(0, limit)]).changes);
  }

  /** Removes some of a document that is gone. Part of a transaction. @returns whether there may be more */
  erase(document: number): boolean {
    return this.removeSome.run([document, ERASED_AT_ONCE]).changes === ERASED_AT_ONCE;
  }
}
