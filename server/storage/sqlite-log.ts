import type Database from 'libsql';
import { bytesOf, checksum, textOf } from './checksum.js';
import { packRows } from './packed-rows.js';
import type { DocumentRow } from './sqlite-documents.js';
import { StoreFault } from './sqlite-errors.js';
import type { PackedLog } from './sqlite-messages.js';
import { selectOne } from './sqlite-statement.js';
import type { NewLogRow } from './store.js';

interface StoredRow {
  readonly seq: number;
  readonly clientId: number;
  readonly author: unknown;
  readonly committedAt: number;
  readonly checksum: number;
  readonly update: unknown;
}

/** Bytes of the updates that one step reads: about a millisecond. */
const BYTES_PER_STEP = 1024 * 1024;

/** How many rows one transaction removes: about two milliseconds. */
const TRIM_ROWS = 1_000;

/** About 60 bytes each; their authors' names are shared. */
const MAX_KNOWN_CLIENTS = 65_536;

/**
 * The tables `log` and `document_clients`. Who is in the second one is remembered, so that not every row asks again.
 * Whoever undoes a transaction has to call `forget`.
 */
export class LogRows {
  private readonly insert;
  private readonly insertClient;
  private readonly select;
  private readonly selectSizes;
  private readonly selectBounds;
  private readonly remove;
  private readonly selectAuthor;
  private readonly selectFirst;
  private readonly removeClients;
  private readonly knownClients = new Map<number, Map<number, string>>();
  private knownCount = 0;

  constructor(database: Database.Database) {
    this.insert = database.prepare(
      'INSERT INTO log (document, seq, client_id, author, committed_at, checksum, "update") VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.insertClient = database.prepare(
      'INSERT INTO document_clients (document, client_id, author, checksum) VALUES (?, ?, ?, ?)',
    );
    this.select = database.prepare(
      `SELECT seq, client_id AS clientId, CAST(author AS BLOB) AS author, committed_at AS committedAt, checksum, "update"
        FROM log WHERE document = ? AND seq > ? ORDER BY seq LIMIT ?`,
    );
    // The size of a value stands in its row's header.
    this.selectSizes = database.prepare(
      'SELECT length("update") AS size FROM log WHERE document = ? AND seq > ? ORDER BY seq LIMIT ?',
    );
    this.selectBounds = database.prepare(
      `SELECT (SELECT min(seq) FROM log WHERE document = ?1 AND seq >= ?2) AS first,
        (SELECT max(seq) FROM log WHERE document = ?1 AND seq >= ?2) AS last`,
    );
    this.selectFirst = database.prepare('SELECT min(seq) AS first FROM log WHERE document = ?');
    this.remove = database.prepare('DELETE FROM log WHERE document = ? AND seq < ?');
    this.removeClients = database.prepare(
      `DELETE FROM document_clients WHERE document = ? AND client_id IN (
        SELECT client_id FROM document_clients WHERE document = ? LIMIT ?)`,
    );
    this.selectAuthor = database.prepare(
      'SELECT CAST(author AS BLOB) AS author, checksum FROM document_clients WHERE document = ? AND client_id = ?',
    );
  }

  /** Nothing is written before `claim` has said that these authors may. */
  append({ key, sealedAs, head }: DocumentRow, rows: readonly NewLogRow[], committedAt: number): void {
    for (const [offset, { update, clientId, author }] of rows.entries()) {
      const seq = head + 1 + offset;
      const sum = checksum([sealedAs, seq, clientId, author, committedAt], update);
      this.insert.run([key, seq, clientId, author, committedAt, sum, update]);
    }
  }

  /**
   * Writes down who writes under which clientID, where nobody did before.
   *
   * @returns `false`, having written nothing, if a clientID is another author's
   * @throws StoreFault `document-unreadable` if what is kept about a client is damaged
   */
  claim(document: DocumentRow, rows: readonly NewLogRow[]): boolean {
    const known = this.clientsOf(document.key);
    const claimed = new Map<number, string>();
    for (const { clientId, author } of rows) {
      let first = known.get(clientId) ?? claimed.get(clientId);
      if (first === undefined) {
        first = this.author(document, clientId);
        if (first === undefined) claimed.set(clientId, author);
        else this.remember(known, clientId, first);
      }
      if ((first ?? author) !== author) return false;
    }
    for (const [clientId, author] of claimed) {
      this.insertClient.run([
        document.key,
        clientId,
        author,
        checksum([document.sealedAs, clientId, author]),
      ]);
      this.remember(known, clientId, author);
    }
    return true;
  }

