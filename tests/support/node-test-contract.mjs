// Run by `node --test`: the contract in another framework, on what is built.
import { afterEach, beforeEach, describe, test } from 'node:test';
import { documentStoreContract } from '../../dist/contracts/index.js';
import { openStore } from '../../dist/server/index.js';

documentStoreContract(
  { describe, test, beforeEach, afterEach },
  { name: 'memory:', open: async () => ({ store: await openStore('memory:') }) },
);
