import type Database from 'libsql';
import type { DocumentId } from '../../../shared/ids.js';
import { linkSum } from '../access-records.js';
import type { StoredLink } from '../access-store.js';
import { checksum } from '../checksum.js';
import { minuteOf } from '../delivery-records.js';
import { documentSum } from '../sqlite-documents.js';
import { messageOf } from '../sqlite-errors.js';
import { movedSum, toldSum } from '../sqlite-sums.js';
import type { LogRow } from '../store.js';
import { type Finding, type FindingKind, QUARANTINE_MARK } from './findings.js';
import { readRawRows } from './sqlite-raw-rows.js';
import { RECEIPTS, readReceipt } from './sqlite-read-receipt.js';
import { readSnapshotRows } from './sqlite-read-snapshot.js';
import {
  asBytes,
  asNumber,
  asText,
  blob,
  orNothing,
  selectAll,
  text,
  type Values,
  whole,
} from './sqlite-values.js';
import type {
  ReadDocument,
  StoredAuthor,
  StoredDelivery,
  StoredDocument,
  StoredName,
} from './store-reader.js';

const RECORD = `SELECT ${whole('key', 'key')}, ${text('id', 'id')}, ${text('generation', 'generation')},
  ${whole('head', 'head')}, ${whole('first_row', 'firstRow')}, ${whole('snapshot_seq', 'snapshotSeq')},
  ${whole('created_at', 'createdAt')}, ${whole('updated_at', 'updatedAt')}, ${whole('checksum', 'checksum')},
  ${whole('updated_minute', 'minute')}, ${whole('deleted_at', 'deletedAt')}, deleted_at IS NULL AS present,
  ${text('sealed_as', 'sealedAs')}, sealed_as IS NULL AS ownSeal FROM documents WHERE key = ?`;

const INDEXED_NAME = `SELECT ${text('id', 'id')} FROM documents INDEXED BY sqlite_autoindex_documents_1
  WHERE id >= char(0) AND +key = ?`;

const LOG = `SELECT ${whole('seq', 'seq')}, ${whole('client_id', 'clientId')}, ${text('author', 'author')},
  ${whole('committed_at', 'committedAt')}, ${whole('checksum', 'checksum')}, ${blob('"update"', 'update')}
  FROM log WHERE document = ?`;

const AUTHORS = `SELECT ${whole('client_id', 'clientId')}, ${text('author', 'author')}, ${whole('checksum', 'checksum')}
  FROM document_clients WHERE document = ?`;

const LINKS = `SELECT ${blob('hash', 'hash')}, ${text('id', 'id')}, ${text('role', 'role')}, ${text('label', 'label')},
  ${whole('created_at', 'createdAt')}, ${whole('expires_at', 'expiresAt')}, ${whole('checksum', 'checksum')}
  FROM links WHERE document = ?`;

const NAMES = `SELECT ${text('id', 'id')}, ${whole('moved_at', 'movedAt')}, ${whole('checksum', 'checksum')}
  FROM earlier_names WHERE document = ?`;

const DELIVERIES = `SELECT ${whole('v.hook', 'hook')}, ${text('w.name', 'name')}, ${whole('v.told', 'told')},
  ${whole('v.target', 'target')}, ${text('v.owner', 'owner')}, ${whole('v.until', 'until')},
  ${whole('v.checksum', 'checksum')} FROM deliveries v LEFT JOIN webhooks w ON w.key = v.hook WHERE v.document = ?`;

/** Reads what is kept under one key of a SQLite file that nobody writes to. Never throws: what cannot be read is a finding. */
export function readSqliteDocument(database: Database.Database, key: number): ReadDocument {
  return new DocumentReading(database, key).read();
}

class DocumentReading {
  private readonly findings: Finding[] = [];
  private name: string;

  constructor(
    private readonly database: Database.Database,
    private readonly key: number,
  ) {
    this.name = `document with the key ${key}`;
  }

  read(): ReadDocument {
    const document = this.readDocument();
    const raw = () => readRawRows(this.database, this.key);
    return { name: this.name, document, findings: this.findings, raw };
  }

  private readDocument(): StoredDocument | undefined {
    const stored = this.select('record-damaged', 'its record', RECORD)[0];
    if (stored === undefined) {
      return this.find('record-missing', 'its record is missing');
    }
    const id = asText(stored.id) as DocumentId;
    this.name = id;
    const called = (name: DocumentId) => ({
      id: name,
      sealedAs: stored.ownSeal === 1 ? name : asText(stored.sealedAs),
      generation: asText(stored.generation),
      head: asNumber(stored.head),
      firstRow: asNumber(stored.firstRow),
      snapshotSeq: asNumber(stored.snapshotSeq),
      createdAt: asNumber(stored.createdAt),
      updatedAt: asNumber(stored.updatedAt),
      deletedAt: stored.present === 1 ? undefined : asNumber(stored.deletedAt),
    });
    let record = called(id);
    if (documentSum(record) !== stored.checksum && record.generation.startsWith(QUARANTINE_MARK))
      return this.find('quarantined', 'it was set aside');
    if (documentSum(record) !== stored.checksum) {
      const name = this.indexedName();
      if (name === undefined || documentSum(called(name)) !== stored.checksum)
        return this.find('record-damaged', 'the checksum of its record is wrong');
      record = called(name);
      this.name = name;
      this.find('record-damaged', `its name in the table is ${id}, and in the index ${name}`);
    }
    if (stored.minute !== minuteOf(record.updatedAt))
      this.find('times-wrong', 'the minute of its last edit is not that of its last edit');
    const { sealedAs } = record;
    return {
      ...record,
      rows: this.readRows(record),
      snapshot: readSnapshotRows(this.database, { key: this.key, ...record }, (kind, what) =>
        this.find(kind, what),
      ),
      authors: this.each('author-damaged', 'its authors', AUTHORS, (row) => this.author(sealedAs, row)),
      links: this.each('link-damaged', 'its links', LINKS, (row) => this.link(record, row)),
      receipts: this.each(
        'receipt-damaged',
        'its receipts',
        `${RECEIPTS} WHERE document = ?`,
        (row) =>
          readReceipt(row, record.id) ?? this.find('receipt-damaged', 'the checksum of a receipt is wrong'),
      ),
      names: this.each('name-damaged', 'its earlier names', NAMES, (row) => this.earlierName(row)),
      deliveries: this.each('delivery-damaged', 'what webhooks were told', DELIVERIES, (row) =>
        this.delivery(row),
      ),
    };
  }

