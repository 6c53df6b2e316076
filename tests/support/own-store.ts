import { randomUUID } from 'node:crypto';
import type {
  AccessChange,
  AccessSubject,
  AppendBatch,
  AppendResult,
  DocumentHead,
  DocumentPosition,
  DocumentStore,
  DocumentSummary,
  FoundDocument,
  ListQuery,
  LogEnd,
  LogRow,
  Receipt,
  Snapshot,
  StoredLink,
} from '../../server/index.js';
import { CoscribeError, type DocumentId } from '../../shared/index.js';
import { type Kept, type Line, positionOf, summaryOf } from './own-document.js';
import { Journal } from './own-journal.js';
import { listed } from './own-list.js';
import { OwnMemory } from './own-memory.js';

/**
 * A store as somebody might write it who uses Coscribe, against what the package exports and nothing else: everything
 * is in memory, and every change is a line of a file that is read at the start.
 */
export class OwnStore implements DocumentStore {
  readonly shared = false;
  readonly #memory = new OwnMemory();
  readonly #journal: Journal<Line>;
  #closed = false;

  constructor(readonly description: string) {
    this.#journal = new Journal<Line>(description, (line) => this.#memory.apply(line));
  }

  async open(id: DocumentId, now: number): Promise<DocumentHead> {
    if (this.#memory.movedTo(id) !== undefined) throw new CoscribeError('document-moved');
    await this.create(id, now);
    const kept = this.#there(id);
    if (kept === undefined) throw new CoscribeError('document-deleted');
    return { ...positionOf(kept), snapshotIndex: kept.snapshot?.index ?? new Uint8Array() };
  }

  async create(id: DocumentId, now: number, link?: StoredLink): Promise<boolean> {
    if (this.#opened().has(id)) return false;
    const made: Line = { is: 'made', id, generation: randomUUID(), at: now };
    this.#keep(link === undefined ? [made] : [made, { is: 'linked', link }]);
    return true;
  }

  async remove(id: DocumentId, now: number, at?: LogEnd): Promise<boolean> {
    if (!this.#standsAt(id, at)) return false;
    this.#keep([{ is: 'deleted', id, at: now }]);
    return true;
  }

  async restore(id: DocumentId): Promise<boolean> {
    if (this.#opened().get(id)?.deletedAt === undefined) return false;
    this.#keep([{ is: 'deleted', id, at: undefined }]);
    return true;
  }

  async rename(
    id: DocumentId,
    to: DocumentId,
    now: number,
    at?: LogEnd,
  ): Promise<'done' | 'absent' | 'taken'> {
    if (!this.#standsAt(id, at)) return 'absent';
    if (this.#memory.documents.has(to)) return 'taken';
    this.#keep([{ is: 'renamed', id, to, at: now }]);
    return 'done';
  }

  async purge(deletedUntil: number, limit: number): Promise<readonly DocumentId[]> {
    const due = [...this.#opened()].filter(([, { deletedAt = Infinity }]) => deletedAt <= deletedUntil);
    due.sort(([, a], [, b]) => (a.deletedAt ?? 0) - (b.deletedAt ?? 0));
    const ids = due.slice(0, Math.max(0, limit)).map(([id]) => id);
    this.#keep(ids.map((id) => ({ is: 'erased', id })));
    return ids;
  }

  async append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    this.#opened();
    let isStored = false;
    return batches.map((batch): AppendResult => {
      const isFree = batch.guard?.chained !== true || isStored;
      isStored = false;
      const { id, generation, committedAt } = batch;
      const kept = this.#there(id);
      if (kept?.generation !== generation) return { ok: false, code: 'generation-changed' };
      const { head = kept.head, receipt } = batch.guard ?? {};
      if (receipt !== undefined && this.#memory.receipts.has(receipt.key))
        return { ok: false, code: 'already-done' };
      if (head !== kept.head || !isFree) return { ok: false, code: 'precondition-failed' };
      const authors = new Map<number, string>();
      for (const { clientId, author } of batch.rows) {
        const first = kept.authors.get(clientId) ?? authors.get(clientId) ?? author;
        if (first !== author) return { ok: false, code: 'client-id-in-use' };
        authors.set(clientId, author);
      }
      const firstSeq = kept.head + 1;
      const rows = batch.rows.map((row, n) => ({ ...row, seq: firstSeq + n, committedAt }));
      const last = { document: id, generation, seq: head + rows.length, createdAt: committedAt };
      const made = receipt === undefined ? {} : { receipt: { ...receipt, ...last } };
      this.#keep([{ is: 'appended', id, rows, ...made }]);
      isStored = true;
      return { ok: true, firstSeq };
    });
  }

  async readLog(id: DocumentId, after: number, limit: number, generation?: string): Promise<LogRow[]> {
    const kept = this.#meant(id, generation);
    if (kept === undefined) throw new CoscribeError('internal', 'there is no such document');
    const skip = after + 1 - positionOf(kept).firstRow;
    if (skip < 0) throw new CoscribeError('internal', 'these rows are trimmed');
    return kept.rows.slice(skip, skip + Math.max(0, limit));
  }

  async readSnapshot(id: DocumentId, generation?: string): Promise<Snapshot | undefined> {
    return this.#meant(id, generation)?.snapshot;
  }

  async writeSnapshot(id: DocumentId, generation: string, snapshot: Snapshot, trimTo: number): Promise<void> {
    const kept = this.#meant(id, generation);
    if (snapshot.seq > (kept?.head ?? 0) || trimTo > snapshot.seq)
      throw new CoscribeError('internal', 'that would lose edits');
    if (snapshot.seq >= (kept?.snapshot?.seq ?? 0)) this.#keep([{ is: 'merged', id, snapshot, trimTo }]);
  }

  async positions(ids: readonly DocumentId[]): Promise<ReadonlyMap<DocumentId, DocumentPosition>> {
    this.#opened();
    return new Map(
      ids.flatMap((id) => {
        const kept = this.#there(id);
        return kept === undefined ? [] : [[id, positionOf(kept)] as const];
      }),
    );
  }

  async readAuthor(id: DocumentId, clientId: number): Promise<string | undefined> {
    return this.#there(id)?.authors.get(clientId);
  }

  async find(id: DocumentId): Promise<FoundDocument | undefined> {
    const kept = this.#opened().get(id);
    if (kept === undefined) return this.#memory.movedTo(id);
    const { deletedAt } = kept;
    return { ...summaryOf(id, kept), ...(deletedAt === undefined ? {} : { deletedAt }) };
  }

  async list(query: ListQuery): Promise<readonly DocumentSummary[]> {
    const there = [...this.#opened()].filter(([, { deletedAt }]) => deletedAt === undefined);
    return listed(
      there.map(([id, kept]) => summaryOf(id, kept)),
      query,
    );
  }

  async readReceipt(key: string): Promise<Receipt | undefined> {
    this.#opened();
    return this.#memory.receipts.get(key);
  }

  async keepReceipt(receipt: Receipt): Promise<boolean> {
    this.#opened();
    if (this.#memory.receipts.has(receipt.key)) return false;
    this.#keep([{ is: 'kept', receipt }]);
    return true;
  }

  async forgetReceipts(until: number, limit: number): Promise<number> {
    this.#opened();
    const due = [...this.#memory.receipts.values()].filter(({ createdAt }) => createdAt <= until);
    const gone = due.slice(0, Math.max(0, limit));
    this.#keep(gone.map(({ key }) => ({ is: 'forgotten', key })));
    return gone.length;
  }

  async addLink(link: StoredLink, most: number): Promise<void> {
    const links = this.#there(link.document)?.links;
    if (links === undefined) throw new CoscribeError('no-access');
    if (links.size >= most) throw new CoscribeError('too-many-links');
    if (links.has(link.id) || this.#byHash(link.hash, true) !== undefined)
      throw new CoscribeError('internal', 'there is such a link already');
    this.#keep([{ is: 'linked', link }]);
  }

  async findLink(hash: Uint8Array, evenDeleted = false): Promise<StoredLink | undefined> {
    return this.#byHash(hash, evenDeleted);
  }

  #byHash(hash: Uint8Array, evenDeleted: boolean): StoredLink | undefined {
    for (const { deletedAt, links } of this.#opened().values())
      for (const link of links.values())
        if (Buffer.compare(link.hash, hash) === 0)
          return deletedAt === undefined || evenDeleted ? link : undefined;
    return undefined;
  }

  async readLink(document: DocumentId, id: string): Promise<StoredLink | undefined> {
    return this.#there(document)?.links.get(id);
  }

  async listLinks(document: DocumentId): Promise<readonly StoredLink[]> {
    const links = [...(this.#there(document)?.links.values() ?? [])];
    return links.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  async removeLink(document: DocumentId, id: string, at: number): Promise<boolean> {
    if (!this.#there(document)?.links.has(id)) return false;
    const subject: AccessSubject = { kind: 'document', id: document };
    this.#keep([
      { is: 'unlinked', id: document, link: id },
      { is: 'changed', subject, at },
    ]);
    return true;
  }

  async changeAccess(subject: AccessSubject, at: number): Promise<void> {
    this.#keep([{ is: 'changed', subject, at }]);
  }

  async accessRevision(): Promise<number> {
    this.#opened();
    return this.#memory.revision;
  }

  async accessChangesAfter(revision: number, limit: number): Promise<readonly AccessChange[]> {
    this.#opened();
    const later = [...this.#memory.changes.values()].filter((change) => change.revision > revision);
    return later
      .slice(0, Math.max(0, limit))
      .map((change) => ({ revision: change.revision, subject: change.subject }));
  }

  async voidedAt(user: string | undefined, tokenId: string | undefined): Promise<number | undefined> {
    this.#opened();
    const times = [user === undefined ? '' : `user ${user}`, tokenId === undefined ? '' : `token ${tokenId}`]
      .map((subject) => this.#memory.changes.get(subject)?.voidedAt)
      .filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  async close(): Promise<void> {
    if (!this.#closed) this.#journal.close();
    this.#closed = true;
  }

  #opened(): ReadonlyMap<DocumentId, Kept> {
    if (this.#closed) throw new CoscribeError('store-unavailable', 'the store is closed');
    return this.#memory.documents;
  }

  #there(id: DocumentId): Kept | undefined {
    const kept = this.#opened().get(id);
    return kept?.deletedAt === undefined ? kept : undefined;
  }

  /** Whether it is there. @throws CoscribeError if it is, with another end of its log than it has to have */
  #standsAt(id: DocumentId, at: LogEnd | undefined): boolean {
    const kept = this.#there(id);
    if (kept === undefined) return false;
    const { generation, head } = positionOf(kept);
    if (at !== undefined && (generation !== at.generation || head !== at.head))
      throw new CoscribeError('precondition-failed');
    return true;
  }

  #meant(id: DocumentId, generation: string | undefined): Kept | undefined {
    const kept = this.#there(id);
    if (generation !== undefined && kept?.generation !== generation)
      throw new CoscribeError('generation-changed');
    return kept;
  }

  /** First the file, then the memory: what anybody is shown is on disk. */
  #keep(lines: readonly Line[]): void {
    this.#opened();
    for (const line of this.#journal.write(lines)) this.#memory.apply(line);
  }
}
