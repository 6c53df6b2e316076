import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { openStore } from '../../../server/storage/open-store.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { Relay } from '../../../tools/services/relay.js';
import { StoreReader } from '../../../tools/soak/store-reader.js';
import { testPostgres } from '../../support/postgres.js';

const DOCUMENT = parseDocumentId('acme/notes');
const postgres = testPostgres();
let line: Relay;
let reader: StoreReader;

beforeEach(async () => {
  line = await Relay.open({ port: postgres.server.port });
  const address = new URL(postgres.server.url);
  address.port = `${line.port}`;
  reader = new StoreReader(address.href);
});

afterEach(async () => {
  await reader.close();
  await line.close();
});

test('[NODES9] reads out of a store that could not be opened when it was first asked for', async () => {
  line.refuse();
  await expect(reader.text(DOCUMENT)).rejects.toThrow('cannot be opened');
  const store = await openStore(postgres.server.url);
  const doc = new Y.Doc();
  doc.getText('text').insert(0, 'here');
  const { generation } = await store.open(DOCUMENT, 1);
  const written = { update: Y.encodeStateAsUpdate(doc), clientId: doc.clientID, author: 'ada' };
  await store.append([{ id: DOCUMENT, generation, committedAt: 1, rows: [written] }]);
  await store.close();
  line.release();
  await expect(reader.text(DOCUMENT)).resolves.toBe('here');
});

test('[NODES9] says so if the process that reads is gone, whenever it is asked', async () => {
  await reader.close();
  await expect(reader.text(DOCUMENT)).rejects.toThrow('has ended');
  await expect(reader.text(DOCUMENT)).rejects.toThrow('has ended');
});