  private clientsOf(key: number): Map<number, string> {
    if (this.knownCount > MAX_KNOWN_CLIENTS) this.forget();
    const clients = this.knownClients.get(key) ?? new Map<number, string>();
    this.knownClients.set(key, clients);
    return clients;
  }

  private remember(known: Map<number, string>, clientId: number, author: string): void {
    known.set(clientId, author);
    this.knownCount++;
  }

  /** What was written since the last commit was undone. */
  forget(): void {
    this.knownClients.clear();
    this.knownCount = 0;
  }

  /** @throws StoreFault `document-unreadable` if a row is damaged or missing */
  read(document: DocumentRow, after: number, limit: number): PackedLog {
    const left = Math.max(0, document.head - after);
    const expected = this.rowsOfStep(document.key, after, Math.max(0, Math.min(limit, left)));
    const stored = this.select.all([document.key, after, expected]) as StoredRow[];
    if (stored.length !== expected) throw new StoreFault('document-unreadable', 'log rows are missing');
    const rows = stored.map((row, offset) => verified(document, row, after + 1 + offset));
    return {
      generation: document.generation,
      firstSeq: after + 1,
      committedAt: stored.map((row) => row.committedAt),
      rows: packRows(rows),
      more: expected < left,
    };
  }

  /** How many of so many rows one step should take: at least one. */
  private rowsOfStep(key: number, after: number, rows: number): number {
    const sizes = this.selectSizes.all([key, after, rows]) as readonly { readonly size: number }[];
    let bytes = 0;
    const full = sizes.findIndex(({ size }) => {
      bytes += size;
      return bytes > BYTES_PER_STEP;
    });
    return full < 0 ? rows : Math.max(1, full);
  }

  /** @throws StoreFault `document-unreadable` unless the log reaches from `firstRow` to `head` */
  checkBounds({ key, firstRow, head }: DocumentRow): void {
    const { first, last } = selectOne(this.selectBounds, [key, firstRow]) as {
      first: number | null;
      last: number | null;
    };
    const whole = firstRow > head ? first === null : first === firstRow && last === head;
    if (!whole) throw new StoreFault('document-unreadable', 'log rows are missing');
  }

  /** Removes rows below `firstRow`, a bounded number of them. @returns whether there may be more */
  trim({ key, firstRow }: DocumentRow): boolean {
    const { first } = selectOne(this.selectFirst, [key]) as { readonly first: number | null };
    if (first === null || first >= firstRow) return false;
    const end = Math.min(firstRow, first + TRIM_ROWS);
    this.remove.run([key, end]);
    return end < firstRow;
  }

  /** Removes rows and clients of a document that is gone, a bounded number of them. @returns whether there may be more */
  erase(key: number): boolean {
    const { first } = selectOne(this.selectFirst, [key]) as { readonly first: number | null };
    if (first !== null) {
      this.remove.run([key, first + this.rowsOfStep(key, first - 1, TRIM_ROWS)]);
      return true;
    }
    return this.removeClients.run([key, key, TRIM_ROWS]).changes === TRIM_ROWS;
  }

  /** @throws StoreFault `document-unreadable` if what is kept about this client is damaged */
  author({ key, sealedAs }: DocumentRow, clientId: number): string | undefined {
    const row = selectOne(this.selectAuthor, [key, clientId]) as
      | { readonly author: unknown; readonly checksum: number }
      | undefined;
    if (row === undefined) return undefined;
    const author = textOf(row.author);
    if (checksum([sealedAs, clientId, author]) === row.checksum) return author;
    throw new StoreFault('document-unreadable', `the author of client ${clientId} is damaged`);
  }
}

function verified({ sealedAs }: DocumentRow, row: StoredRow, seq: number): NewLogRow {
  const { clientId, committedAt } = row;
  const author = textOf(row.author);
  const update = bytesOf(row.update);
  if (row.seq !== seq || checksum([sealedAs, seq, clientId, author, committedAt], update) !== row.checksum) {
    throw new StoreFault('document-unreadable', `log row ${seq} is damaged`);
  }
  return { update, clientId, author };
}
