import type { DocumentId } from '../../shared/ids.js';

/** Says that a request was carried out, so that whoever repeats it does not have it carried out twice. */
export interface NewReceipt {
  /** What names the request: who sent it, and the key that he gave it. 1 to 128 characters. */
  readonly key: string;
  /** What the request was, as a hash: another one must not come under the same key. */
  readonly digest: string;
}

/** A receipt that is there. */
export interface Receipt extends NewReceipt {
  /** Where the edit is in the log, if the request was one: its last row. */
  readonly seq?: number;
  readonly generation?: string;
  /** Which document it is about, if it is about one: it goes when that is erased. One that is not there is not kept. */
  readonly document?: DocumentId;
  /** What was answered, if that was kept: JSON. */
  readonly answer?: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
}

/**
 * What a store keeps of requests that were carried out. Part of a `DocumentStore`; `contracts/receipt-store-contract.ts` is
 * its specification, and its methods reject as those of a `DocumentStore` do.
 */
export interface ReceiptStore {
  /** The receipt of this key, if there is one. */
  readReceipt(key: string): Promise<Receipt | undefined>;

  /** Keeps a receipt. @returns `false`, and nothing is changed, if there is one of this key */
  keepReceipt(receipt: Receipt): Promise<boolean>;

  /**
   * Removes receipts that were made up to `until`.
   *
   * @param limit how many at most
   * @returns how many
   */
  forgetReceipts(until: number, limit: number): Promise<number>;
}
