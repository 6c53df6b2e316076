import pg from 'pg';
import { QUARANTINE_MARK } from '../check/findings.js';
import type { StoredDocument, StoredRest } from '../check/store-reader.js';
import { minuteOf } from '../delivery-records.js';
import { voidingSum } from '../postgres-access.js';
import { parsePostgresAddress } from '../postgres-address.js';
import { documentSum } from '../postgres-documents.js';
import { sqlState } from '../postgres-errors.js';
import { UNTOLD } from '../postgres-life-schema.js';
import { prepareDatabase, readVersion } from '../postgres-migration.js';
import { openError } from '../postgres-open-errors.js';
import { DELETED_MARK, SCHEMA } from '../postgres-schema.js';
import { authorSum } from '../postgres-sums.js';
import { MIGRATION_TABLE, readMigration } from '../postgres-unfinished.js';
import { reserve, reserveWriting } from '../postgres-use.js';
import { textValue } from '../postgres-values.js';
import { StoreOpenError } from '../store-open-error.js';
import type { Migration } from '../unfinished.js';
import { PostgresRows, UNIQUE_VIOLATION } from './postgres-rows.js';
import type { StoreWriter, WriterOptions, WrittenDocument } from './store-writer.js';

/** How many log rows go in one statement. */
const ROWS_AT_ONCE = 500;

/** Tables whose rows belong to documents. Pieces go with their snapshots. */
const BELONGING = ['log', 'snapshots', 'authors', 'links', 'receipts', 'earlier_names', 'deliveries'];

/** Writes into a PostgreSQL database; each document is a transaction, so nodes may use it meanwhile. */
export class PostgresWriter extends PostgresRows implements StoreWriter {
  private constructor(
    client: pg.Client,
    readonly description: string,
  ) {
    super(client);
  }

  /** Connects, and creates the tables. @throws StoreOpenError */
  static async open(url: string, { alone, wait }: WriterOptions): Promise<PostgresWriter> {
    const address = parsePostgresAddress(url);
    await prepareDatabase(address);
    const client = new pg.Client({
      ...address.config,
      fallback_application_name: 'coscribe-write',
      keepAlive: true,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query(`SET bytea_output = 'hex'; SET statement_timeout = 0; SET synchronous_commit = on;
      SET ${UNTOLD} = 'on'`);
      const use = { place: address.description, wait };
      await reserveWriting(client, use);
      if (alone) await reserve(client, use);
      return new PostgresWriter(client, address.description);
    } catch (error) {
      await client.end().catch(() => {});
      throw error instanceof StoreOpenError ? error : openError(error, address);
    }
  }

  /**
   * Connects for reading only; `undefined` if there are no tables.
   *
   * @throws StoreOpenError
   */
  static async openTrial(url: string): Promise<PostgresWriter | undefined> {
    const address = parsePostgresAddress(url);
    const client = new pg.Client({ ...address.config, fallback_application_name: 'coscribe-read' });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('SET default_transaction_read_only = on; SET statement_timeout = 0');
      const writer = new PostgresWriter(client, address.description);
      if ((await readVersion(address, client)) > 0) return writer;
      await client.end();
      return undefined;
    } catch (error) {
      await client.end().catch(() => {});
      throw error instanceof StoreOpenError ? error : openError(error, address);
    }
  }

  async isEmpty(): Promise<boolean> {
    return (await this.read(`SELECT 1 FROM ${SCHEMA}.documents LIMIT 1`)).length === 0;
  }

  async find(id: string): Promise<WrittenDocument | undefined> {
    const [row] = await this.read(
      `SELECT generation, head, deleted_at FROM ${SCHEMA}.documents WHERE id = $1`,
      [id],
    );
    const generation = String(row?.[0]);
    if (row === undefined || generation.startsWith(QUARANTINE_MARK)) return undefined;
    const deleted = generation.startsWith(DELETED_MARK);
    return {
      generation: deleted ? generation.slice(DELETED_MARK.length) : generation,
      head: Number(row[1]),
      deletedAt: deleted ? Number(row[2]) : undefined,
    };
  }

