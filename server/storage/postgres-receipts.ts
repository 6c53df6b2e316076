import type { DocumentId } from '../../shared/ids.js';
import { checksum } from './checksum.js';
import { damaged } from './postgres-documents.js';
import type { Query } from './postgres-log.js';
import { SCHEMA } from './postgres-schema.js';
import { statement } from './postgres-statements.js';
import { fromTextValue, textValue } from './postgres-values.js';
import { receiptFacts } from './receipt-records.js';
import type { Receipt, ReceiptStore } from './receipts.js';

const READ = statement(
  'read_receipt',
  `SELECT r.digest, d.id, r.seq, r.generation, r.answer, r.created_at, r.checksum # coalesce(r.seq, 0)
    FROM ${SCHEMA}.receipts r LEFT JOIN ${SCHEMA}.documents d ON d.key = r.document WHERE r.key = $1`,
);

const KEEP = statement(
  'keep_receipt',
  `INSERT INTO ${SCHEMA}.receipts (key, digest, document, seq, generation, answer, created_at, checksum)
    VALUES ($1, $2, (SELECT key FROM ${SCHEMA}.documents WHERE id = $3), $4::bigint, $5, $6, $7,
      $8::bigint # coalesce($4::bigint, 0)) ON CONFLICT DO NOTHING`,
);

/** Those that somebody else is removing are left to him: nobody waits for anybody. */
const FORGET = statement(
  'forget_receipts',
  `DELETE FROM ${SCHEMA}.receipts WHERE key IN (
    SELECT key FROM ${SCHEMA}.receipts WHERE created_at <= $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
);

/** Receipts in PostgreSQL: each call is one statement. */
export class PostgresReceipts implements ReceiptStore {
  constructor(private readonly query: Query) {}

  async readReceipt(key: string): Promise<Receipt | undefined> {
    const row = (await this.query(READ, [textValue(key)])).rows[0];
    if (row === undefined) return undefined;
    const [digest, document, seq, generation, answer, createdAt, sum] = row;
    const receipt = {
      key,
      digest: fromTextValue(String(digest)),
      ...(generation !== null && { generation: fromTextValue(String(generation)) }),
      ...(answer !== null && { answer: fromTextValue(String(answer)) }),
      createdAt: Number(createdAt),
    };
    if (checksum(receiptFacts(receipt)) !== Number(sum)) throw damaged('a receipt');
    return {
      ...receipt,
      ...(seq !== null && { seq: Number(seq) }),
      ...(document !== null && { document: String(document) as DocumentId }),
    };
  }

  async keepReceipt(receipt: Receipt): Promise<boolean> {
    const { key, digest, document, seq, generation, answer, createdAt } = receipt;
    const texts = [generation, answer].map((text) => (text === undefined ? undefined : textValue(text)));
    const sum = checksum(receiptFacts(receipt));
    const values = [textValue(key), textValue(digest), document, seq, ...texts, createdAt, sum];
    return (await this.query(KEEP, values)).count > 0;
  }

  async forgetReceipts(until: number, limit: number): Promise<number> {
    return (await this.query(FORGET, [until, Math.max(0, limit)])).count;
  }
}
