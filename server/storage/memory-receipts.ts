import type { DocumentId } from '../../shared/ids.js';
import type { Receipt, ReceiptStore } from './receipts.js';

/** What of a document its receipts need. */
export interface ReceiptOwner {
  /** Its name. */
  readonly id: DocumentId;
}

interface StoredReceipt<Owner> {
  readonly receipt: Omit<Receipt, 'document'>;
  readonly owner: Owner | undefined;
}

/** Receipts, until the process ends. */
export class MemoryReceipts<Owner extends ReceiptOwner> implements ReceiptStore {
  private readonly receipts = new Map<string, StoredReceipt<Owner>>();

  /** @param documents by their names */
  constructor(private readonly documents: ReadonlyMap<DocumentId, Owner>) {}

  async readReceipt(key: string): Promise<Receipt | undefined> {
    const stored = this.receipts.get(key);
    if (stored === undefined) return undefined;
    const { receipt, owner } = stored;
    return { ...receipt, ...(owner !== undefined && { document: owner.id }) };
  }

  async keepReceipt({ document, ...receipt }: Receipt): Promise<boolean> {
    return this.keep(receipt, document === undefined ? undefined : this.documents.get(document));
  }

  has(key: string): boolean {
    return this.receipts.has(key);
  }

  keep(receipt: Omit<Receipt, 'document'>, owner: Owner | undefined): boolean {
    if (this.receipts.has(receipt.key)) return false;
    this.receipts.set(receipt.key, { receipt, owner });
    return true;
  }

  async forgetReceipts(until: number, limit: number): Promise<number> {
    const due = [...this.receipts].filter(([, { receipt }]) => receipt.createdAt <= until);
    const gone = due.slice(0, Math.max(0, limit));
    for (const [key] of gone) this.receipts.delete(key);
    return gone.length;
  }

  /** Forgets those of a document that is erased. */
  erase(owner: Owner): void {
    for (const [key, stored] of this.receipts) if (stored.owner === owner) this.receipts.delete(key);
  }
}
