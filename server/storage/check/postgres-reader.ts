import pg from 'pg';
import { parsePostgresAddress } from '../postgres-address.js';
import { sqlState } from '../postgres-errors.js';
import { MIGRATIONS, SCHEMA } from '../postgres-schema.js';
import { countTally, readTally, TALLIED } from '../postgres-tallies.js';
import { readMigration } from '../postgres-unfinished.js';
import { reserve } from '../postgres-use.js';
import { messageOf } from '../sqlite-errors.js';
import { StoreOpenError } from '../store-open-error.js';
import { type Finding, type FindingKind, unfinishedFinding } from './findings.js';
import { checkIndexes } from './postgres-indexes.js';
import type { Read } from './postgres-read.js';
import { readPostgresDocument } from './postgres-read-document.js';
import { readPostgresRest } from './postgres-read-rest.js';
import type { ReadDocument, StoredRest, StoreReader } from './store-reader.js';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNDEFINED_TABLE = '42P01';

/** How many keys are asked for at once. */
const KEYS_AT_ONCE = 1_000;

/** Tables whose rows belong to documents by their column `document`, and what a row that belongs to none is. */
const OWNED: readonly (readonly [table: string, kind: FindingKind, what: string])[] = [
  ['snapshots', 'left-over', 'snapshots'],
  ['authors', 'left-over', 'authors'],
  ['links', 'link-damaged', 'links'],
  ['receipts', 'receipt-damaged', 'receipts'],
  ['earlier_names', 'name-damaged', 'earlier names'],
  ['deliveries', 'delivery-damaged', 'records of what webhooks were told'],
];

/** Keys of documents whose records are gone, by what is left of them that nobody has elsewhere. */
const WITHOUT_RECORD = `SELECT key FROM (SELECT document AS key FROM ${SCHEMA}.log UNION SELECT document FROM ${SCHEMA}.snapshots WHERE finished) AS found
  WHERE NOT EXISTS (SELECT FROM ${SCHEMA}.documents d WHERE d.key = found.key)
    AND NOT EXISTS (SELECT FROM ${SCHEMA}.erasing e WHERE e.document = found.key)`;

export interface PostgresReaderOptions {
  readonly alone?: boolean;
  wait(milliseconds: number): Promise<void>;
}

/** Reads a PostgreSQL store in one transaction, which sees it as it was when that began, while nodes use it. */
export class PostgresReader implements StoreReader {
  private constructor(
    private readonly client: pg.Client,
    readonly description: string,
    readonly count: number,
  ) {}

  /** @param alone keeps nodes out as long as it is open. @throws StoreOpenError */
  static async open(url: string, { alone = false, wait }: PostgresReaderOptions): Promise<PostgresReader> {
    const { config, description, place } = parsePostgresAddress(url);
    const client = new pg.Client({ ...config, fallback_application_name: 'coscribe-read', keepAlive: true });
    client.on('error', () => {});
    try {
      await client.connect();
      if (alone) await reserve(client, { place: description, wait });
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await client.query(
        `SET LOCAL bytea_output = 'hex'; SET LOCAL statement_timeout = 0; SET LOCAL client_encoding = 'UTF8'`,
      );
      const { rows } = await client.query<unknown[]>({
        text: `SELECT version FROM ${SCHEMA}.coscribe_version`,
        rowMode: 'array',
      });
      const version = Number(rows[0]?.[0]);
      if (version !== MIGRATIONS.length) {
        throw new StoreOpenError(
          `The tables in ${place} are of schema ${version}; this version reads ${MIGRATIONS.length}. Start a node of this version once, or use the version that wrote them.`,
        );
      }
      const count = await client.query<unknown[]>({
        text: `SELECT count(*) FROM ${SCHEMA}.documents`,
        rowMode: 'array',
      });
      return new PostgresReader(client, description, Number(count.rows[0]?.[0]));
    } catch (error) {
      await client.end().catch(() => {});
      if (error instanceof StoreOpenError) throw error;
      throw new StoreOpenError(
        `${place.replace(/^t/, 'T')} cannot be read: ${readable(error)}. Check the address and the password.`,
        { cause: error },
      );
    }
  }

  private readonly read: Read = async (text, values = []) => {
    try {
      return (await this.client.query<unknown[]>({ text, values: [...values], rowMode: 'array' })).rows;
    } catch (error) {
      if (error instanceof pg.DatabaseError) throw error;
      throw new StoreOpenError(`${this.description} was lost: ${messageOf(error)}. Give the command again.`, {
        cause: error,
      });
    }
  };

  /** What fails in it, because a page is damaged, does not end the transaction. */
  private async attempt<Result>(
    work: () => Promise<Result>,
    failed: (error: unknown) => Result,
  ): Promise<Result> {
    await this.read('SAVEPOINT part');
    try {
      const result = await work();
      await this.read('RELEASE SAVEPOINT part');
      return result;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      await this.read('ROLLBACK TO SAVEPOINT part');
      return failed(error);
    }
  }

  notes: readonly string[] = [];

