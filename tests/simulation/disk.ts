import { MemoryStore } from '../../server/storage/memory-store.js';
import type { AppendBatch, AppendResult } from '../../server/storage/store.js';
import type { DocumentId } from '../../shared/ids.js';
import { sectionsOf } from '../../shared/update-order.js';
import { trimKnown } from '../../shared/update-trim.js';

interface Row {
  readonly update: Uint8Array;
  /** What it adds to the rows before it: the same edit may be in the log twice. */
  readonly adds: Uint8Array;
}

/** What survives a crash, with every row that was ever in a log: compaction does not shorten this memory. */
export class Disk {
  readonly store: MemoryStore;
  readonly #rows = new Map<DocumentId, Row[]>();
  /** Next clock of each client of a document. */
  readonly #clocks = new Map<DocumentId, Map<number, number>>();
  readonly #deleted = new Set<DocumentId>();
  #generations = 0;

  constructor() {
    this.store = new MemoryStore(() => `generation-${++this.#generations}`);
  }

  /** Takes effect before it returns. @throws Error if the log would have a gap */
  append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    // The memory store does its work before its promise is there, so nothing can come in between.
    const appended = this.store.append(batches);
    const kept = batches.filter(({ id }) => !this.#deleted.has(id));
    for (const { id, rows } of kept) for (const { update } of rows) this.#note(id, update);
    return appended.then((results) => {
      for (const [at, result] of results.entries())
        if (!result.ok && kept.some((batch) => batch === batches[at]))
          throw new Error(`an append was refused: ${result.code}`);
      return results;
    });
  }

  remove(id: DocumentId, now: number): boolean {
    void this.store.remove(id, now);
    this.#deleted.add(id);
    return true;
  }

  restore(id: DocumentId): boolean {
    void this.store.restore(id);
    return this.#deleted.delete(id);
  }

  /** Every row ever written, number 1 first. */
  log(id: DocumentId): Row[] {
    let rows = this.#rows.get(id);
    if (rows === undefined) {
      rows = [];
      this.#rows.set(id, rows);
    }
    return rows;
  }

  row(id: DocumentId, seq: number): Row | undefined {
    return this.#rows.get(id)?.[seq - 1];
  }

  #note(id: DocumentId, update: Uint8Array): void {
    const clocks = this.#clocks.get(id) ?? new Map<number, number>();
    this.#clocks.set(id, clocks);
    const clock = (client: number): number => clocks.get(client) ?? 0;
    const sections = [...sectionsOf(update)];
    const overlaps = sections.some(({ client, from }) => from < clock(client));
    this.log(id).push({ update, adds: overlaps ? trimKnown(update, { clock }) : update });
    for (const { client, to } of sections) clocks.set(client, Math.max(to, clock(client)));
  }
}
