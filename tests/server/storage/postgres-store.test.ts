import { afterEach, beforeEach, describe, test } from '@jest/globals';
import { documentStoreContract } from '../../../contracts/index.js';
import { PostgresStore } from '../../../server/storage/postgres-store.js';
import { testPostgres } from '../../support/postgres.js';

const postgres = testPostgres();

documentStoreContract(
  { describe, test, beforeEach, afterEach },
  {
    name: 'postgres:',
    shared: true,
    deliveries: true,
    life: true,
    outage: true,
    async open() {
      await postgres.sql('DROP SCHEMA IF EXISTS coscribe CASCADE');
      const again = () => PostgresStore.open(postgres.server.url);
      return {
        store: await again(),
        again,
        async outage() {
          await postgres.server.stop();
          return () => postgres.server.start();
        },
      };
    },
  },
);
