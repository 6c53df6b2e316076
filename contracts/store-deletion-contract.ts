import type { DocumentStore } from '../server/storage/store.js';
import type { CoscribeError } from '../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, append, B, during, type StoreContext } from './store-context.js';
import { bytes, expectFault, row } from './store-data.js';
import { link } from './store-links.js';

/** All that can be asked about a document without its generation. */
async function seen(store: DocumentStore, id: DocumentId): Promise<unknown> {
  return {
    head: await store.open(id, 99),
    log: await store.readLog(id, 1, 9),
    snapshot: await store.readSnapshot(id),
    author: await store.readAuthor(id, row('').clientId),
    listed: (await store.list({ limit: 9 })).filter((summary) => summary.id === id),
    links: await store.listLinks(id),
  };
}

/** A document with a log, of which something is trimmed, a snapshot, an author and a link. @returns its generation */
async function fill(store: DocumentStore, id: DocumentId, n = 1): Promise<string> {
  await store.create(id, 1, link(id, n));
  const { generation } = await store.open(id, 1);
  await append(store, id, generation, ['1', '2', '3']);
  const snapshot = { seq: 2, state: bytes(`state of ${id}`), index: bytes('index') };
  await store.writeSnapshot(id, generation, snapshot, 1);
  return generation;
}