  /** The index of names has them, too. */
  private indexedName(): DocumentId | undefined {
    const [row] = this.select('record-damaged', 'its name', INDEXED_NAME);
    return row === undefined ? undefined : (asText(row.id) as DocumentId);
  }

  private readRows({
    sealedAs,
    firstRow,
    head,
  }: Pick<StoredDocument, 'sealedAs' | 'firstRow' | 'head'>): LogRow[] {
    const stored = this.storedRows(firstRow, head);
    const rows: LogRow[] = [];
    for (const one of stored) {
      const row = {
        seq: asNumber(one.seq),
        clientId: asNumber(one.clientId),
        author: asText(one.author),
        committedAt: asNumber(one.committedAt),
        update: asBytes(one.update),
      };
      const { seq, clientId, author, committedAt, update } = row;
      if (checksum([sealedAs, seq, clientId, author, committedAt], update) === one.checksum) rows.push(row);
      else this.find('log-row-damaged', `the checksum of log row ${seq} is wrong`);
    }
    return rows;
  }

  /** Those from `firstRow` on. If not all at once, then one by one: a damaged page has some of them. */
  private storedRows(firstRow: number, head: number): readonly Values[] {
    try {
      return selectAll(this.database, `${LOG} AND seq >= ? ORDER BY seq`, [this.key, firstRow]);
    } catch {
      const rows: Values[] = [];
      for (let seq = firstRow; seq <= head; seq++) {
        try {
          rows.push(...selectAll(this.database, `${LOG} AND seq = ?`, [this.key, seq]));
        } catch (error) {
          this.find('log-row-damaged', `log row ${seq} cannot be read (${messageOf(error)})`);
        }
      }
      return rows;
    }
  }

  private author(sealedAs: string, row: Values): StoredAuthor | undefined {
    const clientId = asNumber(row.clientId);
    const author = asText(row.author);
    if (checksum([sealedAs, clientId, author]) === row.checksum) return { clientId, author };
    return this.find('author-damaged', `the checksum of the author of client ${clientId} is wrong`);
  }

  private link(
    { id, sealedAs }: Pick<StoredDocument, 'id' | 'sealedAs'>,
    row: Values,
  ): StoredLink | undefined {
    const expiresAt = orNothing(row.expiresAt);
    const link: StoredLink = {
      id: asText(row.id),
      hash: asBytes(row.hash),
      document: id,
      role: asText(row.role) as StoredLink['role'],
      label: asText(row.label),
      createdAt: asNumber(row.createdAt),
      ...(expiresAt !== undefined && { expiresAt }),
    };
    if (linkSum(link, sealedAs) === row.checksum) return link;
    return this.find('link-damaged', 'the checksum of a link is wrong');
  }

  private earlierName(row: Values): StoredName | undefined {
    const name = { id: asText(row.id), movedAt: asNumber(row.movedAt) };
    if (movedSum(name.id, this.key, name.movedAt) === row.checksum) return name;
    return this.find('name-damaged', 'the checksum of an earlier name is wrong');
  }

  private delivery(row: Values): StoredDelivery | undefined {
    const hook = asNumber(row.hook);
    const delivery = {
      told: asNumber(row.told),
      target: asNumber(row.target),
      owner: asText(row.owner),
      until: asNumber(row.until),
    };
    if (toldSum({ document: this.key, hook, ...delivery }) !== row.checksum)
      return this.find('delivery-damaged', 'the checksum of what a webhook was told is wrong');
    if (row.name === null) return this.find('delivery-damaged', `there is no webhook with the key ${hook}`);
    return { hook: asText(row.name), ...delivery };
  }

  private each<Item>(
    kind: FindingKind,
    part: string,
    sql: string,
    read: (row: Values) => Item | undefined,
  ): readonly Item[] {
    return this.select(kind, part, sql)
      .map(read)
      .filter((item): item is Item & {} => item !== undefined);
  }

  private select(kind: FindingKind, part: string, sql: string): readonly Values[] {
    try {
      return selectAll(this.database, sql, [this.key]);
    } catch (error) {
      this.find(kind, `${part} cannot be read (${messageOf(error)})`);
      return [];
    }
  }

  private find(kind: FindingKind, what: string): undefined {
    this.findings.push({ kind, document: this.name, what });
  }
}
