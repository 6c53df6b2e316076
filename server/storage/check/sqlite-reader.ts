import { rmSync } from 'node:fs';
import Database from 'libsql';
import { checksum } from '../checksum.js';
import { messageOf } from '../sqlite-errors.js';
import { checkOwner } from '../sqlite-file.js';
import { migrate } from '../sqlite-migration.js';
import { hookSum } from '../sqlite-sums.js';
import { StoreOpenError } from '../store-open-error.js';
import type { Finding } from './findings.js';
import { readSqliteDocument } from './sqlite-read-document.js';
import { readLife } from './sqlite-read-life.js';
import { RECEIPTS, readReceipt } from './sqlite-read-receipt.js';
import { checkSqliteStructure, WITHOUT_RECORD } from './sqlite-structure.js';
import { asNumber, asText, orNothing, selectAll, text, whole } from './sqlite-values.js';
import type { ReadDocument, StoredRest, StoreReader } from './store-reader.js';
import { UnreadableStore } from './unreadable-store.js';

export interface CopiedFile {
  /** A copy that nobody else uses. */
  readonly copy: string;
  readonly description: string;
  /** What was found while it was copied. */
  readonly findings: readonly Finding[];
  /** What has to be known besides, in sentences. */
  readonly notes?: readonly string[];
  /** Removes the copy. */
  remove(): void;
}

/** Reads a SQLite store out of a copy of its files, so that nothing that is found, or done about it, touches the store. */
export class SqliteReader implements StoreReader {
  private constructor(
    private readonly database: Database.Database,
    private readonly copied: CopiedFile,
    private readonly findings: readonly Finding[],
    private readonly keys: readonly number[],
  ) {}

  /** @throws UnreadableStore if nothing can be read, with the findings that say why */
  static open(copied: CopiedFile): SqliteReader {
    const findings = [...copied.findings];
    try {
      const database = new Database(copied.copy);
      // Tables whose definition cannot be read are as if they were not there, and missed later: the message of the error
      // would have text in it that is not UTF-8, at which libsql ends the process.
      database.exec('PRAGMA writable_schema = ON');
      database.exec(
        'PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON; PRAGMA recursive_triggers = ON',
      );
      const [header] = selectAll(
        database,
        'SELECT application_id AS application, user_version AS version FROM pragma_application_id, pragma_user_version',
      );
      const version = asNumber(header?.version);
      checkOwner(copied.description, asNumber(header?.application), version);
      try {
        migrate(database, version);
      } catch (error) {
        findings.push({
          kind: 'tables-damaged',
          what: `the tables are not those of version ${version} (${messageOf(error)})`,
        });
      }
      return new SqliteReader(database, copied, findings, keysOf(database, findings));
    } catch (error) {
      copied.remove();
      const kind = error instanceof StoreOpenError ? 'file-unknown' : 'file-unreadable';
      throw new UnreadableStore([...findings, { kind, what: messageOf(error).replace(/\.$/, '') }]);
    }
  }

  get description(): string {
    return this.copied.description;
  }

  get count(): number {
    return this.keys.length;
  }

  get notes(): readonly string[] {
    return this.copied.notes ?? [];
  }

  async structure(): Promise<readonly Finding[]> {
    return [...this.findings, ...checkSqliteStructure(this.database)];
  }

  async *documents(only?: string): AsyncIterable<ReadDocument> {
    for (const key of this.keys) {
      const read = readSqliteDocument(this.database, key);
      if (only === undefined || read.name === only) yield read;
    }
  }

  async rest(): Promise<StoredRest> {
    const findings: Finding[] = [];
    const { database } = this;
    const changes = attempt(findings, 'access-change-damaged', () =>
      selectAll(
        database,
        `SELECT ${text('kind', 'kind')}, ${text('id', 'id')}, ${whole('revision', 'revision')},
          ${whole('voided_at', 'voidedAt')}, ${whole('checksum', 'checksum')} FROM access_changes ORDER BY revision`,
      ),
    ).flatMap((row) => {
      const change = {
        kind: asText(row.kind),
        id: asText(row.id),
        revision: asNumber(row.revision),
        voidedAt: orNothing(row.voidedAt),
      };
      const { kind, id, revision, voidedAt } = change;
      if (checksum([kind, id, revision, voidedAt ?? '']) === row.checksum) return [change];
      findings.push({ kind: 'access-change-damaged', what: 'the checksum of a change of access is wrong' });
      return [];
    });
    const hooks = attempt(findings, 'webhook-damaged', () =>
      selectAll(
        database,
        `SELECT ${text('name', 'name')}, ${whole('since', 'since')}, ${whole('checked_minute', 'minute')},
          ${whole('checksum', 'checksum')} FROM webhooks ORDER BY key`,
      ),
    ).flatMap((row) => {
      const hook = {
        name: asText(row.name),
        since: asNumber(row.since),
        checkedMinute: asNumber(row.minute),
      };
      if (hookSum(hook.name, hook.since, hook.checkedMinute) === row.checksum) return [hook];
      findings.push({ kind: 'webhook-damaged', what: 'the checksum of a webhook is wrong' });
      return [];
    });
    const receipts = attempt(findings, 'receipt-damaged', () =>
      selectAll(database, `${RECEIPTS} WHERE document IS NULL`),
    ).flatMap((row) => {
      const receipt = readReceipt(row, undefined);
      if (receipt !== undefined) return [receipt];
      findings.push({ kind: 'receipt-damaged', what: 'the checksum of a receipt is wrong' });
      return [];
    });
    const life = readLife(database, (work) => attempt(findings, 'webhook-damaged', work), findings);
    const accessRevision = changes.reduce((last, { revision }) => Math.max(last, revision), 0);
    return { accessChanges: changes, accessRevision, hooks, ...life, receipts, findings };
  }

  async close(): Promise<void> {
    // Whoever opens the file next is not held off by a connection that is not collected yet.
    this.database.exec('PRAGMA locking_mode = NORMAL');
    attempt([], 'file-unreadable', () => selectAll(this.database, 'SELECT count(*) FROM sqlite_schema'));
    this.database.close();
    this.copied.remove();
  }
}

function attempt<Row>(
  findings: Finding[],
  kind: Finding['kind'],
  read: () => readonly Row[],
): readonly Row[] {
  try {
    return read();
  } catch (error) {
    findings.push({ kind, what: `rows cannot be read (${messageOf(error)})` });
    return [];
  }
}

const KEYS = [
  'SELECT key FROM documents NOT INDEXED',
  'SELECT key FROM documents WHERE id >= char(0)',
  WITHOUT_RECORD,
];

/**
 * By the table and by the index of its names, because one of them may be damaged; and by what belongs to documents, because
 * their records may be gone.
 *
 * @throws what SQLite throws if none of that can be read
 */
function keysOf(database: Database.Database, findings: Finding[]): readonly number[] {
  const keys = new Set<number>();
  let failed = 0;
  for (const sql of KEYS) {
    try {
      for (const row of database.prepare(sql).iterate([]) as Iterable<{ readonly key: unknown }>)
        if (typeof row.key === 'number') keys.add(row.key);
    } catch (error) {
      if (++failed === KEYS.length && keys.size === 0) throw error;
      findings.push({
        kind: 'pages-damaged',
        what: `the list of documents cannot be read (${messageOf(error)})`,
      });
    }
  }
  return [...keys].sort((a, b) => a - b);
}

/** Removes a copy with whatever SQLite puts beside it. */
export function removeFiles(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
}
