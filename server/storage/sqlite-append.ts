import { unpackRows } from './packed-rows.js';
import { toFault } from './sqlite-errors.js';
import type { Belongings } from './sqlite-life.js';
import type { PackedAppend } from './sqlite-messages.js';
import type { Transactions } from './sqlite-transactions.js';
import type { AppendResult, NewLogRow } from './store.js';

/** Appends to logs. Runs in the storage thread. */
export class SqliteAppends {
  constructor(
    private readonly belongings: Pick<Belongings, 'documents' | 'log' | 'receipts'>,
    private readonly transactions: Transactions,
  ) {}

  /** All of it is on disk when this returns. */
  append({ batches, rows }: PackedAppend): readonly AppendResult[] {
    const unpacked = unpackRows(rows);
    const damaged = new Set<number>();
    for (;;) {
      let current: number | undefined;
      try {
        return this.transactions.run(() => {
          let offset = 0;
          let before: AppendResult | undefined;
          const results = batches.map((batch, position): AppendResult => {
            const own = unpacked.slice(offset, offset + batch.count);
            offset += batch.count;
            current = position;
            before = damaged.has(position)
              ? { ok: false, code: 'document-unreadable' }
              : this.appendBatch(batch, own, before);
            return before;
          });
          current = undefined;
          return results;
        });
      } catch (error) {
        // The transaction is undone as a whole, then made again without the damaged document.
        if (current === undefined || toFault(error).code !== 'document-unreadable') throw error;
        damaged.add(current);
      }
    }
  }

  private appendBatch(
    batch: PackedAppend['batches'][number],
    rows: readonly NewLogRow[],
    before: AppendResult | undefined,
  ): AppendResult {
    const document = this.belongings.documents.present(batch.id);
    if (document?.generation !== batch.generation) return { ok: false, code: 'generation-changed' };
    const { generation, committedAt, guard } = batch;
    const receipt = guard?.receipt;
    if (receipt !== undefined && this.belongings.receipts.has(receipt.key))
      return { ok: false, code: 'already-done' };
    if (guard?.chained && before?.ok !== true) return { ok: false, code: 'precondition-failed' };
    if ((guard?.head ?? document.head) !== document.head) return { ok: false, code: 'precondition-failed' };
    const seq = document.head + rows.length;
    if (rows.length > 0) {
      if (!this.belongings.log.claim(document, rows)) return { ok: false, code: 'client-id-in-use' };
      this.belongings.log.append(document, rows, committedAt);
      this.belongings.documents.appended(document, seq, committedAt);
    }
    if (receipt !== undefined)
      this.belongings.receipts.keep({ ...receipt, seq, generation, createdAt: committedAt }, document.key);
    return { ok: true, firstSeq: document.head + 1 };
  }
}
