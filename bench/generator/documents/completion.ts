import * as Y from 'yjs';
import { ROOT_NAME } from '../edits.js';

interface Verdict {
  readonly updates: readonly Uint8Array[];
  readonly place: number | undefined;
}

/**
 * Finds the update with which a copy became complete. Done when the clock has stopped: a real document takes longer to
 * load than to send.
 */
export class Completion {
  private readonly verdicts: Verdict[] = [];

  /** @param base what the copies had before; absent if nothing */
  constructor(
    private readonly text: string,
    private readonly base?: Uint8Array,
  ) {}

  /** Place of the first of these updates with which the copy has the text; `undefined` if it never has. */
  placeOf(updates: readonly Uint8Array[]): number | undefined {
    const known = this.verdicts.find((verdict) => sameBytes(verdict.updates, updates));
    if (known !== undefined) return known.place;
    const place = this.search(updates);
    this.verdicts.push({ updates, place });
    return place;
  }

  private search(updates: readonly Uint8Array[]): number | undefined {
    const doc = new Y.Doc();
    const copy = doc.getText(ROOT_NAME);
    if (this.base !== undefined) Y.applyUpdate(doc, this.base);
    try {
      for (const [place, update] of updates.entries()) {
        Y.applyUpdate(doc, update);
        if (copy.length === this.text.length && copy.toString() === this.text) return place;
      }
      return undefined;
    } finally {
      doc.destroy();
    }
  }
}

function sameBytes(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return (
    some.length === others.length &&
    some.every((update, place) => {
      const other = others[place];
      return other !== undefined && Buffer.compare(update, other) === 0;
    })
  );
}
