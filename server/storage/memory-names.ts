import type { DocumentId } from '../../shared/ids.js';

/** What of a document its names need. */
interface NamedDocument {
  /** Its name. */
  id: DocumentId;
  readonly deletedAt: number | undefined;
}

interface EarlierName<Document> {
  readonly document: Document;
  /** Since when it has another one. */
  readonly movedAt: number;
}

/** The documents of a memory store by their names, and by those that they had earlier. */
export class MemoryNames<Document extends NamedDocument> {
  readonly documents = new Map<DocumentId, Document>();
  private readonly earlier = new Map<DocumentId, EarlierName<Document>>();

  /** The document of this name, unless it is deleted. */
  present(id: DocumentId): Document | undefined {
    const document = this.documents.get(id);
    return document?.deletedAt === undefined ? document : undefined;
  }

  /** The document that had this name, if none has it now and that one is not deleted. */
  moved(id: DocumentId): EarlierName<Document> | undefined {
    if (this.documents.has(id)) return undefined;
    const earlier = this.earlier.get(id);
    return earlier?.document.deletedAt === undefined ? earlier : undefined;
  }

  /** A document takes its name, which is free. */
  add(document: Document): void {
    this.earlier.delete(document.id);
    this.documents.set(document.id, document);
  }

  rename(from: DocumentId, to: DocumentId, now: number): 'done' | 'absent' | 'taken' {
    const document = this.present(from);
    if (document === undefined) return 'absent';
    if (this.documents.has(to)) return 'taken';
    this.documents.delete(from);
    document.id = to;
    this.add(document);
    this.earlier.set(from, { document, movedAt: now });
    return 'done';
  }

  /** Removes a document with all its names. */
  erase(document: Document): void {
    this.documents.delete(document.id);
    for (const [name, earlier] of this.earlier) if (earlier.document === document) this.earlier.delete(name);
  }
}
