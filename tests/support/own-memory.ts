import type { AccessChange, FoundDocument, Receipt } from '../../server/index.js';
import type { DocumentId } from '../../shared/index.js';
import { change, type Kept, type Line, made, summaryOf } from './own-document.js';

/** What all lines of the file make together. */
export class OwnMemory {
  readonly documents = new Map<DocumentId, Kept>();
  readonly receipts = new Map<string, Receipt>();
  readonly changes = new Map<string, AccessChange & { readonly voidedAt: number }>();
  revision = 0;
  /** Names that documents had. */
  private readonly moved = new Map<DocumentId, { readonly kept: Kept; readonly at: number }>();

  apply(line: Line): void {
    switch (line.is) {
      case 'made':
        this.documents.set(line.id, made(line.generation, line.at));
        this.moved.delete(line.id);
        break;
      case 'erased':
        this.#erase(line.id);
        break;
      case 'renamed':
        this.#rename(line.id, line.to, line.at);
        break;
      case 'kept':
        this.#keepFor(line.receipt);
        break;
      case 'forgotten':
        this.receipts.delete(line.key);
        break;
      case 'changed': {
        const key = `${line.subject.kind} ${line.subject.id}`;
        const voidedAt = Math.max(line.at, this.changes.get(key)?.voidedAt ?? line.at);
        // At the end: they are told in the order of their revisions.
        this.changes.delete(key);
        this.changes.set(key, { revision: ++this.revision, subject: line.subject, voidedAt });
        break;
      }
      default: {
        const kept = this.documents.get(line.is === 'linked' ? line.link.document : line.id);
        if (kept !== undefined) change(kept, line);
        if (line.is === 'appended' && line.receipt !== undefined) this.#keepFor(line.receipt);
      }
    }
  }

  #keepFor({ document, ...receipt }: Receipt): void {
    const isThere = document !== undefined && this.documents.has(document);
    this.receipts.set(receipt.key, isThere ? { ...receipt, document } : receipt);
  }

  #rename(from: DocumentId, to: DocumentId, at: number): void {
    const kept = this.documents.get(from);
    if (kept === undefined) return;
    this.documents.delete(from);
    this.documents.set(to, kept);
    this.moved.delete(to);
    this.moved.set(from, { kept, at });
    for (const link of kept.links.values()) kept.links.set(link.id, { ...link, document: to });
    for (const receipt of this.receipts.values())
      if (receipt.document === from) this.receipts.set(receipt.key, { ...receipt, document: to });
  }

  #erase(id: DocumentId): void {
    for (const [name, { kept }] of this.moved) if (kept === this.documents.get(id)) this.moved.delete(name);
    for (const { key, document } of this.receipts.values()) if (document === id) this.receipts.delete(key);
    this.documents.delete(id);
  }

  movedTo(id: DocumentId): FoundDocument | undefined {
    const moved = this.documents.has(id) ? undefined : this.moved.get(id);
    if (moved?.kept.deletedAt !== undefined) return undefined;
    for (const [movedTo, kept] of this.documents)
      if (kept === moved?.kept) return { ...summaryOf(id, kept), movedTo, movedAt: moved.at };
    return undefined;
  }
}
