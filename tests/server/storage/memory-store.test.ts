import { MemoryStore } from '../../../server/storage/memory-store.js';
import { storeContract } from '../../contracts/store-contract.js';

storeContract('memory:', async () => {
  let generations = 0;
  const store = new MemoryStore(() => `generation ${++generations}`);
  return { store, cleanup: () => store.close() };
});
