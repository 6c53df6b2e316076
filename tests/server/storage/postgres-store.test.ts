import { PostgresStore } from '../../../server/storage/postgres-store.js';
import { storeContract } from '../../contracts/store-contract.js';
import { testPostgres } from '../../support/postgres.js';

const postgres = testPostgres();

storeContract(
  'postgres:',
  async () => {
    await postgres.sql('DROP SCHEMA IF EXISTS coscribe CASCADE');
    const open = () => PostgresStore.open(postgres.server.url);
    const store = await open();
    return { store, another: open, cleanup: () => store.close() };
  },
  { shared: true },
);
