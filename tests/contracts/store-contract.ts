import { afterEach, beforeEach, describe } from '@jest/globals';
import type { DocumentStore } from '../../server/storage/store.js';
import { accessStoreContract } from './access-store-contract.js';
import { sharedAccessContract } from './shared-access-contract.js';
import { sharedStoreContract } from './shared-store-contract.js';
import { storeClientContract } from './store-client-contract.js';
import { append, fail, type StoreContext } from './store-context.js';
import { storeDeletionContract } from './store-deletion-contract.js';
import { storeFindContract } from './store-find-contract.js';
import { storeLifeContract } from './store-life-contract.js';
import { storeListContract } from './store-list-contract.js';
import { storeLogContract } from './store-log-contract.js';
import { storeSnapshotContract } from './store-snapshot-contract.js';

export interface OpenedStore {
  readonly store: DocumentStore;
  /** Closes the store and removes what it kept. */
  cleanup(): Promise<void>;
  /** If the store is shared: another one that keeps the same documents. */
  another?(): Promise<DocumentStore>;
}

/** What every store promises, whatever it keeps documents in. */
export function storeContract(
  name: string,
  openStore: () => Promise<OpenedStore>,
  { shared = false }: { readonly shared?: boolean } = {},
): void {
  describe(`${name} keeps the store contract`, () => {
    let opened: OpenedStore;
    const others: DocumentStore[] = [];

    beforeEach(async () => {
      opened = await openStore();
    });
    afterEach(async () => {
      for (const other of others.splice(0)) await other.close();
      await opened.cleanup();
    });

    const given: StoreContext = {
      get store() {
        return opened.store;
      },
      append: (...args) => append(opened.store, ...args),
      async another() {
        const other = await (opened.another ?? fail)();
        others.push(other);
        return other;
      },
    };

    storeLifeContract(given, shared);
    storeLogContract(given);
    storeSnapshotContract(given);
    storeClientContract(given);
    storeListContract(given);
    storeDeletionContract(given);
    storeFindContract(given);
    accessStoreContract(given);
    if (shared) {
      sharedStoreContract(given);
      sharedAccessContract(given);
    }
  });
}
