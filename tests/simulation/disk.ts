import { MemoryStore } from '../../server/storage/memory-store.js';
import type { AppendBatch, AppendResult } from '../../server/storage/store.js';
import type { DocumentId } from '../../shared/ids.js';

interface Row {
  readonly clientId: number;
  readonly update: Uint8Array;
}

/** What survives a crash, with every row that was ever in a log: compaction does not shorten this memory. */
export class Disk {
  readonly store: MemoryStore;
  readonly #rows = new Map<DocumentId, Row[]>();
  #generations = 0;

  constructor() {
    this.store = new MemoryStore(() => `generation-${++this.#generations}`);
  }

  /** Takes effect before it returns. @throws Error if the log would have a gap */
  append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    // The memory store does its work before its promise is there, so nothing can come in between.
    const appended = this.store.append(batches);
    for (const { id, rows } of batches) this.log(id).push(...rows);
    return appended.then((results) => {
      for (const result of results) if (!result.ok) throw new Error(`an append was refused: ${result.code}`);
      return results;
    });
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
}
