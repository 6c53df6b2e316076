import type { DeletionSet } from '../view/deletion-set.js';
import type { LoadDocument } from '../view/load-document.js';

/**
 * What a document's readers have deleted though nobody has deleted it. That is a fault by itself; if it is not the same for all
 * of them, they are not equal either.
 */
export class Gone {
  /** What the first reader has deleted, by author. */
  readonly #first = new Map<number, { readonly deleted: DeletionSet; readonly reader: string }>();

  constructor(private readonly document: LoadDocument) {}

  /**
   * @param deleted what the reader has deleted of this author
   * @param told what the author has deleted
   */
  see(reader: string, clientId: number, deleted: DeletionSet, told: DeletionSet): void {
    let all = told;
    if (deleted.without(told) > 0) {
      const ranges = deleted.ranges();
      for (let at = 0; at < ranges.length; at += 2) all = all.with(ranges[at] ?? 0, ranges[at + 1] ?? 0);
    }
    const first = this.#first.get(clientId);
    if (first === undefined) this.#first.set(clientId, { deleted: all, reader });
    else if (!first.deleted.equals(all)) {
      const { name, problems } = this.document;
      const what = `what nobody has deleted of clientID ${clientId} is gone for ${reader} otherwise than for ${first.reader}`;
      problems.add('differs', name, `In ${name} ${what}.`);
    }
  }
}
