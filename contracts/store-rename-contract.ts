import type { DocumentStore } from '../server/storage/store.js';
import { type DocumentId, parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, append, B, type StoreContext } from './store-context.js';
import { bytes, expectFault, row } from './store-data.js';
import { link } from './store-links.js';

const C = parseDocumentId('other/c');

/** A document with a log, of which something is trimmed, a snapshot, an author, a link and a receipt. @returns its generation */
async function fill(store: DocumentStore, id: DocumentId): Promise<string> {
  await store.create(id, 1, link(id, 1));
  const { generation } = await store.open(id, 1);
  await append(store, id, generation, ['1', '2', '3'], 2);
  const snapshot = { seq: 2, state: bytes('state'), index: bytes('index') };
  await store.writeSnapshot(id, generation, snapshot, 1);
  await store.keepReceipt({ key: `of ${id}`, digest: 'd', document: id, createdAt: 1 });
  return generation;
}

/** All that is kept of it, without its name. */
async function content(store: DocumentStore, id: DocumentId): Promise<unknown> {
  const { id: _, ...found } = (await store.find(id)) ?? {};
  return {
    found,
    head: await store.open(id, 99),
    log: await store.readLog(id, 1, 9),
    snapshot: await store.readSnapshot(id),
    author: await store.readAuthor(id, row('').clientId),
    links: (await store.listLinks(id)).map(({ document, ...rest }) => ({ ...rest, isIts: document === id })),
  };
}

