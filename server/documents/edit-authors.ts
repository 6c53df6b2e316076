import { randomInt, randomUUID } from 'node:crypto';
import type { DocumentId } from '../../shared/ids.js';

/** Authors that are remembered: about 300 bytes each. */
const MAX_REMEMBERED = 10_000;

/** Whose edits they are: a clientID and its secret, which the copies of a document have one after the other. */
export interface EditAuthor {
  /** As the log has it. */
  readonly name: string;
  readonly clientId: number;
  readonly clientKey: string;
}

interface Remembered {
  readonly author: EditAuthor;
  /** Of the document in which it wrote. */
  readonly generation: string | undefined;
}

/** Under which clientIDs the application edits: one for each of its users in each document. */
export class EditAuthors {
  /** The longest unused first. */
  private readonly remembered = new Map<string, Remembered>();

  /** @param generation of the document, as far as it is known: in another one everybody is new */
  of(id: DocumentId, name: string, generation: string | undefined): EditAuthor {
    const key = keyOf(id, name);
    const known = this.remembered.get(key);
    const isOther = generation !== undefined && (known?.generation ?? generation) !== generation;
    const author = known === undefined || isOther ? newAuthor(name) : known.author;
    this.remembered.delete(key);
    this.remembered.set(key, { author, generation: generation ?? known?.generation });
    const [oldest] = this.remembered.keys();
    if (this.remembered.size > MAX_REMEMBERED && oldest !== undefined) this.remembered.delete(oldest);
    return author;
  }

  /** What was made under its clientID is not in the log: who has this name is another one from now on. */
  forget(id: DocumentId, { name, clientId }: EditAuthor): void {
    const key = keyOf(id, name);
    if (this.remembered.get(key)?.author.clientId === clientId) this.remembered.delete(key);
  }
}

function keyOf(id: DocumentId, name: string): string {
  // A name of a document has no space.
  return `${id} ${name}`;
}

function newAuthor(name: string): EditAuthor {
  return { name, clientId: randomInt(1, 2 ** 32), clientKey: randomUUID() };
}
