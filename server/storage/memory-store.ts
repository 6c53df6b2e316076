import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { AccessDelegate } from './access-delegate.js';
import type { AccessStore, StoredLink } from './access-store.js';
import { MemoryAccess } from './memory-access.js';
import type {
  AppendBatch,
  AppendResult,
  DocumentHead,
  DocumentPosition,
  DocumentStore,
  DocumentSummary,
  FoundDocument,
  ListQuery,
  LogRow,
  Snapshot,
} from './store.js';

interface StoredDocument {
  readonly generation: string;
  readonly createdAt: number;
  updatedAt: number;
  head: number;
  /** The log from `firstRow` on. */
  rows: LogRow[];
  snapshot: Snapshot | undefined;
  readonly authors: Map<number, string>;
  deletedAt: number | undefined;
}

/**
 * Keeps documents until the process ends. It has no timers and no chance of its own, so a simulation that runs on
 * it replays exactly.
 */
export class MemoryStore extends AccessDelegate implements DocumentStore {
  readonly description = 'memory:';
  readonly shared: boolean;
  protected readonly documents = new Map<DocumentId, StoredDocument>();
  protected readonly access = new MemoryAccess((id) => this.present(id) !== undefined);
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
    const document: StoredDocument = {
      generation: this.newGeneration(),
      createdAt: now,
      updatedAt: now,
      head: 0,
      rows: [],
      snapshot: undefined,
      authors: new Map(),
      deletedAt: undefined,
    };
    this.documents.set(id, document);
    return document;
  }

  async remove(id: DocumentId, now: number): Promise<boolean> {
    this.assertOpen();
    const document = this.present(id);
    if (document === undefined) return false;
    document.deletedAt = now;
    return true;
  }

  async restore(id: DocumentId): Promise<boolean> {
    this.assertOpen();
    const document = this.documents.get(id);
    if (document?.deletedAt === undefined) return false;
    document.deletedAt = undefined;
    return true;
  }

  async purge(deletedUntil: number, limit: number): Promise<readonly DocumentId[]> {
    this.assertOpen();
    const due = [...this.documents].flatMap(([id, { deletedAt }]) =>
      deletedAt !== undefined && deletedAt <= deletedUntil ? [{ id, deletedAt }] : [],
    );
    due.sort((a, b) => a.deletedAt - b.deletedAt);
    const purged = due.slice(0, Math.max(0, limit)).map(({ id }) => id);
    for (const id of purged) {
      this.documents.delete(id);
      this.access.erase(id);
    }
    return purged;
  }

  /** The document, unless it is deleted. */
  private present(id: DocumentId): StoredDocument | undefined {
    const document = this.documents.get(id);
    return document?.deletedAt === undefined ? document : undefined;
  }

  /** The document, if it is there; of this generation, if the caller knows it. @throws CoscribeError `generation-changed` */
  private meant(id: DocumentId, generation: string): StoredDocument;
  private meant(id: DocumentId, generation: string | undefined): StoredDocument | undefined;
  private meant(id: DocumentId, generation: string | undefined): StoredDocument | undefined {
    const document = this.present(id);
    if (generation !== undefined && generation !== document?.generation)
      throw new CoscribeError('generation-changed');
    return document;
  }

  async positions(ids: readonly DocumentId[]): Promise<ReadonlyMap<DocumentId, DocumentPosition>> {
    this.assertOpen();
    const found = new Map<DocumentId, DocumentPosition>();
    for (const id of ids) {
      const document = this.present(id);
      if (document !== undefined) found.set(id, positionOf(document));
    }
    return found;
  }

  async append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    this.assertOpen();
    return batches.map((batch) => this.appendOne(batch));
  }

  private appendOne(batch: AppendBatch): AppendResult {
    const document = this.present(batch.id);
    if (document?.generation !== batch.generation) return { ok: false, code: 'generation-changed' };
    const authors = new Map<number, string>();
    for (const { clientId, author } of batch.rows) {
      const first = document.authors.get(clientId) ?? authors.get(clientId) ?? author;
      if (first !== author) return { ok: false, code: 'client-id-in-use' };
      authors.set(clientId, author);
    }
    const firstSeq = document.head + 1;
    for (const { update, clientId, author } of batch.rows) {
      document.head++;
      const { committedAt } = batch;
      document.rows.push({
        seq: document.head,
        clientId,
        author,
        committedAt,
        update: new Uint8Array(update),
      });
    }
    for (const [clientId, author] of authors) document.authors.set(clientId, author);
    if (batch.rows.length > 0) document.updatedAt = batch.committedAt;
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
    return this.present(id)?.authors.get(clientId);
  }

  async find(id: DocumentId): Promise<FoundDocument | undefined> {
    this.assertOpen();
    const document = this.documents.get(id);
    if (document === undefined) return undefined;
    const { head, createdAt, updatedAt, deletedAt } = document;
    return { id, head, createdAt, updatedAt, ...(deletedAt !== undefined && { deletedAt }) };
  }

  async list(query: ListQuery): Promise<readonly DocumentSummary[]> {
    this.assertOpen();
    const prefix = query.workspace === undefined ? '' : `${query.workspace}/`;
    return [...this.documents]
      .filter(([id, { deletedAt }]) => deletedAt === undefined && id.startsWith(prefix))
      .sort(([a, first], [b, second]) => second.updatedAt - first.updatedAt || (a < b ? -1 : 1))
      .slice(0, Math.max(0, query.limit))
      .map(([id, { head, createdAt, updatedAt }]) => ({ id, head, createdAt, updatedAt }));
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

function positionOf(document: StoredDocument): DocumentPosition {
  return {
    generation: document.generation,
    head: document.head,
    firstRow: firstRow(document),
    snapshotSeq: document.snapshot?.seq ?? 0,
    snapshotBytes: document.snapshot?.state.length ?? 0,
  };
}

function firstRow(document: StoredDocument): number {
  return document.head - document.rows.length + 1;
}
