import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PostgresStore } from '../../../server/storage/postgres-store.js';
import type { DocumentStore } from '../../../server/storage/store.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { testPostgres } from '../../support/postgres.js';
import { bytes, expectFault, row } from '../../support/store-data.js';

const postgres = testPostgres();
const A = parseDocumentId('team/a');
const B = parseDocumentId('team/b');

let store: DocumentStore;
beforeEach(async () => {
  store = await PostgresStore.open(postgres.server.url);
});
afterEach(() => store.close());

test('[STORE13] damage is noticed when it is read, and keeps nobody from the other documents', async () => {
  const a = await store.open(A, 1);
  const b = await store.open(B, 1);
  const batch = (id: typeof A, { generation }: typeof a) => ({
    id,
    generation,
    committedAt: 1,
    rows: [row('x')],
  });
  await store.append([batch(A, a), batch(A, a), batch(A, a), batch(B, b)]);
  const snapshot = { seq: 1, state: new Uint8Array(300_000), index: bytes('index') };
  await store.writeSnapshot(A, a.generation, snapshot, 0);

  const damage = async (change: string, restore: string, calls: readonly (() => Promise<unknown>)[]) => {
    await postgres.sql(change);
    for (const call of calls) await expectFault(call(), 'document-unreadable');
    await postgres.sql(restore);
    for (const call of calls) await call();
  };
  const log = () => store.readLog(A, 0, 9);
  const open = () => store.open(A, 1);
  const read = () => store.readSnapshot(A);
  const own = "(SELECT key FROM coscribe.documents WHERE id = 'team/a')";
  const change = (table: string, set: string, where: string) =>
    `UPDATE coscribe.${table} SET ${set} WHERE ${where}`;
  const both = (table: string, there: string, back: string, where: string) =>
    [change(table, there, where), change(table, back, where)] as const;

  await damage(...both('log', `update = 'y'`, `update = 'x'`, `document = ${own} AND seq = 2`), [log]);
  await damage(...both('log', `author = 'eve'`, `author = 'ada'`, `document = ${own} AND seq = 2`), [log]);
  await damage(...both('log', 'seq = seq + 10', 'seq = seq - 10', `document = ${own} AND seq IN (3, 13)`), [
    log,
    open,
  ]);
  await damage(...both('log', 'seq = seq + 10', 'seq = seq - 10', `document = ${own} AND seq IN (2, 12)`), [
    log,
  ]);
  await damage(...both('documents', 'head = 4', 'head = 3', `id = 'team/a'`), [log, open]);
  await damage(...both('documents', 'first_row = 0', 'first_row = 1', `id = 'team/a'`), [open]);
  await damage(...both('documents', `created_at = 2`, `created_at = 1`, `id = 'team/a'`), [log, open, read]);
  await damage(...both('snapshots', `index = 'indes'`, `index = 'index'`, 'true'), [open, read]);
  await damage(...both('snapshots', 'seq = 2', 'seq = 1', 'true'), [open, read]);
  await damage(...both('snapshot_pieces', 'number = number + 5', 'number = number - 5', 'number IN (1, 6)'), [
    read,
  ]);
  await damage(
    ...both('snapshot_pieces', 'checksum = checksum + 1', 'checksum = checksum - 1', 'number = 0'),
    [read],
  );
  await damage(...both('authors', `author = 'eve'`, `author = 'ada'`, `document = ${own}`), [
    () => store.readAuthor(A, row('').clientId),
  ]);

  await store.append([{ ...batch(A, a), rows: [], guard: { receipt: { key: 'k', digest: 'd' } } }]);
  const receipt = () => store.readReceipt('k');
  await damage(...both('receipts', `digest = 'e'`, `digest = 'd'`, 'true'), [receipt]);
  await damage(...both('receipts', 'seq = 4', 'seq = 3', 'true'), [receipt]);
  // A name that it never had.
  await damage(...both('documents', `sealed_as = 'x/y'`, 'sealed_as = NULL', `id = 'team/a'`), [
    open,
    log,
    read,
  ]);

  // A head that lags behind its log: the next row is there already.
  await postgres.sql(change('documents', 'head = 2', `id = 'team/a'`));
  expect(await store.append([batch(B, b), batch(A, a), batch(B, b)])).toEqual([
    { ok: true, firstSeq: 2 },
    { ok: false, code: 'document-unreadable' },
    { ok: true, firstSeq: 3 },
  ]);
  expect((await store.readLog(B, 0, 9)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
});
