import type { DocumentCopy } from './document-copy.js';

/** A place for one copy of a document: whoever needs one while it is being opened gets the same. */
export class CopySlot {
  private current: DocumentCopy | undefined;
  private opening: Promise<DocumentCopy> | undefined;

  /** The copy that is there now, if there is one. */
  get copy(): DocumentCopy | undefined {
    return this.current?.gone === false ? this.current : undefined;
  }

  /** @throws whatever `open` throws */
  async get(open: () => Promise<DocumentCopy>): Promise<DocumentCopy> {
    const { copy } = this;
    if (copy !== undefined) return copy;
    this.opening ??= this.fill(open);
    return this.opening;
  }

  private async fill(open: () => Promise<DocumentCopy>): Promise<DocumentCopy> {
    try {
      this.current = await open();
      return this.current;
    } finally {
      this.opening = undefined;
    }
  }
}
