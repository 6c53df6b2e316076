import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { AccessDelegate } from './access-delegate.js';
import type { AccessStore, StoredLink } from './access-store.js';
import { pickListed } from './list-order.js';
import { endsAt } from './log-end.js';
import { MemoryAccess } from './memory-access.js';
import { MemoryDeliveries } from './memory-deliveries.js';
import {
  appendRows,
  firstRow,
  found,
  mayWrite,
  newDocument,
  positionOf,
  type StoredDocument,
  summaryOf,
} from './memory-document.js';
import { MemoryLife } from './memory-life.js';
import { MemoryNames } from './memory-names.js';
import { MemoryReceipts } from './memory-receipts.js';
import type { Receipt } from './receipts.js';
import type {
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
  Snapshot,
} from './store.js';

/**
 * Keeps documents until the process ends. It has no timers and no chance of its own, so a simulation that runs on
 * it replays exactly.
 */
export class MemoryStore extends AccessDelegate implements DocumentStore {
  readonly description = 'memory:';
  readonly shared: boolean;
  private readonly names = new MemoryNames<StoredDocument>();
  protected readonly documents = this.names.documents;
  protected readonly access = new MemoryAccess((id) => this.names.present(id) !== undefined);
  private readonly receipts = new MemoryReceipts(this.documents);
  protected readonly life = new MemoryLife(this.names, () => this.assertOpen());
  readonly deliveries = new MemoryDeliveries(this.documents, this.life, () => this.assertOpen());
  private lastKey = 0;
  private closed = false;

  /**
   * @param newGeneration names a new document's generation. A server must pass something that does not repeat after
   *   a restart, or clients would merge their old copies into the new, empty documents.
   * @param options `shared`: several nodes in this one process use it, as in a simulation
   */
  constructor(
    private readonly newGeneration: () => string,
    options: { readonly shared?: boolean } = {},
  ) {
    super();
    this.shared = options.shared ?? false;
  }

  async open(id: DocumentId, now: number): Promise<DocumentHead> {
    this.assertOpen();
    if (this.names.moved(id) !== undefined) throw new CoscribeError('document-moved');
    const document = this.documents.get(id) ?? this.make(id, now);
    if (document.deletedAt !== undefined) throw new CoscribeError('document-deleted');
    return { ...positionOf(document), snapshotIndex: document.snapshot?.index ?? new Uint8Array() };
  }

  async create(id: DocumentId, now: number, link?: StoredLink): Promise<boolean> {
    this.assertOpen();
    if (this.documents.has(id)) return false;
    if (link !== undefined) this.access.keepLink({ ...link, document: id });
    this.make(id, now);
    return true;
  }

  private make(id: DocumentId, now: number): StoredDocument {
    const document = newDocument(++this.lastKey, id, this.newGeneration(), now);
    this.names.add(document);
    this.life.note('created', document, now);
    return document;
  }

  async remove(id: DocumentId, now: number, at?: LogEnd): Promise<boolean> {
    this.assertOpen();
    const document = this.names.present(id);
    if (document === undefined) return false;
    if (!endsAt(document, at)) throw new CoscribeError('precondition-failed');
    document.deletedAt = now;
    this.life.note('deleted', document, now);
    return true;
  }

  async restore(id: DocumentId): Promise<boolean> {
    this.assertOpen();
    const document = this.documents.get(id);
    if (document?.deletedAt === undefined) return false;
    document.deletedAt = undefined;
    this.life.note('restored', document, Date.now());
    return true;
  }

  async rename(
    from: DocumentId,
    to: DocumentId,
    now: number,
    at?: LogEnd,
  ): Promise<'done' | 'absent' | 'taken'> {
    this.assertOpen();
    const document = this.names.present(from);
    if (document !== undefined && !endsAt(document, at)) throw new CoscribeError('precondition-failed');
    const outcome = this.names.rename(from, to, now);
    if (document === undefined || outcome !== 'done') return outcome;
    this.access.rename(from, to);
    this.life.note('moved', document, now, from);
    return outcome;
  }

  async purge(deletedUntil: number, limit: number): Promise<readonly DocumentId[]> {
    this.assertOpen();
    const due = [...this.documents].flatMap(([id, { deletedAt }]) =>
      deletedAt !== undefined && deletedAt <= deletedUntil ? [{ id, deletedAt }] : [],
    );
    due.sort((a, b) => a.deletedAt - b.deletedAt);
    const purged = due.slice(0, Math.max(0, limit)).map(({ id }) => id);
    for (const id of purged) {
      const document = this.documents.get(id);
      this.erase(id);
      if (document !== undefined) this.life.note('purged', document, Date.now());
    }
    return purged;
  }

  /** Removes a document, deleted or not, with everything that belongs to it. */
  protected erase(id: DocumentId): void {
    const document = this.documents.get(id);
    if (document === undefined) return;
    this.names.erase(document);
    this.receipts.erase(document);
    this.access.erase(id);
  }

