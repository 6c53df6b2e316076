import { randomUUID } from 'node:crypto';
import { realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'libsql';
import type { DocumentId } from '../../shared/ids.js';
import { unpackRows } from './packed-rows.js';
import { type DocumentRow, DocumentRows } from './sqlite-documents.js';
import { StoreFault, toFault } from './sqlite-errors.js';
import { identify } from './sqlite-file.js';
import { LogRows } from './sqlite-log.js';
import type {
  FileIdentity,
  Input,
  Output,
  PackedAppend,
  PackedLog,
  SnapshotOf,
  SnapshotPlace,
  SqliteOperations,
} from './sqlite-messages.js';
import { SnapshotRows } from './sqlite-snapshots.js';
import type {
  AppendResult,
  DocumentHead,
  DocumentPosition,
  DocumentSummary,
  ListQuery,
  NewLogRow,
} from './store.js';

/** Times of folders are exact to two seconds at least, on every file system. */
const FRESH_MS = 3_000;

/**
 * Pages that a commit adds to the write-ahead log, about: some always, some for each document. After so many the log is
 * merged into the database: in two to three milliseconds then.
 */
const PAGES_PER_COMMIT = 2;
const PAGES_PER_DOCUMENT = 3;
const MERGE_AT_PAGES = 300;

/**
 * The store's operations on one connection. They are synchronous, so each sees the database as the one before left
 * it. Everything that is read is checked: checksums, and that the log has no gap. Runs in the storage thread.
 */
export class SqliteDatabase implements SqliteOperations {
  private readonly documents: DocumentRows;
  private readonly log: LogRows;
  private readonly snapshots: SnapshotRows;
  private readonly begin;
  private readonly commit;
  private readonly rollback;
  private readonly files: readonly { readonly path: string; readonly identity: FileIdentity | undefined }[];
  /** `undefined` if a link leads to the file: its own folder says nothing then. */
  private readonly folder: string | undefined;
  /** The folder as it was when the files were last looked at. */
  private seen: Stats | undefined;
  private rollbackFailed = false;
  private unmergedPages = 0;

  constructor(
    private readonly database: Database.Database,
    file: string,
  ) {
    this.documents = new DocumentRows(database);
    this.log = new LogRows(database);
    this.snapshots = new SnapshotRows(database);
    this.begin = database.prepare('BEGIN IMMEDIATE');
    this.commit = database.prepare('COMMIT');
    this.rollback = database.prepare('ROLLBACK');
    this.folder = realpathSync(file) === file ? dirname(file) : undefined;
    this.files = [file, `${file}-wal`].map((path) => ({ path, identity: identify(path) }));
  }

  /** Whether a failed transaction could not be undone, so that this connection must not be used any more. */
  get stuck(): boolean {
    return this.rollbackFailed;
  }

  /** Which file the connection was opened with. */
  get identity(): FileIdentity | undefined {
    return this.files[0]?.identity;
  }

  /** Whether the write-ahead log is long enough for `mergeLog`. */
  get mergeDue(): boolean {
    return this.unmergedPages >= MERGE_AT_PAGES;
  }

  /**
   * Merges the write-ahead log into the database, between two requests. SQLite by itself would do it within a commit,
   * so that somebody waits for it.
   */
  mergeLog(): void {
    this.unmergedPages = 0;
    try {
      this.database.prepare('PRAGMA wal_checkpoint(PASSIVE)').all();
    } catch {
      // Nothing is lost: all of it is in the log. The next commit finds out what is wrong.
    }
  }

  open({ id, now }: Input<'open'>): DocumentHead {
    const document = this.documents.find(id) ?? this.create(id, now);
    const { firstRow, snapshotSeq } = document;
    this.log.checkBounds(document);
    if (snapshotSeq < firstRow - 1) throw new StoreFault('document-unreadable', 'log rows are missing');
    const place = snapshotSeq === 0 ? undefined : this.snapshots.place(document);
    const snapshotIndex = place === undefined ? new Uint8Array() : this.snapshots.readIndex(document, place);
    return { ...positionOf(document, place), snapshotIndex };
  }

  positions({ ids }: Input<'positions'>): Output<'positions'> {
    const found = new Map<DocumentId, DocumentPosition>();
    for (const id of ids) {
      const document = this.documents.find(id);
      if (document === undefined) continue;
      const place = document.snapshotSeq === 0 ? undefined : this.snapshots.place(document);
      found.set(id, positionOf(document, place));
    }
    return found;
  }

  private create(id: DocumentId, now: number): DocumentRow {
    this.transaction(() => this.documents.create(id, randomUUID(), now));
    return this.existing(id);
  }

  append({ batches, rows }: PackedAppend): readonly AppendResult[] {
    const unpacked = unpackRows(rows);
    const damaged = new Set<number>();
    for (;;) {
      let current: number | undefined;
      try {
        return this.transaction(() => {
          let offset = 0;
          const results = batches.map((batch, position): AppendResult => {
            const own = unpacked.slice(offset, offset + batch.count);
            offset += batch.count;
            if (damaged.has(position)) return { ok: false, code: 'document-unreadable' };
            current = position;
            return this.appendBatch(batch, own);
          });
          current = undefined;
          this.unmergedPages += PAGES_PER_COMMIT + PAGES_PER_DOCUMENT * batches.length;
          return results;
        });
      } catch (error) {
        // The transaction is undone as a whole, then made again without the damaged document.
        if (current === undefined || toFault(error).code !== 'document-unreadable') throw error;
        damaged.add(current);
      }
    }
  }

  private appendBatch(batch: PackedAppend['batches'][number], rows: readonly NewLogRow[]): AppendResult {
    const document = this.documents.find(batch.id);
    if (document?.generation !== batch.generation) return { ok: false, code: 'generation-changed' };
    const firstSeq = document.head + 1;
    if (rows.length === 0) return { ok: true, firstSeq };
    if (!this.log.claim(document, rows)) return { ok: false, code: 'client-id-in-use' };
    this.log.append(document, rows, batch.committedAt);
    this.documents.appended(document, document.head + rows.length, batch.committedAt);
    return { ok: true, firstSeq };
  }

  readLog({ id, after, limit, generation }: Input<'readLog'>): PackedLog {
    const document = this.existing(id);
    checkGeneration(document, generation);
    if (after + 1 < document.firstRow) throw new StoreFault('internal', 'these log rows have been trimmed');
    return this.log.read(document, after, limit);
  }

  readSnapshot({ id, generation }: Input<'readSnapshot'>): Output<'readSnapshot'> {
    const document = this.documents.find(id);
    if (document === undefined) return undefined;
    checkGeneration(document, generation);
    if (document.snapshotSeq === 0) return undefined;
    const place = this.snapshots.place(document);
    return { place, pieces: this.snapshots.readFirst(document, place) };
  }

  readPiece({ id, place, key }: Input<'readPiece'>): Uint8Array | undefined {
    const document = this.existing(id);
    if (this.snapshots.place(document).first !== place.first) return undefined;
    return this.snapshots.read(document, place.seq, key);
  }

  beginSnapshot(input: Input<'beginSnapshot'>): number | undefined {
    return this.transaction(() => {
      const document = this.replaceable(input);
      return document && this.snapshots.reserve(document, input.pieces);
    });
  }

  writePiece({ id, seq, key, content }: Input<'writePiece'>): void {
    this.transaction(() => this.snapshots.writePiece(this.existing(id), seq, key, content));
  }

  /** Snapshot and trimming are one transaction: there is no moment at which only the trimming is on disk. */
  finishSnapshot(input: Input<'finishSnapshot'>): boolean {
    return this.transaction(() => {
      const document = this.replaceable(input);
      if (document === undefined) return true;
      const { seq, sizes, pieces, trimTo } = input;
      if (input.first !== undefined) this.snapshots.claim(document, input.first);
      const first = input.first ?? this.snapshots.nextKey();
      for (const [offset, content] of pieces.entries())
        this.snapshots.writePiece(document, seq, first + offset, content);
      this.snapshots.replace(document, { seq, first, ...sizes });
      const firstRow = Math.max(document.firstRow, trimTo + 1);
      const changed = { ...document, snapshotSeq: seq, firstRow };
      this.documents.update(changed);
      return this.log.trim(changed) || this.snapshots.hasLoose;
    });
  }

  /** The document that this snapshot belongs to; `undefined` if it has a newer one. */
  private replaceable({ id, generation, seq, trimTo }: SnapshotOf): DocumentRow | undefined {
    const document = this.documents.find(id);
    if (document?.generation !== generation) throw new StoreFault('generation-changed', 'snapshot');
    if (seq > document.head) throw new StoreFault('internal', 'the snapshot is ahead of the log');
    if (trimTo > seq) throw new StoreFault('internal', 'trimming beyond the snapshot would lose edits');
    return seq < document.snapshotSeq ? undefined : document;
  }

  tidy({ id }: Input<'tidy'>): boolean {
    return this.transaction(() => {
      if (this.snapshots.hasLoose) {
        this.snapshots.removeSome();
        return true;
      }
      const document = this.documents.find(id);
      return document !== undefined && this.log.trim(document);
    });
  }

  readAuthor({ id, clientId }: Input<'readAuthor'>): string | undefined {
    const document = this.documents.find(id);
    return document && this.log.author(document, clientId);
  }

  list(query: ListQuery): readonly DocumentSummary[] {
    return this.documents.list(query);
  }

  private existing(id: DocumentId): DocumentRow {
    const document = this.documents.find(id);
    if (document === undefined) throw new StoreFault('internal', 'the document was never opened');
    return document;
  }

  /** When this returns, what `work` wrote is on disk; when it throws, nothing of it stays. */
  private transaction<Result>(work: () => Result): Result {
    this.begin.run();
    try {
      const result = work();
      this.checkInPlace();
      this.commit.run();
      return result;
    } catch (error) {
      this.undo();
      throw error;
    }
  }

  private undo(): void {
    this.documents.forget();
    this.log.forget();
    // After some errors, a full disk among them, SQLite has rolled back by itself.
    if (!this.database.inTransaction) return;
    try {
      this.rollback.run();
    } catch {
      this.rollbackFailed = true;
    }
  }

  /**
   * A file that was removed or replaced can still be written to, but what is written is lost with the process.
   *
   * Whoever does that changes the folder, so mostly the folder is looked at: since Linux 6.13, looking at the times of a
   * file that is written to makes its next sync write them too (multigrain timestamps). That was 40 µs of each commit,
   * and 80 of waiting.
   */
  private checkInPlace(): void {
    const folder = this.folder === undefined ? undefined : statSync(this.folder, { throwIfNoEntry: false });
    const same = folder?.mtimeMs === this.seen?.mtimeMs && folder?.ino === this.seen?.ino;
    // Two changes soon after each other may leave the same time.
    if (folder !== undefined && same && folder.mtimeMs < Date.now() - FRESH_MS) return;
    for (const { path, identity } of this.files) {
      const found = identify(path);
      if (found?.inode === identity?.inode && found?.device === identity?.device) continue;
      throw new StoreFault('store-unavailable', 'the database file was moved, removed or replaced');
    }
    this.seen = folder;
  }
}

function positionOf(
  { generation, head, firstRow, snapshotSeq }: DocumentRow,
  place: SnapshotPlace | undefined,
): DocumentPosition {
  return { generation, head, firstRow, snapshotSeq, snapshotBytes: place?.stateBytes ?? 0 };
}

function checkGeneration(document: DocumentRow, generation: string | undefined): void {
  if (generation !== undefined && generation !== document.generation)
    throw new StoreFault('generation-changed', 'another generation is meant');
}
