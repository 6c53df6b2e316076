import type { DocumentStore } from '../server/storage/store.js';
import { accessStoreContract } from './access-store-contract.js';
import { deliveryStoreContract } from './delivery-store-contract.js';
import type { ContractTests, TestFramework } from './framework.js';
import { lifeEventContract, sharedLifeContract } from './life-event-contract.js';
import { sharedAccessContract } from './shared-access-contract.js';
import { sharedDeliveryContract } from './shared-delivery-contract.js';
import { sharedNameContract } from './shared-name-contract.js';
import { sharedStoreContract } from './shared-store-contract.js';
import { storeClientContract } from './store-client-contract.js';
import { storeConditionContract } from './store-condition-contract.js';
import { append, type StoreContext } from './store-context.js';
import { storeDeletionContract } from './store-deletion-contract.js';
import { storeDurabilityContract } from './store-durability-contract.js';
import { storeFindContract } from './store-find-contract.js';
import { storeGuardContract } from './store-guard-contract.js';
import { storeLifeContract } from './store-life-contract.js';
import { storeListContract } from './store-list-contract.js';
import { storeLogContract } from './store-log-contract.js';
import { storeOutageContract } from './store-outage-contract.js';
import { storeRenameContract } from './store-rename-contract.js';
import { storeSnapshotContract } from './store-snapshot-contract.js';

/** A store that is put to the test, and what the contract may do with it. */
export interface OpenedStore {
  /** A new store without documents. The contract closes it after each test. */
  readonly store: DocumentStore;

  /**
   * Opens what `store` keeps once more. Given for whatever outlives the process: the contract then closes the store and
   * looks whether everything is there. It closes what it opened.
   */
  again?(): Promise<DocumentStore>;

  /** Removes what the store kept; called after each test, when the stores are closed. */
  remove?(): Promise<void> | void;

  /**
   * Makes it impossible to keep anything, as a database that is stopped, a line that is cut, or a full disk does.
   * The function that it resolves with makes it possible again; the contract calls it in any case.
   */
  outage?(): Promise<() => Promise<void> | void>;
}

/** Which store is put to the test, and what it can do. */
export interface StoreContractOptions {
  /** What the tests call the store. */
  readonly name: string;
  /** Opens another store each time, with nothing in it: a new folder, database, schema or prefix. */
  readonly open: () => Promise<OpenedStore>;
  /** Whether several processes may use the documents at once, as `DocumentStore.shared` says. `again` is needed then. */
  readonly shared?: boolean;
  /** Whether `open` gives `again`: the documents outlive the process. What is shared does. */
  readonly durable?: boolean;
  /** Whether the store has `deliveries`, which webhooks need. */
  readonly deliveries?: boolean;
  /** Whether these have `life`, which webhooks need that are told of more than changes. */
  readonly life?: boolean;
  /** Whether `open` gives `outage`. */
  readonly outage?: boolean;
  /** How long each test may take, in milliseconds: 60,000. The largest ones write and read 10 MB. */
  readonly timeout?: number;
}

/**
 * Registers the tests that say what a `DocumentStore` promises. Every store of Coscribe's own is held to them; whoever
 * brings a store of their own runs them too, and may rely on nothing else being asked of it. The names of the
 * tests begin with the numbers of the promises in docs/SPEC.md.
 *
 *     import { afterEach, beforeEach, describe, test } from 'node:test';
 *     import { documentStoreContract } from 'coscribe/contracts';
 *
 *     documentStoreContract({ describe, test, beforeEach, afterEach }, { name: 'my store', open });
 *
 * @param framework what registers tests: see `TestFramework`
 */
export function documentStoreContract(framework: TestFramework, options: StoreContractOptions): void {
  const {
    name,
    open,
    shared = false,
    durable = shared,
    deliveries = false,
    life = false,
    outage = false,
    timeout = 60_000,
  } = options;
  framework.describe(`${name} keeps the store contract`, () => {
    let opened: OpenedStore | undefined;
    const others: DocumentStore[] = [];
    const current = (): OpenedStore => opened ?? missing('a store');

    framework.beforeEach(async () => {
      opened = await open();
    });
    framework.afterEach(async () => {
      const { store, remove } = current();
      for (const one of [...others.splice(0), store]) await one.close();
      await remove?.();
      opened = undefined;
    });

    const given: StoreContext = {
      get store() {
        return current().store;
      },
      append: (...args) => append(current().store, ...args),
      async another() {
        const other = await (
          current().again ?? missing('`again`, the documents of a store that was opened')
        )();
        others.push(other);
        return other;
      },
      outage: () => (current().outage ?? missing('`outage`'))(),
    };
    // Frameworks give a test five seconds.
    const tests: ContractTests = {
      test(title, body) {
        framework.test(title, body, timeout);
      },
    };

    storeLifeContract(tests, given, shared);
    storeLogContract(tests, given);
    storeSnapshotContract(tests, given);
    storeClientContract(tests, given);
    storeListContract(tests, given);
    storeDeletionContract(tests, given);
    storeFindContract(tests, given);
    storeRenameContract(tests, given);
    storeConditionContract(tests, given);
    storeGuardContract(tests, given);
    accessStoreContract(tests, given);
    if (deliveries) deliveryStoreContract(tests, given);
    if (life) lifeEventContract(tests, given);
    if (durable) storeDurabilityContract(tests, given);
    if (outage) storeOutageContract(tests, given);
    if (shared) {
      sharedStoreContract(tests, given);
      sharedAccessContract(tests, given);
      sharedNameContract(tests, given);
      if (deliveries) sharedDeliveryContract(tests, given);
      if (life) sharedLifeContract(tests, given);
    }
  });
}

function missing(what: string): never {
  throw new Error(`The contract was promised something that \`open\` does not give: ${what}`);
}
