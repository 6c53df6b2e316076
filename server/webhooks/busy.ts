import type { DocumentId } from '../../shared/ids.js';
import { type Commit, joined } from './commit.js';

/** What came meanwhile. */
export interface Meanwhile {
  readonly commit: Commit | undefined;
  /** Something else became of the document. */
  readonly happened: boolean;
}

const NOTHING: Meanwhile = { commit: undefined, happened: false };

/** The documents that are being claimed, told or noted, with what came of them on this node meanwhile. */
export class Busy {
  private readonly documents = new Map<DocumentId, Meanwhile>();
  /** Of documents of which a request is under way: a document may be found under two names. */
  private readonly telling = new Set<string>();

  get size(): number {
    return this.documents.size;
  }

  has(id: DocumentId): boolean {
    return this.documents.has(id);
  }

  begin(id: DocumentId): void {
    this.documents.set(id, NOTHING);
  }

  /** @returns `false` if it is not busy */
  committed(id: DocumentId, commit: Commit): boolean {
    const known = this.documents.get(id);
    if (known === undefined) return false;
    this.documents.set(id, { ...known, commit: joined(known.commit, commit) });
    return true;
  }

  /** @returns `false` if it is not busy */
  happened(id: DocumentId): boolean {
    const known = this.documents.get(id);
    if (known === undefined) return false;
    this.documents.set(id, { ...known, happened: true });
    return true;
  }

  end(id: DocumentId): Meanwhile {
    const meanwhile = this.documents.get(id) ?? NOTHING;
    this.documents.delete(id);
    return meanwhile;
  }

  /** @returns `false` if a request about the document of this generation is under way */
  beginTelling(generation: string): boolean {
    if (this.telling.has(generation)) return false;
    this.telling.add(generation);
    return true;
  }

  endTelling(generation: string): void {
    this.telling.delete(generation);
  }

  clear(): void {
    this.documents.clear();
    this.telling.clear();
  }
}
