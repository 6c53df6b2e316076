import type { DocumentId } from '../../shared/ids.js';
import type { Admission } from '../documents/admitted.js';
import type { Documents } from '../documents/documents.js';
import type { Meter } from '../documents/meter.js';
import type { CopyAuthors } from './copy-authors.js';
import { CopyWriter } from './copy-writer.js';

/** Who writes often; each is a session of the document. */
export const MAX_WRITERS = 16;

interface WritersHome {
  readonly documents: Documents;
  readonly meter: Meter;
  readonly authors: CopyAuthors;
}

/** Those who have written in a document lately. */
export class CopyWriters {
  /** The longest unused first. */
  private readonly writers = new Map<string, CopyWriter>();

  constructor(
    private readonly id: DocumentId,
    private readonly home: WritersHome,
  ) {}

  /** What tells people apart. */
  keyOf(by: Admission): string {
    return this.home.authors.of(this.id, by).key;
  }

  /** The way in for somebody; of the last `MAX_WRITERS` it stays open. @throws CoscribeError as `CopyWriter.open` */
  async of(by: Admission): Promise<CopyWriter> {
    const { documents, meter, authors } = this.home;
    const author = authors.of(this.id, by);
    const known = this.writers.get(author.key);
    this.writers.delete(author.key);
    if (known?.over === false) {
      this.writers.set(author.key, known);
      return known;
    }
    const writer = new CopyWriter({ documents, id: this.id, meter }, author);
    try {
      await writer.open(by);
    } catch (error) {
      authors.forget(author);
      throw error;
    }
    this.writers.set(author.key, writer);
    for (const [key, oldest] of this.writers) {
      if (this.writers.size <= MAX_WRITERS) break;
      oldest.end();
      this.writers.delete(key);
    }
    return writer;
  }

  /** An update in as many parts as its size demands. @throws CoscribeError as `Documents.partsOf` */
  partsOf(update: Uint8Array): Promise<readonly Uint8Array[]> {
    return this.home.documents.partsOf(update);
  }

  /** What somebody has handed in may not be in the log: he goes on under another clientID. */
  forget(writer: CopyWriter): void {
    const { author } = writer;
    writer.end();
    if (this.writers.get(author.key) === writer) this.writers.delete(author.key);
    this.home.authors.forget(author);
  }

  end(): void {
    for (const writer of this.writers.values()) writer.end();
    this.writers.clear();
  }
}