  /** The document, if it is there; of this generation, if the caller knows it. @throws CoscribeError `generation-changed` */
  private meant(id: DocumentId, generation: string): StoredDocument;
  private meant(id: DocumentId, generation: string | undefined): StoredDocument | undefined;
  private meant(id: DocumentId, generation: string | undefined): StoredDocument | undefined {
    const document = this.names.present(id);
    if (generation !== undefined && generation !== document?.generation)
      throw new CoscribeError('generation-changed');
    return document;
  }

  async positions(ids: readonly DocumentId[]): Promise<ReadonlyMap<DocumentId, DocumentPosition>> {
    this.assertOpen();
    const found = new Map<DocumentId, DocumentPosition>();
    for (const id of ids) {
      const document = this.names.present(id);
      if (document !== undefined) found.set(id, positionOf(document));
    }
    return found;
  }

  async append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    this.assertOpen();
    const results: AppendResult[] = [];
    for (const batch of batches) results.push(this.appendOne(batch, results.at(-1)));
    return results;
  }

  private appendOne(batch: AppendBatch, before: AppendResult | undefined): AppendResult {
    const document = this.names.present(batch.id);
    if (document?.generation !== batch.generation) return { ok: false, code: 'generation-changed' };
    const { head, receipt, chained = false } = batch.guard ?? {};
    if (receipt !== undefined && this.receipts.has(receipt.key)) return { ok: false, code: 'already-done' };
    if (chained && before?.ok !== true) return { ok: false, code: 'precondition-failed' };
    if (head !== undefined && head !== document.head) return { ok: false, code: 'precondition-failed' };
    if (!mayWrite(document, batch)) return { ok: false, code: 'client-id-in-use' };
    const firstSeq = appendRows(document, batch);
    if (receipt !== undefined) {
      const { generation, committedAt: createdAt } = batch;
      this.receipts.keep({ ...receipt, seq: document.head, generation, createdAt }, document);
    }
    return { ok: true, firstSeq };
  }

  async readLog(
    id: DocumentId,
    after: number,
    limit: number,
    generation?: string,
  ): Promise<readonly LogRow[]> {
    this.assertOpen();
    const document = this.meant(id, generation);
    if (document === undefined) throw new CoscribeError('internal', 'the document was never opened');
    const skip = after + 1 - firstRow(document);
    if (skip < 0) throw new CoscribeError('internal', 'these log rows have been trimmed');
    return document.rows.slice(skip, skip + Math.max(0, limit));
  }

  async readSnapshot(id: DocumentId, generation?: string): Promise<Snapshot | undefined> {
    this.assertOpen();
    return this.meant(id, generation)?.snapshot;
  }

  async writeSnapshot(id: DocumentId, generation: string, snapshot: Snapshot, trimTo: number): Promise<void> {
    this.assertOpen();
    const document = this.meant(id, generation);
    if (snapshot.seq > document.head) throw new CoscribeError('internal', 'the snapshot is ahead of the log');
    if (trimTo > snapshot.seq)
      throw new CoscribeError('internal', 'trimming beyond the snapshot would lose edits');
    if (snapshot.seq < (document.snapshot?.seq ?? 0)) return;
    document.snapshot = {
      seq: snapshot.seq,
      state: new Uint8Array(snapshot.state),
      index: new Uint8Array(snapshot.index),
    };
    document.rows.splice(0, Math.max(0, trimTo + 1 - firstRow(document)));
  }

  async readAuthor(id: DocumentId, clientId: number): Promise<string | undefined> {
    this.assertOpen();
    return this.names.present(id)?.authors.get(clientId);
  }

  async find(id: DocumentId): Promise<FoundDocument | undefined> {
    this.assertOpen();
    const document = this.documents.get(id);
    if (document !== undefined) return found(document);
    const earlier = this.names.moved(id);
    return (
      earlier && { ...found(earlier.document), id, movedTo: earlier.document.id, movedAt: earlier.movedAt }
    );
  }

  async list(query: ListQuery): Promise<readonly DocumentSummary[]> {
    this.assertOpen();
    const present = [...this.documents.values()].filter(({ deletedAt }) => deletedAt === undefined);
    return pickListed(present.map(summaryOf), query);
  }

  async readReceipt(key: string): Promise<Receipt | undefined> {
    this.assertOpen();
    return this.receipts.readReceipt(key);
  }

  async keepReceipt(receipt: Receipt): Promise<boolean> {
    this.assertOpen();
    return this.receipts.keepReceipt(receipt);
  }

  async forgetReceipts(until: number, limit: number): Promise<number> {
    this.assertOpen();
    return this.receipts.forgetReceipts(until, limit);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  protected async withAccess<Result>(work: (access: AccessStore) => Promise<Result>): Promise<Result> {
    this.assertOpen();
    return work(this.access);
  }

  private assertOpen(): void {
    if (this.closed) throw new CoscribeError('store-unavailable', 'the store is closed');
  }
}