/** Documents that get other names. */
export function storeRenameContract({ test }: ContractTests, given: StoreContext): void {
  test('[STORE43] a document with another name has all that it had, and takes what it took', async () => {
    const { store } = given;
    const generation = await fill(store, A);
    const before = await content(store, A);
    expect(await store.rename(A, C, 50)).toBe('done');
    expect(await content(store, C)).toEqual(before);
    expect((await store.positions([A, C])).get(C)).toMatchObject({ generation, head: 3, snapshotSeq: 2 });
    expect((await store.list({ limit: 9 })).map(({ id }) => id)).toEqual([C]);
    expect((await store.findLink(link(A, 1).hash))?.document).toBe(C);
    expect((await store.readReceipt(`of ${A}`))?.document).toBe(C);

    expect(await append(store, C, generation, ['4', '5'], 60)).toBe(4);
    const other = { ...row('x'), clientId: 8, author: 'bob' };
    const batch = (rows: readonly (typeof other)[]) => ({ id: C, generation, committedAt: 61, rows });
    expect(await store.append([batch([other])])).toEqual([{ ok: true, firstSeq: 6 }]);
    expect(await store.append([batch([{ ...other, author: 'eve' }])])).toEqual([
      { ok: false, code: 'client-id-in-use' },
    ]);
    expect(await store.readAuthor(C, 8)).toBe('bob');
    expect((await store.readLog(C, 1, 9)).map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6]);
    const large = { seq: 6, state: new Uint8Array(600_000).fill(3), index: bytes('new') };
    await store.writeSnapshot(C, generation, large, 4);
    const found = await store.readSnapshot(C);
    expect(Buffer.compare(found?.state ?? bytes(''), large.state)).toBe(0);
    expect(await store.open(C, 1)).toMatchObject({
      firstRow: 5,
      snapshotSeq: 6,
      snapshotIndex: bytes('new'),
    });
    await store.addLink(link(C, 2), 2);
    expect(await store.findLink(link(C, 2).hash)).toEqual(link(C, 2));
    expect(await store.removeLink(C, 'link-1', 1)).toBe(true);
    // And once more, and back.
    expect(await store.rename(C, B, 70)).toBe('done');
    expect(await append(store, B, generation, ['7'])).toBe(7);
    expect(await store.rename(B, A, 71)).toBe('done');
    expect((await store.readLog(A, 4, 9)).map(({ seq }) => seq)).toEqual([5, 6, 7]);
    expect((await store.readSnapshot(A))?.seq).toBe(6);
    expect((await store.findLink(link(C, 2).hash))?.document).toBe(A);
    expect(await store.remove(A, 80)).toBe(true);
    await expectFault(store.open(A, 81), 'document-deleted');
    expect(await store.restore(A)).toBe(true);
    expect(await append(store, A, generation, ['8'])).toBe(8);
  });

  test('[STORE43] by the name that it had it is not there: who opens that is told that it has another one', async () => {
    const { store } = given;
    const generation = await fill(store, A);
    const summary = await store.find(A);
    await store.rename(A, C, 50);
    await expectFault(store.open(A, 51), 'document-moved');
    expect(await store.find(A)).toEqual({ ...summary, movedTo: C, movedAt: 50 });
    expect((await store.find(C))?.movedTo).toBeUndefined();
    expect([...(await store.positions([A])).keys()]).toEqual([]);
    expect((await store.list({ limit: 9, workspace: 'team' })).length).toBe(0);
    expect(await store.listLinks(A)).toEqual([]);
    expect(await store.readLink(A, 'link-1')).toBeUndefined();
    expect(await store.readSnapshot(A)).toBeUndefined();
    await expectFault(store.readLog(A, 1, 9), 'internal');
    await expectFault(store.readLog(A, 1, 9, generation), 'generation-changed');
    await expectFault(store.addLink(link(A, 3), 9), 'no-access');
    const snapshot = { seq: 3, state: bytes('s'), index: bytes('i') };
    await expectFault(store.writeSnapshot(A, generation, snapshot, 3), 'generation-changed');
    const lost = {
      id: A,
      generation,
      committedAt: 52,
      rows: [row('no')],
      guard: { receipt: { key: 'k', digest: 'd' } },
    };
    expect(await store.append([lost])).toEqual([{ ok: false, code: 'generation-changed' }]);
    expect(await store.readReceipt('k')).toBeUndefined();
    expect([await store.remove(A, 53), await store.restore(A), await store.rename(A, B, 53)]).toEqual([
      false,
      false,
      'absent',
    ]);
    // All its names lead to the one that it has.
    await store.rename(C, B, 60);
    expect([(await store.find(A))?.movedTo, (await store.find(C))?.movedTo]).toEqual([B, B]);
    await store.remove(B, 70);
    expect([await store.find(A), await store.find(C)]).toEqual([undefined, undefined]);
    await store.restore(B);
    expect((await store.find(A))?.movedTo).toBe(B);
  });

  test('[STORE43] the name is free: a document that is made with it has nothing of the other one', async () => {
    const { store } = given;
    const generation = await fill(store, A);
    await store.rename(A, C, 50);
    expect(await store.create(A, 51, link(A, 9))).toBe(true);
    const fresh = await store.open(A, 52);
    expect(fresh).toMatchObject({ head: 0, firstRow: 1, snapshotSeq: 0 });
    expect(fresh.generation).not.toBe(generation);
    expect(await store.find(A)).toEqual({ id: A, head: 0, createdAt: 51, updatedAt: 51 });
    expect((await store.listLinks(A)).map(({ id }) => id)).toEqual(['link-9']);
    const rows = [{ ...row('new'), author: 'bob' }];
    expect(await store.append([{ id: A, generation: fresh.generation, committedAt: 53, rows }])).toEqual([
      { ok: true, firstSeq: 1 },
    ]);
    expect(await append(store, C, generation, ['4'])).toBe(4);
    // Nobody is told of the first one any more, whatever becomes of the second one.
    await store.remove(A, 54);
    await store.purge(54, 9);
    expect(await store.find(A)).toBeUndefined();
    expect((await store.open(A, 55)).head).toBe(0);
    // Nor if the name was given to another one.
    expect(await store.rename(C, B, 56)).toBe('done');
    expect(await store.rename(A, C, 57)).toBe('done');
    expect([(await store.find(C))?.movedTo, (await store.find(A))?.movedTo]).toEqual([undefined, C]);
  });

  test('[STORE43] a name that another document has, deleted or not, is taken; what is not there gets none', async () => {
    const { store } = given;
    const generation = await fill(store, A);
    await store.open(B, 1);
    expect(await store.rename(A, B, 2)).toBe('taken');
    expect(await store.rename(A, A, 2)).toBe('taken');
    await store.remove(B, 3);
    expect(await store.rename(A, B, 4)).toBe('taken');
    expect(await store.rename(B, C, 4)).toBe('absent');
    expect(await store.rename(C, B, 4)).toBe('absent');
    expect(await append(store, A, generation, ['4'])).toBe(4);
    expect((await store.list({ limit: 9 })).map(({ id }) => id)).toEqual([A]);
  });

  test('[STORE43] what was erased was never called anything', async () => {
    const { store } = given;
    const generation = await fill(store, A);
    await store.rename(A, C, 2);
    await store.remove(C, 3);
    expect(await store.purge(3, 9)).toEqual([C]);
    expect([await store.find(A), await store.find(C)]).toEqual([undefined, undefined]);
    expect(await store.readReceipt(`of ${A}`)).toBeUndefined();
    expect(await store.findLink(link(A, 1).hash, true)).toBeUndefined();
    const anew = await store.open(A, 4);
    expect(anew.generation).not.toBe(generation);
    expect(anew).toMatchObject({ head: 0, snapshotSeq: 0 });
    expect((await store.open(C, 4)).head).toBe(0);
  });

  test('[STORE43] while a document is deleted its earlier name is free, and taken for good by whoever uses it', async () => {
    const { store } = given;
    await fill(store, A);
    await store.rename(A, C, 2);
    await store.remove(C, 3);
    const fresh = await store.open(A, 4);
    await store.restore(C);
    expect((await store.open(A, 5)).generation).toBe(fresh.generation);
    expect((await store.find(A))?.movedTo).toBeUndefined();
  });

  test('[STORE7] a store that is closed renames nothing', async () => {
    await given.store.close();
    await expectFault(given.store.rename(A, B, 1), 'store-unavailable');
  });
}
