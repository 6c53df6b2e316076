import type { AccessChange } from '../server/storage/access-store.js';
import { type DocumentId, parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, B, during, type StoreContext } from './store-context.js';
import { row } from './store-data.js';
import { link } from './store-links.js';

const CHANGES = 40;

/** Access and deletion, in several processes at the same time. */
export function sharedAccessContract({ test }: ContractTests, given: StoreContext): void {
  test('[STORE22] [STORE30] who follows the changes of several stores misses none, whichever becomes visible when', async () => {
    const writers = [given.store, await given.another(), await given.another()];
    const reader = await given.another();
    const writes = Promise.all(
      writers.map(async (store, name) => {
        for (let n = 0; n < CHANGES; n++) {
          await store.changeAccess({ kind: 'user', id: `${name}/${n}` }, n);
          // One that everybody changes.
          if (n % 8 === 0) await store.changeAccess({ kind: 'document', id: A }, n);
        }
      }),
    );
    const seen: AccessChange[] = [];
    const look = async () => {
      seen.push(...(await reader.accessChangesAfter(seen.at(-1)?.revision ?? 0, 3)));
    };
    await during(writes, look);
    // There are not half as many, unless the store repeats itself.
    for (let before = -1; before < seen.length && before < 10 * CHANGES; ) {
      before = seen.length;
      await look();
    }
    const revisions = seen.map(({ revision }) => revision);
    expect(revisions).toEqual([...new Set(revisions)].sort((x, y) => x - y));
    expect(revisions.at(-1)).toBe(await reader.accessRevision());
    const users = seen.filter(({ subject }) => subject.kind === 'user').map(({ subject }) => subject.id);
    expect(users).toHaveLength(3 * CHANGES);
    expect(new Set(users).size).toBe(3 * CHANGES);
    // Every revision was given once: what is missing was overtaken by a later change of the same document.
    expect(await reader.accessRevision()).toBe(3 * (CHANGES + CHANGES / 8));
    for (let name = 0; name < 3; name++)
      for (let n = 0; n < CHANGES; n++) {
        const mine = users.indexOf(`${name}/${n}`);
        expect(mine).toBeGreaterThan(users.indexOf(`${name}/${n - 1}`));
      }
  });

  test('[STORE22] [STORE29] stores that add links at once keep within the number, and a link is revoked once', async () => {
    const stores = [given.store, await given.another()];
    await given.store.open(A, 1);
    const adding = stores.flatMap((store, name) =>
      Array.from({ length: 10 }, (_, n) => store.addLink(link(A, 10 * name + n), 12)),
    );
    const added = (await Promise.allSettled(adding)).filter(({ status }) => status === 'fulfilled');
    expect(added).toHaveLength(12);
    const links = await given.store.listLinks(A);
    expect(links).toHaveLength(12);
    const removed = await Promise.all(
      stores.flatMap((store) => links.map(({ id }) => store.removeLink(A, id, 1))),
    );
    expect(removed.filter((first) => first)).toHaveLength(12);
    expect(await stores[1]?.accessRevision()).toBe(12);
    expect(await stores[1]?.listLinks(A)).toEqual([]);
  });

  test('[STORE22] [STORE26] of stores that create a document at once one does, and its link alone counts', async () => {
    const stores = [given.store, await given.another(), await given.another()];
    for (let n = 0; n < 10; n++) {
      const id = parseDocumentId(`team/new-${n}`);
      const created = await Promise.all(stores.map((store, name) => store.create(id, 1, link(id, name))));
      expect(created.filter((first) => first)).toHaveLength(1);
      expect(await given.store.listLinks(id)).toEqual([link(id, created.indexOf(true))]);
    }
  });

  test('[STORE22] [STORE27] what is appended while another store deletes is in the log or refused; restored, nothing is lost', async () => {
    const other = await given.another();
    const generations = new Map<DocumentId, string>();
    for (const id of [A, B]) generations.set(id, (await given.store.open(id, 1)).generation);
    const kept = new Map<DocumentId, string[]>([
      [A, []],
      [B, []],
    ]);
    let refused = 0;
    const writer = async () => {
      for (let n = 0; n < 80; n++) {
        const ids = n % 2 === 0 ? [A, B] : [B, A];
        const results = await given.store.append(
          ids.map((id) => ({
            id,
            generation: generations.get(id) ?? '',
            committedAt: 1,
            rows: [row(`${n}`)],
          })),
        );
        for (const [place, result] of results.entries()) {
          const id = ids[place] ?? A;
          if (result.ok) kept.get(id)?.push(`${n}`);
          else {
            expect([id, result.code]).toEqual([A, 'generation-changed']);
            refused++;
          }
        }
      }
    };
    await during(writer(), async () => {
      expect(await other.remove(A, 1)).toBe(true);
      expect((await other.positions([A])).size).toBe(0);
      expect(await other.restore(A)).toBe(true);
    });
    expect(refused).toBeGreaterThan(0);
    for (const id of [A, B]) {
      const log = await other.readLog(id, 0, 999, generations.get(id));
      expect(log.map(({ update }) => Buffer.from(update).toString())).toEqual(kept.get(id));
    }
  });

  test('[STORE22] [STORE28] stores that erase at once erase each document once, and a name that is used anew keeps what is new', async () => {
    const stores = [given.store, await given.another()];
    const ids = Array.from({ length: 12 }, (_, n) => parseDocumentId(`team/${n}`));
    for (const id of ids) {
      const { generation } = await given.store.open(id, 1);
      await given.append(id, generation, ['old']);
      await given.store.remove(id, 1);
    }
    const third = await given.another();
    const made = new Set<DocumentId>();
    const makeAnew = async () => {
      for (const id of ids) {
        if (made.has(id) || !(await third.create(id, 2))) continue;
        made.add(id);
        const { generation } = await third.open(id, 2);
        const batch = { id, generation, committedAt: 2, rows: [{ ...row('new'), author: 'bob' }] };
        expect(await third.append([batch])).toEqual([{ ok: true, firstSeq: 1 }]);
      }
    };
    const names = await during(Promise.all(stores.map((store) => store.purge(1, 99))), makeAnew);
    await makeAnew();
    expect(made.size).toBe(ids.length);
    expect(names.flat().sort()).toEqual([...ids].sort());
    for (const id of ids) {
      const log = await given.store.readLog(id, 0, 9);
      expect(log.map(({ update, author }) => [Buffer.from(update).toString(), author])).toEqual([
        ['new', 'bob'],
      ]);
    }
  });
}
