export {
  documentStoreContract,
  type OpenedStore,
  type StoreContractOptions,
} from './document-store-contract.js';
export type { TestFramework } from './framework.js';