/** Creating, deleting, restoring and erasing documents. */
export function storeDeletionContract({ test }: ContractTests, given: StoreContext): void {
  test('[STORE26] a document is created with its link, and only where there is none of that name, deleted or not', async () => {
    const { store } = given;
    expect(await store.create(A, 5, link(A, 1))).toBe(true);
    expect(await store.findLink(link(A, 1).hash)).toEqual(link(A, 1));
    const head = await store.open(A, 6);
    expect(head).toMatchObject({ head: 0, firstRow: 1, snapshotSeq: 0 });
    expect(await store.list({ limit: 9 })).toEqual([{ id: A, head: 0, createdAt: 5, updatedAt: 5 }]);
    await given.append(A, head.generation, ['1']);

    expect(await store.create(A, 7, link(A, 2))).toBe(false);
    expect(await store.findLink(link(A, 2).hash)).toBeUndefined();
    expect(await store.open(A, 8)).toMatchObject({ generation: head.generation, head: 1 });
    await store.remove(A, 9);
    expect(await store.create(A, 10, link(A, 2))).toBe(false);

    await store.open(B, 1);
    expect(await store.create(B, 2)).toBe(false);
    const created = await Promise.all([1, 2, 3, 4].map((n) => store.create(parseDocumentId('new'), n)));
    expect(created.filter((first) => first)).toHaveLength(1);
    expect(await store.listLinks(parseDocumentId('new'))).toEqual([]);
  });

  test('[STORE27] a deleted document is as if it were not there, and is what it was when it is restored', async () => {
    const { store } = given;
    const generation = await fill(store, A);
    await fill(store, B, 2);
    const before = await seen(store, A);
    expect(await store.remove(A, 50)).toBe(true);
    expect(await store.remove(A, 51)).toBe(false);

    await expectFault(store.open(A, 52), 'document-deleted');
    expect([...(await store.positions([A, B])).keys()]).toEqual([B]);
    expect((await store.list({ limit: 1 })).map(({ id }) => id)).toEqual([B]);
    expect((await store.list({ limit: 9, workspace: 'team' })).map(({ id }) => id)).toEqual([B]);
    expect(await store.readSnapshot(A)).toBeUndefined();
    expect(await store.readAuthor(A, row('').clientId)).toBeUndefined();
    await expectFault(store.readLog(A, 1, 9), 'internal');
    expect(await store.findLink(link(A, 1).hash)).toBeUndefined();
    expect(await store.findLink(link(A, 1).hash, false)).toBeUndefined();
    // So that whoever owns it can restore it.
    expect(await store.findLink(link(A, 1).hash, true)).toEqual(link(A, 1));
    expect(await store.readLink(A, link(A, 1).id)).toBeUndefined();
    expect(await store.listLinks(A)).toEqual([]);
    expect(await store.removeLink(A, link(A, 1).id, 53)).toBe(false);
    await expectFault(store.addLink(link(A, 3), 9), 'no-access');
    // What names its generation.
    await expectFault(store.readLog(A, 1, 9, generation), 'generation-changed');
    await expectFault(store.readSnapshot(A, generation), 'generation-changed');
    const snapshot = { seq: 3, state: new Uint8Array(300_000), index: bytes('i') };
    await expectFault(store.writeSnapshot(A, generation, snapshot, 3), 'generation-changed');
    const rows = [row('4')];
    const other = (await store.open(B, 53)).generation;
    expect(
      await store.append([
        { id: A, generation, committedAt: 53, rows },
        { id: B, generation: other, committedAt: 53, rows },
        { id: A, generation, committedAt: 53, rows: [] },
      ]),
    ).toEqual([
      { ok: false, code: 'generation-changed' },
      { ok: true, firstSeq: 4 },
      { ok: false, code: 'generation-changed' },
    ]);

    expect(await store.restore(A)).toBe(true);
    expect(await store.restore(A)).toBe(false);
    expect(await seen(store, A)).toEqual(before);
    expect((await store.positions([A])).get(A)).toMatchObject({ generation, head: 3, snapshotSeq: 2 });
    expect(await store.findLink(link(A, 1).hash)).toEqual(link(A, 1));
    expect(await given.append(A, generation, ['4'])).toBe(4);
    const none = parseDocumentId('team/never-opened');
    expect([await store.remove(none, 1), await store.restore(none)]).toEqual([false, false]);
    await expectFault(store.addLink(link(none, 4), 9), 'no-access');
  });

  test('[STORE27] the list is as long as asked, however many of the newest documents are deleted', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => parseDocumentId(`w/${n}`));
    for (const [n, id] of ids.entries()) await given.store.create(id, n * 40_000);
    for (const id of ids.slice(6)) await given.store.remove(id, 1);
    for (const limit of [1, 3, 6, 9])
      expect((await given.store.list({ limit })).map(({ id }) => id)).toEqual(
        ids.slice(0, 6).reverse().slice(0, limit),
      );
    for (const id of ids.slice(0, 6)) await given.store.remove(id, 1);
    expect(await given.store.list({ limit: 3 })).toEqual([]);
  });

  test('[STORE27] a large snapshot that is being written when its document is deleted does not become its own', async () => {
    const { store } = given;
    const generation = await fill(store, A);
    const snapshot = { seq: 3, state: new Uint8Array(2_000_000), index: bytes('i') };
    const writing = store.writeSnapshot(A, generation, snapshot, 3);
    const outcome = writing.then(
      () => 'written before',
      (error: CoscribeError) => error.code,
    );
    expect(await store.remove(A, 1)).toBe(true);
    expect(['written before', 'generation-changed']).toContain(await outcome);
    await store.purge(1, 9);
    const next = await store.open(A, 2);
    expect(next).toMatchObject({ head: 0, snapshotSeq: 0 });
    expect(await store.readSnapshot(A)).toBeUndefined();
    await given.append(A, next.generation, ['1', '2', '3']);
    await store.writeSnapshot(A, next.generation, { ...snapshot, state: bytes('new') }, 3);
    expect((await store.readSnapshot(A))?.state).toEqual(bytes('new'));
  });

  test('[STORE28] documents that were deleted up to a time are erased for good, the longest deleted first, and nothing of them is found again', async () => {
    const { store } = given;
    const [C, D] = ['team/c', 'team/d'].map(parseDocumentId) as [DocumentId, DocumentId];
    const generations = [];
    for (const [n, id] of [A, B, C, D].entries()) generations.push(await fill(store, id, n));
    const kept = await seen(store, D);
    await store.remove(B, 10);
    await store.remove(A, 20);
    await store.remove(C, 30);
    expect(await store.purge(9, 9)).toEqual([]);
    expect(await store.purge(30, 0)).toEqual([]);
    expect(await store.purge(29, 1)).toEqual([B]);
    expect(await store.purge(29, 9)).toEqual([A]);
    expect(await store.purge(29, 9)).toEqual([]);
    expect(await store.restore(C)).toBe(true);
    expect(await store.purge(99, 9)).toEqual([]);
    expect([await store.restore(A), await store.remove(A, 40)]).toEqual([false, false]);
    await expectFault(store.readLog(A, 0, 9, generations[0]), 'generation-changed');
    await expectFault(store.readSnapshot(A, generations[0]), 'generation-changed');
    expect(await store.findLink(link(A, 0).hash, true)).toBeUndefined();

    // A new document of the name has nothing of the old one.
    const { generation } = await store.open(A, 41);
    expect(generation).not.toBe(generations[0]);
    expect(await store.open(A, 41)).toMatchObject({ head: 0, firstRow: 1, snapshotSeq: 0 });
    expect(await store.listLinks(A)).toEqual([]);
    expect(await store.readAuthor(A, row('').clientId)).toBeUndefined();
    const batch = (own: string, author: string) => [
      { id: A, generation: own, committedAt: 41, rows: [{ ...row('x'), author }] },
    ];
    expect(await store.append(batch(generations[0] ?? '', 'ada'))).toEqual([
      { ok: false, code: 'generation-changed' },
    ]);
    // The clientID is anybody's again.
    expect(await store.append(batch(generation, 'bob'))).toEqual([{ ok: true, firstSeq: 1 }]);
    expect(await store.append(batch(generation, 'ada'))).toEqual([{ ok: false, code: 'client-id-in-use' }]);
    expect(await store.create(B, 42, link(B, 1))).toBe(true);
    expect(await store.findLink(link(B, 1).hash)).toEqual(link(B, 1));
    expect(await seen(store, D)).toEqual(kept);
  });

  test('[STORE28] a large document is erased while others are written to, and while its name is used again', async () => {
    const { store } = given;
    const { generation } = await store.open(A, 1);
    const rows = Array.from({ length: 2_500 }, (_, n) => ({ ...row(`${n}`), clientId: n }));
    await store.append([{ id: A, generation, committedAt: 1, rows }]);
    const state = new Uint8Array(1_500_000).fill(7);
    await store.writeSnapshot(A, generation, { seq: 5, state, index: bytes('i') }, 0);
    const other = await store.open(B, 1);
    await store.remove(A, 2);
    let appends = 0;
    const purged = await during(store.purge(2, 9), async () => {
      expect(await given.append(B, other.generation, ['x'])).toBe(++appends);
      await store.create(A, 3);
    });
    expect(purged).toEqual([A]);
    const anew = await store.open(A, 3);
    expect(anew).toMatchObject({ head: 0, firstRow: 1, snapshotSeq: 0 });
    expect(anew.generation).not.toBe(generation);
    expect(await given.append(A, anew.generation, ['1'])).toBe(1);
    expect(await store.readLog(A, 0, 9)).toHaveLength(1);
    expect(await store.purge(9, 9)).toEqual([]);
  });
}
