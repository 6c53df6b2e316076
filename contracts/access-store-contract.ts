import type { AccessSubject } from '../server/storage/access-store.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, B, type StoreContext } from './store-context.js';
import { bytes, expectFault } from './store-data.js';
import { link } from './store-links.js';

const ADA: AccessSubject = { kind: 'user', id: 'ada' };
const TOKEN: AccessSubject = { kind: 'token', id: 'ada' };
const DOCUMENT: AccessSubject = { kind: 'document', id: 'ada' };
/** 128 characters: everything that a database might take for something else. */
const STRANGE = `Zoë\n"\u{1F600}"\\{zoë},'0'\0\\0 %_`.padEnd(128, '\u{3042}');

/** What a store keeps of who may do what. */
export function accessStoreContract({ test }: ContractTests, given: StoreContext): void {
  test('[STORE29] a link comes back as it was, by its hash and by its name, and expired ones too', async () => {
    await given.store.open(A, 1);
    await given.store.open(B, 1);
    const links = [
      link(A, 1, { role: 'viewer', label: STRANGE, expiresAt: 5 }),
      link(A, 2, { id: STRANGE.slice(0, 64), role: 'owner', createdAt: 1_800_000_000_123 }),
      // Names belong to documents.
      link(B, 1, { role: 'editor' }),
    ];
    for (const one of links) {
      const hash = Buffer.concat([bytes('..'), one.hash]).subarray(2);
      await given.store.addLink({ ...one, hash }, 9);
      hash.fill(0);
    }
    for (const one of links) {
      expect(await given.store.findLink(one.hash)).toEqual(one);
      expect(await given.store.readLink(one.document, one.id)).toEqual(one);
    }
    expect(await given.store.findLink(link(A, 3).hash)).toBeUndefined();
    expect(await given.store.findLink(new Uint8Array())).toBeUndefined();
    expect(await given.store.readLink(B, STRANGE.slice(0, 64))).toBeUndefined();
  });

  test('[STORE29] links are listed oldest first; a document has as many as it may have, and each once', async () => {
    await given.store.open(A, 1);
    await given.store.open(B, 1);
    await given.store.addLink(link(B, 9), 1);
    const ages = [30, 10, 20, 10];
    const links = ages.map((createdAt, n) => link(A, n, { createdAt }));
    for (const one of links) await given.store.addLink(one, 4);
    expect((await given.store.listLinks(A)).map(({ id }) => id)).toEqual([
      'link-1',
      'link-3',
      'link-2',
      'link-0',
    ]);
    await expectFault(given.store.addLink(link(A, 5), 4), 'too-many-links');
    await expectFault(given.store.addLink(link(A, 5, { id: 'link-0' }), 9), 'internal');
    await expectFault(given.store.addLink(link(A, 0, { id: 'link-5' }), 9), 'internal');
    expect(await given.store.listLinks(A)).toHaveLength(4);
    expect((await given.store.findLink(link(A, 0).hash))?.id).toBe('link-0');
    const many = Array.from({ length: 8 }, (_, n) => given.store.addLink(link(B, n), 5));
    const outcomes = await Promise.allSettled(many);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect(await given.store.listLinks(B)).toHaveLength(5);
  });

  test('[STORE29] a link that is revoked is gone, and that is a change of access of its document', async () => {
    await given.store.open(A, 1);
    for (const n of [1, 2]) await given.store.addLink(link(A, n), 9);
    await given.store.open(B, 1);
    expect(await given.store.accessRevision()).toBe(0);
    expect(await given.store.removeLink(A, 'link-1', 5)).toBe(true);
    expect(await given.store.findLink(link(A, 1).hash)).toBeUndefined();
    expect(await given.store.readLink(A, 'link-1')).toBeUndefined();
    expect((await given.store.listLinks(A)).map(({ id }) => id)).toEqual(['link-2']);
    expect(await given.store.accessChangesAfter(0, 9)).toEqual([
      { revision: 1, subject: { kind: 'document', id: A } },
    ]);
    expect(await given.store.removeLink(A, 'link-1', 6)).toBe(false);
    expect(await given.store.removeLink(B, 'link-2', 6)).toBe(false);
    expect(await given.store.accessRevision()).toBe(1);
    await given.store.addLink(link(A, 1), 2);
    expect(await given.store.findLink(link(A, 1).hash)).toEqual(link(A, 1));
    const twice = await Promise.all([7, 7].map((at) => given.store.removeLink(A, 'link-1', at)));
    expect(twice.sort()).toEqual([false, true]);
    expect(await given.store.accessRevision()).toBe(2);
  });

  test('[STORE30] changes of access have rising revisions; of several of one subject only the last is told', async () => {
    const { store } = given;
    expect([await store.accessRevision(), await store.accessChangesAfter(0, 9)]).toEqual([0, []]);
    const strange: AccessSubject = { kind: 'user', id: STRANGE };
    for (const subject of [ADA, TOKEN, DOCUMENT, ADA, strange]) await store.changeAccess(subject, 1);
    expect(await store.accessRevision()).toBe(5);
    const all = [
      { revision: 2, subject: TOKEN },
      { revision: 3, subject: DOCUMENT },
      { revision: 4, subject: ADA },
      { revision: 5, subject: strange },
    ];
    expect(await store.accessChangesAfter(0, 9)).toEqual(all);
    expect(await store.accessChangesAfter(0, 2)).toEqual(all.slice(0, 2));
    expect(await store.accessChangesAfter(3, 9)).toEqual(all.slice(2));
    expect(await store.accessChangesAfter(5, 9)).toEqual([]);
    expect(await store.accessChangesAfter(99, 9)).toEqual([]);
    expect(await store.accessChangesAfter(0, 0)).toEqual([]);
    expect(await store.accessChangesAfter(0, -1)).toEqual([]);
  });

  test('[STORE31] the last time up to which the tokens of a user, or a token, were voided is kept', async () => {
    const { store } = given;
    await store.changeAccess(ADA, 50);
    await store.changeAccess({ kind: 'token', id: 't' }, 70);
    await store.changeAccess(DOCUMENT, 99);
    await store.changeAccess({ kind: 'user', id: STRANGE }, 1_800_000_000_123);
    expect(await store.voidedAt('ada', undefined)).toBe(50);
    expect(await store.voidedAt(undefined, 't')).toBe(70);
    expect(await store.voidedAt('ada', 't')).toBe(70);
    expect(await store.voidedAt('ada', 'u')).toBe(50);
    expect(await store.voidedAt('t', 'ada')).toBeUndefined();
    expect(await store.voidedAt(undefined, undefined)).toBeUndefined();
    expect(await store.voidedAt(STRANGE, undefined)).toBe(1_800_000_000_123);
    // A clock that goes back makes nothing valid again.
    await store.changeAccess(ADA, 40);
    expect(await store.voidedAt('ada', 't')).toBe(70);
    expect(await store.voidedAt('ada', undefined)).toBe(50);
    await store.changeAccess(ADA, 80);
    expect(await store.voidedAt('ada', 't')).toBe(80);
    expect(await store.accessRevision()).toBe(6);
  });

  test('[STORE7] a store that is closed refuses everything about access and deletion, too', async () => {
    const { store } = given;
    await store.close();
    for (const call of [
      () => store.create(A, 1),
      () => store.remove(A, 1),
      () => store.restore(A),
      () => store.purge(1, 1),
      () => store.addLink(link(A, 1), 1),
      () => store.findLink(link(A, 1).hash),
      () => store.readLink(A, 'x'),
      () => store.listLinks(A),
      () => store.removeLink(A, 'x', 1),
      () => store.changeAccess(ADA, 1),
      () => store.accessRevision(),
      () => store.accessChangesAfter(0, 1),
      () => store.voidedAt('ada', undefined),
    ])
      await expectFault(call(), 'store-unavailable');
  });
}
