import type { AddedClocks, DocumentIndex } from '../../shared/document-index.js';
import { checkUpdate } from '../../shared/update-gate.js';
import { sectionsOf } from '../../shared/update-order.js';
import { trimKnown } from '../../shared/update-trim.js';

/** What was admitted once is admitted again, whatever the limits are now; only its place in the log is checked. */
const NO_LIMITS = { maxUpdateBytes: Number.POSITIVE_INFINITY, maxDeleteRanges: Number.POSITIVE_INFINITY };

/**
 * What the log holds of each client. The index runs ahead of it by what is admitted here and not yet committed.
 *
 * The same edit may be in the log twice, when a client moves to another node before it has its answer. Yjs throws at a
 * struct of which it has the beginning as GC, so that nobody may be sent the second one whole: every row is trimmed to
 * what the rows before it lack.
 */
export class CommittedClocks {
  /** Next committed clock of the clients for which that is less than the index says. */
  private readonly behind = new Map<number, number>();

  constructor(private readonly index: DocumentIndex) {}

  /** Next clock of a client after the rows committed so far. */
  clock(client: number): number {
    return this.behind.get(client) ?? this.index.clock(client);
  }

  /** An update is about to be taken up by the index, and will be committed later. */
  admitted(added: readonly AddedClocks[]): void {
    for (const { client, from } of added) if (!this.behind.has(client)) this.behind.set(client, from);
  }

  /** A row that was admitted here comes next in the log. @returns what it adds */
  takeOwn(update: Uint8Array, added: readonly AddedClocks[]): Uint8Array {
    const overlaps = added.some(({ client, from }) => from < this.clock(client));
    const trimmed = overlaps ? trimKnown(update, this) : update;
    for (const { client, to } of added) this.committed(client, to);
    return trimmed;
  }

  /**
   * A row that was admitted elsewhere comes next in the log; the index takes it up.
   *
   * @returns what it adds
   * @throws CoscribeError if it does not follow from the rows before it
   */
  takeForeign(update: Uint8Array): Uint8Array {
    const checked = checkUpdate(update, {
      index: this.index,
      kind: 'catch-up',
      clientId: 0,
      limits: NO_LIMITS,
    });
    if (this.behind.size === 0) {
      this.index.admit(checked);
      return checked.update;
    }
    // By what is committed, and not by the index: what waits for the disk here may never get there.
    const trimmed = trimKnown(update, this);
    this.index.admit(checked);
    for (const { client, to } of sectionsOf(update)) this.committed(client, to);
    return trimmed;
  }

  private committed(client: number, to: number): void {
    const behind = this.behind.get(client);
    if (behind === undefined) return;
    if (to >= this.index.clock(client)) this.behind.delete(client);
    else if (to > behind) this.behind.set(client, to);
  }
}