  async writeRest(
    { hooks, lifeHooks = [], lifeEvents = [], accessChanges, receipts }: StoredRest,
    again: boolean,
  ): Promise<void> {
    await this.transaction(async () => {
      if (again) {
        await this.read(`DELETE FROM ${SCHEMA}.life_events`);
        await this.read(`ALTER TABLE ${SCHEMA}.life_events ALTER COLUMN key RESTART`);
      }
      for (const { name, since, checkedMinute } of hooks) {
        await this.insert('webhooks', { name: textValue(name), since, checked_minute: checkedMinute }, true);
      }
      for (const { hook, kinds, seenAt } of lifeHooks)
        await this.insert('life_hooks', { hook: textValue(hook), kinds, seen_at: seenAt }, true);
      for (const { hook, kind, id, former = null, generation, head, at } of lifeEvents)
        await this.insert('life_events', { hook: textValue(hook), kind, id, former, generation, head, at });
      const [head] = await this.read(`SELECT revision FROM ${SCHEMA}.access_head FOR UPDATE`);
      const last = Number(head?.[0]);
      let highest = 0;
      for (const { kind, id, revision, voidedAt } of accessChanges) {
        // Of two times until which tokens are void the later one counts.
        const known = [kind, textValue(id), voidedAt ?? -1];
        const same = `FROM ${SCHEMA}.access_changes WHERE kind = $1 AND id = $2 AND coalesce(voided_at, -1)`;
        if ((await this.read(`SELECT 1 ${same} >= $3`, known)).length > 0) continue;
        await this.read(`DELETE ${same} < $3`, known);
        highest = Math.max(highest, revision);
        const facts = { kind, id: textValue(id), revision: last + revision, voided_at: voidedAt ?? null };
        await this.insert('access_changes', { ...facts, checksum: voidingSum(kind, id, voidedAt) }, true);
      }
      if (highest > 0) await this.read(`UPDATE ${SCHEMA}.access_head SET revision = $1`, [last + highest]);
      for (const receipt of receipts) await this.insertReceipt(receipt, null);
    });
  }

  async write(document: StoredDocument, replace: boolean): Promise<boolean> {
    try {
      await this.transaction(() => this.writeDocument(document, replace));
      return true;
    } catch (error) {
      if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
      return false;
    }
  }

  async setAside(id: string, now: number): Promise<void> {
    const generation = `${QUARANTINE_MARK}${now}`;
    const times = { created_at: now, updated_at: now, updated_minute: minuteOf(now) };
    const empty = { head: 0, first_row: 1, snapshot_seq: 0, snapshot_bytes: 0 };
    const sum = documentSum(id, generation, now) + 1;
    await this.insert('documents', { id, generation, ...times, ...empty, checksum: sum }, true);
  }

  async listAside(): Promise<readonly string[]> {
    const sql = `SELECT id FROM ${SCHEMA}.documents WHERE generation LIKE '${QUARANTINE_MARK}%' ORDER BY id`;
    return (await this.read(sql)).map(([id]) => String(id));
  }

  async forgetAside(id: string): Promise<void> {
    await this.transaction(() => this.remove(id, `${QUARANTINE_MARK}%`));
  }

  async unfinished(): Promise<Migration | undefined> {
    return await readMigration((text) => this.read(text));
  }

  async begin({ source, id }: Migration): Promise<void> {
    await this.transaction(async () => {
      await this.read(`CREATE TABLE ${MIGRATION_TABLE} (source text NOT NULL, id text NOT NULL)`);
      await this.read(`INSERT INTO ${MIGRATION_TABLE} (source, id) VALUES ($1, $2)`, [source, id]);
    });
  }

  async finish(): Promise<void> {
    await this.transaction(async () => {
      await this.read(`DROP TABLE IF EXISTS ${MIGRATION_TABLE}`);
    });
  }

  private async writeDocument(document: StoredDocument, replace: boolean): Promise<void> {
    const { id, sealedAs, generation, createdAt, updatedAt, deletedAt, snapshot } = document;
    await this.read(`DELETE FROM ${SCHEMA}.earlier_names WHERE id = $1`, [id]);
    await this.remove(id, replace ? '%' : `${QUARANTINE_MARK}%`);
    const key = await this.insert('documents', {
      id,
      generation: deletedAt === undefined ? generation : `${DELETED_MARK}${generation}`,
      created_at: createdAt,
      checksum: documentSum(id, generation, createdAt, sealedAs),
      head: document.head,
      first_row: document.firstRow,
      updated_at: updatedAt,
      updated_minute: minuteOf(updatedAt),
      snapshot_seq: document.snapshotSeq,
      snapshot_bytes: snapshot?.state.length ?? 0,
      deleted_at: deletedAt ?? null,
      sealed_as: sealedAs === id ? null : sealedAs,
    });
    for (let at = 0; at < document.rows.length; at += ROWS_AT_ONCE) {
      await this.writeRows(key, sealedAs, document.rows.slice(at, at + ROWS_AT_ONCE));
    }
    await this.writeSnapshot(key, document);
    await this.read(
      `INSERT INTO ${SCHEMA}.authors (document, client_id, checksum, author)
        SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::text[])`,
      [
        key,
        document.authors.map(({ clientId }) => clientId),
        document.authors.map(({ clientId, author }) => authorSum(sealedAs, clientId, author)),
        document.authors.map(({ author }) => textValue(author)),
      ],
    );
    await this.writeBelongings(key, document);
  }

  /** @param generation a pattern */
  private async remove(id: string, generation: string): Promise<void> {
    const [found] = await this.read(
      `SELECT key FROM ${SCHEMA}.documents WHERE id = $1 AND generation LIKE $2 FOR UPDATE`,
      [id, generation],
    );
    if (found === undefined) return;
    for (const table of BELONGING)
      await this.read(`DELETE FROM ${SCHEMA}.${table} WHERE document = $1`, [found[0]]);
    await this.read(`DELETE FROM ${SCHEMA}.documents WHERE key = $1`, [found[0]]);
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}
