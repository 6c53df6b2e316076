import type pg from 'pg';
import { linkSum } from '../access-records.js';
import type { StoredDocument } from '../check/store-reader.js';
import { checksum } from '../checksum.js';
import { sqlState } from '../postgres-errors.js';
import { SCHEMA } from '../postgres-schema.js';
import { pieceSum, recordSum } from '../postgres-snapshots.js';
import { rowSum } from '../postgres-sums.js';
import { textValue } from '../postgres-values.js';
import { receiptFacts } from '../receipt-records.js';
import type { Receipt } from '../receipts.js';
import { cut } from '../snapshot-pieces.js';
import { messageOf } from '../sqlite-errors.js';
import type { LogRow } from '../store.js';
import { StoreOpenError } from '../store-open-error.js';

const PIECE_BYTES = 256 * 1024;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const UNIQUE_VIOLATION = '23505';

/** How the rows of documents are written to PostgreSQL. */
export abstract class PostgresRows {
  abstract readonly description: string;

  protected constructor(protected readonly client: pg.Client) {}

  protected async writeRows(key: unknown, sealedAs: string, rows: readonly LogRow[]): Promise<void> {
    const sums = rows.map(({ seq, clientId, author, committedAt, update }) => {
      // As the database's exclusive or of 64 bits.
      return String(BigInt(rowSum(sealedAs, clientId, author, committedAt, update)) ^ BigInt(seq));
    });
    await this.read(
      `INSERT INTO ${SCHEMA}.log (document, seq, client_id, committed_at, checksum, author, update)
        SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::bytea[])`,
      [
        key,
        rows.map(({ seq }) => seq),
        rows.map(({ clientId }) => clientId),
        rows.map(({ committedAt }) => committedAt),
        sums,
        rows.map(({ author }) => textValue(author)),
        rows.map(({ update }) => Buffer.from(update)),
      ],
    );
  }

  protected async writeSnapshot(key: unknown, { sealedAs, snapshot }: StoredDocument): Promise<void> {
    if (snapshot === undefined) return;
    const { seq, state, index } = snapshot;
    const record = { seq, stateBytes: state.length, pieceBytes: PIECE_BYTES, index };
    const own = await this.insert('snapshots', {
      document: key,
      seq,
      finished: true,
      state_bytes: state.length,
      piece_bytes: PIECE_BYTES,
      checksum: recordSum(sealedAs, record),
      index: Buffer.from(index),
    });
    let number = 0;
    for (const content of cut(state, PIECE_BYTES)) {
      const sum = pieceSum(sealedAs, seq, number, content);
      await this.read(
        `INSERT INTO ${SCHEMA}.snapshot_pieces (snapshot, number, checksum, content) VALUES ($1, $2, $3, $4)`,
        [own, number++, sum, Buffer.from(content)],
      );
    }
    await this.read(`UPDATE ${SCHEMA}.documents SET snapshot = $2 WHERE key = $1`, [key, own]);
  }

  protected async writeBelongings(key: unknown, document: StoredDocument): Promise<void> {
    for (const link of document.links) {
      const { hash, id, role, label, createdAt, expiresAt } = link;
      const texts = { id: textValue(id), role, label: textValue(label) };
      const times = { created_at: createdAt, expires_at: expiresAt ?? null };
      const sum = linkSum(link, document.sealedAs);
      await this.insert(
        'links',
        { hash: Buffer.from(hash), document: key, ...texts, ...times, checksum: sum },
        true,
      );
    }
    for (const receipt of document.receipts) await this.insertReceipt(receipt, key);
    for (const { id, movedAt } of document.names) {
      await this.insert('earlier_names', { id, document: key, moved_at: movedAt }, true);
    }
    for (const { hook, told, target, owner, until } of document.deliveries) {
      await this.read(
        `INSERT INTO ${SCHEMA}.deliveries (document, hook, told, target, owner, until)
          SELECT $1, key, $3, $4, $5, $6 FROM ${SCHEMA}.webhooks WHERE name = $2`,
        [key, textValue(hook), told, target, textValue(owner), until],
      );
    }
  }

  protected async insertReceipt(receipt: Receipt, document: unknown): Promise<void> {
    const { key, digest, seq, generation, answer, createdAt } = receipt;
    const sum = BigInt(checksum(receiptFacts(receipt))) ^ BigInt(seq ?? 0);
    const texts = {
      key: textValue(key),
      digest: textValue(digest),
      answer: answer === undefined ? null : textValue(answer),
    };
    const facts = { document, seq: seq ?? null, generation: generation ?? null, created_at: createdAt };
    await this.insert('receipts', { ...texts, ...facts, checksum: String(sum) }, true);
  }

  /** @returns its key, in tables that have one that is made */
  protected async insert(
    table: string,
    row: Readonly<Record<string, unknown>>,
    mayBeThere = false,
  ): Promise<unknown> {
    const columns = Object.keys(row);
    const marks = columns.map((_, at) => `$${at + 1}`).join(', ');
    const rows = await this.read(
      `INSERT INTO ${SCHEMA}.${table} (${columns.join(', ')}) VALUES (${marks})
        ${mayBeThere ? 'ON CONFLICT DO NOTHING' : 'RETURNING key'}`,
      Object.values(row),
    );
    return rows[0]?.[0];
  }

  protected async read(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly (readonly unknown[])[]> {
    return (await this.client.query<unknown[]>({ text, values: [...values], rowMode: 'array' })).rows;
  }

  protected async transaction(work: () => Promise<void>): Promise<void> {
    try {
      await this.client.query('BEGIN');
      await work();
      await this.client.query('COMMIT');
    } catch (error) {
      await this.client.query('ROLLBACK').catch(() => {});
      if (sqlState(error) === UNIQUE_VIOLATION) throw error;
      throw new StoreOpenError(`${this.description} cannot be written to: ${messageOf(error)}.`, {
        cause: error,
      });
    }
  }
}
