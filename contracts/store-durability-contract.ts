import type { AccessSubject } from '../server/storage/access-store.js';
import type { DocumentStore } from '../server/storage/store.js';
import { parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, B, type StoreContext } from './store-context.js';
import { bytes, expectFault, row } from './store-data.js';
import { link } from './store-links.js';

const DELETED = parseDocumentId('team/deleted');
const EARLIER = parseDocumentId('team/earlier');
const RECEIPT = { key: 'k', digest: 'd' };
const ADA: AccessSubject = { kind: 'user', id: 'ada' };

/** All that was kept, without the generations. */
async function kept(store: DocumentStore): Promise<unknown> {
  return {
    a: await store.open(A, 99),
    b: await store.open(B, 99),
    log: await store.readLog(A, 1, 9),
    snapshot: await store.readSnapshot(A),
    author: await store.readAuthor(A, row('').clientId),
    list: await store.list({ limit: 9 }),
    deleted: await store.find(DELETED),
    links: await store.listLinks(A),
    link: await store.findLink(link(DELETED, 2).hash, true),
    revision: await store.accessRevision(),
    changes: await store.accessChangesAfter(0, 9),
    voided: await store.voidedAt(ADA.id, undefined),
    moved: await store.find(EARLIER),
    receipts: await Promise.all([RECEIPT.key, 'kept'].map((key) => store.readReceipt(key))),
  };
}

/** What outlives the process. */
export function storeDurabilityContract({ test }: ContractTests, given: StoreContext): void {
  test('[STORE7] a store that is closed and opened again has everything, and goes on where it was', async () => {
    const { store } = given;
    const { generation } = await store.open(A, 1);
    await store.create(EARLIER, 2, link(EARLIER, 7));
    await store.rename(EARLIER, B, 3);
    await given.append(A, generation, ['1', '2'], 3);
    const third = {
      id: A,
      generation,
      committedAt: 3,
      rows: [row('3')],
      guard: { head: 2, receipt: RECEIPT },
    };
    expect(await store.append([third])).toEqual([{ ok: true, firstSeq: 3 }]);
    await store.keepReceipt({ key: 'kept', digest: 'd', document: B, answer: '{}', createdAt: 4 });
    await store.writeSnapshot(A, generation, { seq: 2, state: bytes('state'), index: bytes('index') }, 1);
    await store.create(DELETED, 4, link(DELETED, 2));
    await store.remove(DELETED, 5);
    for (const n of [0, 1]) await store.addLink(link(A, n), 9);
    await store.removeLink(A, 'link-0', 6);
    await store.changeAccess(ADA, 7);
    const before = await kept(store);
    await store.close();

    const later = await given.another();
    expect(await kept(later)).toEqual(before);
    await expectFault(later.open(DELETED, 8), 'document-deleted');
    await expectFault(later.open(EARLIER, 8), 'document-moved');
    expect((await later.findLink(link(EARLIER, 7).hash))?.document).toBe(B);
    expect(await later.append([third])).toEqual([{ ok: false, code: 'already-done' }]);
    await expectFault(later.readLog(A, 0, 9), 'internal');
    const batch = (author: string) => [
      { id: A, generation, committedAt: 9, rows: [{ ...row('4'), author }] },
    ];
    expect(await later.append(batch('bob'))).toEqual([{ ok: false, code: 'client-id-in-use' }]);
    expect(await later.append(batch('ada'))).toEqual([{ ok: true, firstSeq: 4 }]);
    expect(await later.restore(DELETED)).toBe(true);
    expect(await later.findLink(link(DELETED, 2).hash)).toEqual(link(DELETED, 2));
    await later.changeAccess(ADA, 10);
    expect(await later.accessRevision()).toBe(3);
  });

  test('[STORE8] appends that were confirmed are there, though the store was closed while others were under way', async () => {
    const { store } = given;
    const { generation } = await store.open(A, 1);
    const confirmed: string[] = [];
    const appends = Array.from({ length: 30 }, async (_, n) => {
      const [result] = await store.append([{ id: A, generation, committedAt: 1, rows: [row(`${n}`)] }]);
      if (result?.ok) confirmed.push(`${n}`);
    });
    await Promise.race(appends);
    await store.close();
    await Promise.allSettled(appends);
    const log = await (await given.another()).readLog(A, 0, 99, generation);
    const texts = log.map(({ update }) => Buffer.from(update).toString());
    expect([...texts].sort()).toEqual([...confirmed].sort());
    expect(log.map(({ seq }) => seq)).toEqual(texts.map((_, n) => n + 1));
  });
}
