import { expect, test } from '@jest/globals';
import { openAccess } from '../../../server/auth/open-access.js';
import { makeLink } from '../../../server/auth/share-links.js';
import { Management, type ManagementOptions } from '../../../server/documents/management.js';
import type { ListPlace } from '../../../server/storage/store.js';
import { AuditLog } from '../../../server/telemetry/audit-log.js';
import { CoscribeError } from '../../../shared/errors.js';
import { parseDocumentId } from '../../../shared/ids.js';
import type { Role } from '../../../shared/protocol.js';
import { BusHub } from '../../support/bus-hub.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

const NOBODY = { headers: {}, address: '192.0.2.1' };
const MOVED = parseDocumentId('acme/moved');

function nodes() {
  const hub = new BusHub();
  const [store, clock] = [new GatedStore(), new ManualClock()];
  const [a, b] = ['a', 'b'].map((name) => documentNode({ bus: hub.node(name), store, clock }));
  if (a === undefined || b === undefined) throw new Error('two nodes');
  return { hub, store, clock, a, b };
}

function managementOf(
  { store, documents, clock, log }: ReturnType<typeof documentNode>,
  access: ManagementOptions['access'] = openAccess,
) {
  return new Management({ store, documents, clock, access, makeLink, audit: new AuditLog(log) });
}

/** Everybody has these roles. */
function roles(of: Readonly<Record<string, Role>>): ManagementOptions['access'] {
  return {
    ...openAccess,
    mode: 'tokens',
    async admit(_, id) {
      const role = of[id];
      if (role === undefined) throw new CoscribeError('no-access');
      return { identity: { user: 'ada' }, role };
    },
  };
}

const ends = ({ transport }: Person) =>
  transport.closed.map(({ reason, reconnectAfterMs }) => [reason.code, reconnectAfterMs]);

test('[LIFE7] a document that gets another name is closed to everybody by the old one, and goes on by the new one', async () => {
  const { a, b, store, clock } = nodes();
  const [ann, bob] = [
    new Person('a secret of 16 characters, ann'),
    new Person('a secret of 16 characters, bob'),
  ];
  await ann.join(a.documents);
  await bob.join(b.documents);
  await ann.type('hello');
  const moved = await managementOf(a).move(NOBODY, NOTES, MOVED);
  expect(moved).toMatchObject({ id: MOVED, head: 1, role: 'owner' });
  clock.advance(3_000);
  await settle();
  expect([ends(ann), ends(bob)]).toEqual([[['document-moved', -1]], [['document-moved', -1]]]);
  expect(ann.transport.closed[0]?.reason.message).not.toContain('moved/');
  expect([a.documents.openCount, b.documents.openCount]).toEqual([0, 0]);
  expect(a.log.entries.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
  expect(a.log.entries.map(({ fields }) => fields)).toContainEqual({
    audit: 'document-moved',
    document: NOTES,
    movedTo: MOVED,
    address: NOBODY.address,
  });
  const eve = new Person('a secret of 16 characters, eve');
  await expect(eve.join(b.documents)).rejects.toMatchObject({ code: 'document-moved' });
  await eve.join(b.documents, {}, MOVED);
  expect(eve.text).toBe('hello');
  expect(await eve.type('!')).toBe(2);
  // And the name is free.
  expect(await store.create(NOTES, 1)).toBe(true);
  const fresh = new Person('a secret of 16 characters, new');
  await fresh.join(a.documents);
  expect(fresh.text).toBe('');
});

test('[LIFE7] whoever is in the middle of an edit or of opening it is told the same, on either node', async () => {
  const { hub, a, b, store, clock } = nodes();
  const [ann, bob] = [
    new Person('a secret of 16 characters, ann'),
    new Person('a secret of 16 characters, bob'),
  ];
  await ann.join(a.documents);
  await bob.join(b.documents);
  hub.arrives = () => false;
  store.hold();
  const typed = bob.type('before');
  await settle();
  await store.rename(NOTES, MOVED, 1);
  store.release();
  // It was on its way under the old name, and is in nobody's log.
  expect(await typed).toMatchObject({ code: 'document-moved' });
  expect(await ann.type('after')).toMatchObject({ code: 'document-moved' });
  await settle();
  expect([ends(ann), ends(bob)]).toEqual([[['document-moved', -1]], [['document-moved', -1]]]);
  expect((await store.open(MOVED, 1)).head).toBe(0);
  clock.advance(5_000);
  await settle();
  expect(a.documents.openCount + b.documents.openCount).toBe(0);
});

test('[LIFE7] only an owner of a document may give it another name, and only one that he may create', async () => {
  const node = documentNode();
  const { store } = node;
  await store.create(NOTES, 1);
  const code = (of: Record<string, Role>, to = MOVED) =>
    managementOf(node, roles(of))
      .move(NOBODY, NOTES, to)
      .then(
        () => 'done',
        (error: CoscribeError) => error.code,
      );
  expect(await code({})).toBe('no-access');
  expect(await code({ [NOTES]: 'editor', [MOVED]: 'owner' })).toBe('not-allowed');
  expect(await code({ [NOTES]: 'owner' })).toBe('no-access');
  expect(await code({ [NOTES]: 'owner', [MOVED]: 'viewer' })).toBe('not-allowed');
  const other = parseDocumentId('acme/other');
  await store.create(other, 1);
  expect(await code({ [NOTES]: 'owner', [other]: 'owner' }, other)).toBe('document-exists');
  expect((await store.find(NOTES))?.movedTo).toBeUndefined();
  expect(await code({ [NOTES]: 'owner', [MOVED]: 'editor' })).toBe('done');
  expect(await code({ [NOTES]: 'owner', [MOVED]: 'editor' })).toBe('no-access');
  const management = managementOf(node, roles({ [NOTES]: 'owner' }));
  for (const call of [management.describe(NOBODY, NOTES), management.restore(NOBODY, NOTES)])
    await expect(call).rejects.toMatchObject({ code: 'document-moved' });
});

test('[API4] whoever may read only some documents goes through all of them, 500 looked at each time', async () => {
  const node = documentNode();
  const { store } = node;
  for (let n = 0; n < 1_300; n++) await store.create(parseDocumentId(`w/${n}`), n);
  const mine = new Set([1, 2, 700, 701, 1_299].map((n) => `w/${n}`));
  let asked = 0;
  const access: ManagementOptions['access'] = {
    ...roles({}),
    reader: async () => async (id) => {
      asked++;
      return mine.has(id);
    },
  };
  const management = managementOf(node, access);
  const seen: string[][] = [];
  const questions: number[] = [];
  for (let after: ListPlace | undefined; ; ) {
    asked = 0;
    const query = { limit: 2, order: 'created', ...(after && { after }) } as const;
    const { documents, next } = await management.list(NOBODY, query);
    seen.push(documents.map(({ id }) => id));
    questions.push(asked);
    if (next === undefined) break;
    after = next;
  }
  expect(seen.flat()).toEqual(['w/1299', 'w/701', 'w/700', 'w/2', 'w/1']);
  expect(Math.max(...questions)).toBeLessThanOrEqual(500);
  expect(seen.length).toBeLessThan(6);
  const all = await managementOf(node).list(NOBODY, { limit: 1_300 });
  expect([all.documents.length, all.next]).toEqual([1_300, undefined]);
  const most = await managementOf(node).list(NOBODY, { limit: 1_299 });
  expect(most.next).toEqual({ id: 'w/1', at: 1 });
});
