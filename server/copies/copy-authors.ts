import { randomInt, randomUUID } from 'node:crypto';
import type { DocumentId } from '../../shared/ids.js';
import type { Admission } from '../documents/admitted.js';

/** Whose edits they are: a clientID and its secret, and to whom they are attributed if that is known otherwise. */
export interface CopyAuthor {
  /** Names him in a document. */
  readonly key: string;
  readonly clientId: number;
  readonly clientKey: string;
}

/** About 300 bytes each. */
const MAX_REMEMBERED = 10_000;

/**
 * Under which clientID somebody changes a document who has no `Y.Doc`. It is kept as long as possible, for each costs
 * everybody who opens the document some bytes, for good; and given up when anything made under it may not be in the log.
 */
export class CopyAuthors {
  /** The longest unused first. */
  private readonly authors = new Map<string, CopyAuthor>();

  /** Anonymous ones who come from the same address, or by the same link, are one. */
  of(id: DocumentId, { grant: { identity, link }, address, application }: Admission): CopyAuthor {
    const who = application?.author ?? identity.user;
    const name = who === undefined ? ['anonymous', link ?? '', address ?? ''] : ['user', who];
    // A name of a document has no space.
    const key = `${id} ${JSON.stringify(name)}`;
    const author = this.authors.get(key) ?? {
      key,
      clientId: randomInt(1, 2 ** 32),
      clientKey: randomUUID(),
    };
    this.authors.delete(key);
    this.authors.set(key, author);
    const [oldest] = this.authors.keys();
    if (this.authors.size > MAX_REMEMBERED && oldest !== undefined) this.authors.delete(oldest);
    return author;
  }

  /** Next time he has another clientID. */
  forget({ key }: CopyAuthor): void {
    this.authors.delete(key);
  }
}
