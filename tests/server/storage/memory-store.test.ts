import { afterEach, beforeEach, describe, test } from '@jest/globals';
import { documentStoreContract } from '../../../contracts/index.js';
import { MemoryStore } from '../../../server/storage/memory-store.js';

let generations = 0;
documentStoreContract(
  { describe, test, beforeEach, afterEach },
  {
    name: 'memory:',
    deliveries: true,
    life: true,
    open: async () => ({ store: new MemoryStore(() => `generation ${++generations}`) }),
  },
);