  async structure(): Promise<readonly Finding[]> {
    const findings: Finding[] = [];
    const add = async (kind: FindingKind, what: string, work: () => Promise<readonly Finding[]>) => {
      const found = await this.attempt(work, (error) => [{ kind, what: `${what} (${messageOf(error)})` }]);
      findings.push(...found);
    };
    for (const table of TALLIED) {
      await add('entries-missing', `the rows of "${table}" cannot be counted`, () => this.tally(table));
    }
    for (const [table, kind, what] of OWNED) {
      await add(kind, `${what} cannot be read`, () => this.orphans(table, kind, what));
    }
    await add('left-over', 'snapshots cannot be read', () => this.leftOver());
    await add('erasing-damaged', 'what is being erased cannot be read', () => this.erasing());
    const indexes = await checkIndexes(this.read, (work, failed) => this.attempt(work, failed));
    this.notes = indexes.notes;
    findings.push(...indexes.findings, ...(await this.unfinished()));
    return findings;
  }

  private async tally(table: string): Promise<readonly Finding[]> {
    const [said] = await this.read(readTally(SCHEMA), [table]);
    const [there] = await this.read(countTally(SCHEMA, table));
    if (String(said) === String(there)) return [];
    const what =
      Number(said?.[0]) === Number(there?.[0])
        ? `"${table}" has other rows than were written to it`
        : `"${table}" has ${there?.[0]} rows, and should have ${said?.[0]}`;
    return [{ kind: 'entries-missing', what }];
  }

  private async orphans(table: string, kind: FindingKind, what: string): Promise<readonly Finding[]> {
    const [row] = await this.read(
      `SELECT count(*) FROM ${SCHEMA}.${table} t WHERE document IS NOT NULL
        AND NOT EXISTS (SELECT FROM ${SCHEMA}.documents d WHERE d.key = t.document)
        AND NOT EXISTS (SELECT FROM ${SCHEMA}.erasing e WHERE e.document = t.document)
        AND document NOT IN (${WITHOUT_RECORD})`,
    );
    const count = Number(row?.[0]);
    return count === 0 ? [] : [{ kind, what: `${count} ${what} belong to no document` }];
  }

  /** Snapshots that were replaced are removed by whoever replaces them, unfinished ones after an hour: those may be there. */
  private async leftOver(): Promise<readonly Finding[]> {
    const [row] = await this.read(
      `SELECT count(*) FROM ${SCHEMA}.snapshot_pieces p WHERE NOT EXISTS (
        SELECT FROM ${SCHEMA}.snapshots s WHERE s.key = p.snapshot)`,
    );
    const count = Number(row?.[0]);
    return count === 0 ? [] : [{ kind: 'left-over', what: `${count} pieces belong to no snapshot` }];
  }

  private async unfinished(): Promise<readonly Finding[]> {
    const migration = await readMigration((text) => this.read(text));
    return migration === undefined ? [] : [unfinishedFinding(migration)];
  }

  private async erasing(): Promise<readonly Finding[]> {
    const [row] = await this.read(
      `SELECT count(*) FROM ${SCHEMA}.erasing e JOIN ${SCHEMA}.documents d ON d.key = e.document`,
    );
    const count = Number(row?.[0]);
    return count === 0
      ? []
      : [{ kind: 'erasing-damaged', what: `${count} documents are being erased that are still there` }];
  }

  async *documents(only?: string): AsyncIterable<ReadDocument> {
    const named = only === undefined ? '' : ' AND id = $2';
    for (let after = '-9223372036854775808'; ; ) {
      const keys = await this.read(
        `SELECT key FROM ${SCHEMA}.documents WHERE key > $1${named} ORDER BY key LIMIT ${KEYS_AT_ONCE}`,
        only === undefined ? [after] : [after, only],
      );
      for (const [key] of keys) yield await this.document(String(key));
      const last = keys.at(-1)?.[0];
      if (last === undefined) break;
      after = String(last);
    }
    if (only !== undefined) return;
    const without = await this.attempt(
      () => this.read(`${WITHOUT_RECORD} ORDER BY key`),
      () => [],
    );
    for (const [key] of without) yield await this.document(String(key));
  }

  private document(key: string): Promise<ReadDocument> {
    return this.attempt(
      () => readPostgresDocument(this.read, key),
      (error) => {
        const name = `document with the key ${key}`;
        const finding: Finding = {
          kind: 'record-damaged',
          document: name,
          what: `it cannot be read (${messageOf(error)})`,
        };
        return { name, document: undefined, findings: [finding], raw: async function* () {} };
      },
    );
  }

  rest(): Promise<StoredRest> {
    return this.attempt(
      () => readPostgresRest(this.read),
      (error) => ({
        accessChanges: [],
        accessRevision: 0,
        hooks: [],
        receipts: [],
        findings: [{ kind: 'access-change-damaged', what: `rows cannot be read (${messageOf(error)})` }],
      }),
    );
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

function readable(error: unknown): string {
  const message = messageOf(error);
  if (sqlState(error) === UNDEFINED_TABLE) return 'there is no store of Coscribe in it';
  // What `pg` says where there is none.
  return message.includes('password must be a string')
    ? 'it asks for a password, and none is given'
    : message;
}
