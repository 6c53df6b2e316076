import { expect, test } from '@jest/globals';
import { PostgresStore } from '../../../server/storage/postgres-store.js';
import { bytesOfBase64, fromTextValue, textValue } from '../../../server/storage/postgres-values.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { testPostgres } from '../../support/postgres.js';
import { row } from '../../support/store-data.js';

const postgres = testPostgres();

const AUTHORS = [
  '',
  'NULL',
  'ada',
  '\0',
  '\\0',
  'a\0b\\c\\\0',
  '{"a","b"}',
  "it's; DROP TABLE log; --",
  ' blanks ',
  'tab\tline\nreturn\r',
  'Zoë\u{1F600}\u2028',
  '\ufeff\uffff',
];

test('[STORE5] every author is kept as he is, though PostgreSQL has a character that it does not take', async () => {
  for (const author of AUTHORS) {
    expect(textValue(author)).not.toContain('\0');
    expect(fromTextValue(textValue(author))).toBe(author);
  }
  const store = await PostgresStore.open(postgres.server.url);
  const id = parseDocumentId('team/plan');
  const { generation } = await store.open(id, 1);
  const rows = AUTHORS.map((author, clientId) => ({ ...row('x'), author, clientId }));
  // All at once, and again: then the database compares what it has with what it is given.
  for (const on of [store, await PostgresStore.open(postgres.server.url)]) {
    expect(await on.append([{ id, generation, committedAt: 1, rows }])).toMatchObject([{ ok: true }]);
    expect((await on.readLog(id, 0, AUTHORS.length)).map(({ author }) => author)).toEqual(AUTHORS);
    for (const [clientId, author] of AUTHORS.entries())
      expect(await on.readAuthor(id, clientId)).toBe(author);
    await on.close();
  }
});

test('[STORE2] bytes come out of the text of PostgreSQL, with its line breaks, in memory of their own', () => {
  const bytes = new Uint8Array(1_000).map((_, n) => n * 7);
  const lines = Buffer.from(bytes).toString('base64').replace(/.{76}/g, '$&\n');
  const found = bytesOfBase64(lines);
  expect(found).toEqual(bytes);
  expect(found.buffer.byteLength).toBe(bytes.length);
  expect(bytesOfBase64('')).toHaveLength(0);
});
