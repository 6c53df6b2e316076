import { describe, expect, test } from '@jest/globals';
import type { Identity } from '../../../server/auth/access.js';
import { demand, OPERATIONS, type Operation } from '../../../server/documents/permissions.js';
import { CoscribeError } from '../../../shared/errors.js';
import { ROLES, type Role } from '../../../shared/protocol.js';
import { BusHub } from '../../support/bus-hub.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';
import { RegisterAccess } from '../../support/register-access.js';

type DocumentNode = ReturnType<typeof documentNode>;

/** Nodes on one store, with one list of who may do what. */
async function nodes(count = 1) {
  const hub = new BusHub();
  const store = new GatedStore();
  const clock = new ManualClock();
  const access = new RegisterAccess();
  const all = Array.from({ length: count }, (_, n) =>
    documentNode({ bus: hub.node(`node-${n}`), store, clock, access }),
  );
  for (const { documents } of all) await documents.start();
  const [a, b = a] = all as [DocumentNode, DocumentNode?];

  /** Somebody who comes in with a token of his name. */
  async function enter(token: string, role: Role, identity: Identity = {}, { documents } = a) {
    access.add(token, role, identity);
    const admission = await documents.admit(NOTES, credentials(token));
    const person = new Person(`the secret of ${token}, long enough`, admission);
    await person.join(documents);
    return person;
  }

  /** Access is changed on the first node. */
  async function change(kind: 'document' | 'user' | 'token', id: string): Promise<void> {
    await store.changeAccess({ kind, id }, clock.wall());
    await a.documents.accessChanged(kind === 'document' ? NOTES : undefined);
    await settle();
  }

  return { store, clock, access, a, b, enter, change };
}

function credentials(token: string) {
  return { token, headers: {}, address: '127.0.0.1' };
}

async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 50) {
    clock.advance(Math.min(50, left));
    await settle();
  }
}

const closed = ({ transport }: Person) =>
  transport.closed.map(({ reason, ...after }) => [reason.code, after]);

describe('what a role may do', () => {
  const LEAST: Record<Operation, Role> = {
    read: 'viewer',
    'show-presence': 'viewer',
    edit: 'editor',
    create: 'editor',
    share: 'owner',
    delete: 'owner',
    move: 'owner',
    restore: 'owner',
  };

  test.each(OPERATIONS)('[ACC1] %s asks for the least role, and the others are refused', (operation) => {
    for (const role of ROLES) {
      const may = ROLES.indexOf(role) >= ROLES.indexOf(LEAST[operation]);
      const code = operation === 'edit' ? 'read-only' : 'not-allowed';
      if (may) expect(() => demand(role, operation)).not.toThrow();
      else expect(() => demand(role, operation)).toThrow(expect.objectContaining({ code }));
    }
  });
});

describe('access that changes', () => {
  test('[ACC2] an editor who becomes a viewer goes on reading, and is told; a viewer who becomes an editor writes', async () => {
    const { access, enter, change } = await nodes();
    const [ann, bob] = [await enter('ann', 'editor'), await enter('bob', 'viewer')];
    expect(await ann.type('one ')).toBe(1);
    access.add('ann', 'viewer');
    access.add('bob', 'editor');
    await change('document', NOTES);
    expect([ann.transport.roles, bob.transport.roles]).toEqual([['viewer'], ['editor']]);
    expect(await ann.type('two ')).toMatchObject({ code: 'read-only' });
    bob.catchUp();
    expect(await bob.type('three ')).toBe(2);
    expect([closed(ann), closed(bob)]).toEqual([[], []]);
    expect(ann.transport.frames.at(-1)?.from).toBe(2);
  });

  test('[ACC2] nobody is told anything when the role is the same', async () => {
    const { access, enter, change } = await nodes();
    const ann = await enter('ann', 'editor');
    await change('document', NOTES);
    expect([access.reviews, ann.transport.roles]).toEqual([1, []]);
  });

  test('[ACC3] who may do nothing any more is out for good', async () => {
    const { access, enter, change } = await nodes();
    const [ann, bob] = [await enter('ann', 'owner'), await enter('bob', 'editor')];
    access.roles.delete('bob');
    await change('document', NOTES);
    expect(closed(bob)).toEqual([['no-access', { reconnectAfterMs: -1 }]]);
    expect(closed(ann)).toEqual([]);
    expect(await bob.type('late')).toMatchObject({ code: 'not-joined' });
  });

  test('[ACC4] another node hears of it at once from the bus, and within 2.2 seconds without', async () => {
    const { store, clock, access, b, enter, change } = await nodes(2);
    const bob = await enter('bob', 'editor', {}, b);
    access.add('bob', 'viewer');
    await change('document', NOTES);
    expect(bob.transport.roles).toEqual(['viewer']);

    // Nobody is told of this one.
    access.add('bob', 'editor');
    await store.changeAccess({ kind: 'document', id: NOTES }, 0);
    await pass(clock, 2_200);
    expect(bob.transport.roles).toEqual(['viewer', 'editor']);
  });

  test('[ACC5] a change between being let in and joining counts', async () => {
    const { access, a, change } = await nodes();
    access.add('ann', 'owner');
    access.add('bob', 'editor');
    const admissions = await Promise.all(
      ['ann', 'bob'].map((token) => a.documents.admit(NOTES, credentials(token))),
    );
    access.roles.delete('ann');
    access.add('bob', 'viewer');
    await change('document', NOTES);
    const [ann, bob] = admissions.map((admission) => new Person(undefined, admission));
    await expect(ann?.join(a.documents)).rejects.toMatchObject({ code: 'no-access' });
    expect(await bob?.join(a.documents)).toMatchObject({ role: 'viewer' });
  });

  test('[ACC6] while nobody can be asked everything goes on; then it is asked again', async () => {
    const { clock, access, enter, change } = await nodes();
    const ann = await enter('ann', 'editor');
    access.roles.delete('ann');
    access.away = new CoscribeError('store-unavailable');
    await change('document', NOTES);
    await pass(clock, 5_000);
    expect(closed(ann)).toEqual([]);
    expect(await ann.type('still here')).toBe(1);
    access.away = undefined;
    await pass(clock, 2_200);
    expect(closed(ann)).toEqual([['no-access', { reconnectAfterMs: -1 }]]);
  });

  test('[ACC8] voiding a user’s tokens, or one token, concerns nobody else', async () => {
    const { access, enter, change } = await nodes();
    const people = [
      await enter('ann', 'editor', { user: 'ann', tokenId: 'first' }),
      await enter('bob', 'editor', { user: 'bob', tokenId: 'second' }),
      await enter('eve', 'editor', { user: 'eve', tokenId: 'third' }),
    ];
    access.roles.delete('ann');
    access.roles.delete('bob');
    access.roles.delete('eve');
    await change('user', 'ann');
    expect(people.map((person) => closed(person).length)).toEqual([1, 0, 0]);
    await change('token', 'second');
    expect(people.map((person) => closed(person).length)).toEqual([1, 1, 0]);
    expect(access.reviews).toBe(2);
  });
});

describe('a grant that ends', () => {
  test('[ACC7] a new token is asked for half a minute before, and the session ends with the old one', async () => {
    const { clock, enter } = await nodes();
    const ann = await enter('ann', 'editor', { expiresAt: clock.wall() + 600_000 });
    await pass(clock, 568_000);
    expect(ann.transport.renewals).toBe(0);
    await pass(clock, 4_000);
    expect(ann.transport.renewals).toBe(1);
    await pass(clock, 29_000);
    expect(closed(ann)).toEqual([['token-expired', { reconnectAfterMs: 0 }]]);
    expect(ann.transport.renewals).toBe(1);
  });

  test('[ACC7] with a new token of the same user it goes on, in the new role, until that ends', async () => {
    const { clock, access, enter } = await nodes();
    const ann = await enter('ann', 'editor', { expiresAt: clock.wall() + 60_000 });
    await pass(clock, 50_000);
    expect(ann.transport.renewals).toBe(1);
    access.add('newer', 'viewer', { user: 'newer' });
    await expect(ann.session.renew(credentials('newer'))).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(ann.session.renew(credentials('unknown'))).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    access.people.set('again', { user: 'ann', expiresAt: clock.wall() + 60_000 });
    access.roles.set('ann', 'viewer');
    expect(await ann.session.renew(credentials('again'))).toBe('viewer');
    expect(ann.transport.roles).toEqual(['viewer']);
    await pass(clock, 50_000);
    expect([closed(ann), ann.transport.renewals]).toEqual([[], 2]);
    await pass(clock, 11_000);
    expect(closed(ann)).toEqual([['token-expired', { reconnectAfterMs: 0 }]]);
  });
});

describe('who comes in', () => {
  test('[ACC9] a viewer creates no document, and is refused like somebody who may nothing', async () => {
    const { store, access, a, enter } = await nodes();
    access.add('vic', 'viewer');
    const admission = await a.documents.admit(NOTES, credentials('vic'));
    const vic = new Person(undefined, admission);
    const refusal = await vic.join(a.documents).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'no-access', message: new CoscribeError('no-access').message });
    expect(await store.positions([NOTES])).toEqual(new Map());
    await enter('ann', 'editor');
    await expect(vic.join(a.documents)).resolves.toMatchObject({ role: 'viewer' });
  });

  test('[ACC10] others see the name and the colour that the server knows', async () => {
    const { clock, enter } = await nodes();
    const ann = await enter('ann', 'editor', { name: 'Ann', color: '#102030' });
    const bob = await enter('bob', 'viewer');
    ann.show({ user: { name: 'Bob', color: '#ffffff', mood: 'fine' }, cursor: null });
    await pass(clock, 100);
    expect(bob.seen().get(ann.doc.clientID)).toEqual({
      user: { name: 'Ann', color: '#102030', mood: 'fine' },
      cursor: null,
    });
    expect(await ann.joinAgain()).toMatchObject({ user: { name: 'Ann', color: '#102030' } });
  });

  test('[ACC11] beyond the limits a session, and the edit of one more clientID, is refused', async () => {
    const { documents } = documentNode({ limits: { maxSessions: 2, maxClientIds: 1 } });
    const [ann, bob, eve] = [1, 2, 3].map((n) => new Person(`a secret of 16 characters ${n}`)) as [
      Person,
      Person,
      Person,
    ];
    await ann.join(documents);
    await bob.join(documents);
    await expect(eve.join(documents)).rejects.toMatchObject({ code: 'document-full' });
    expect(await ann.type('one')).toBe(1);
    expect(await bob.type('two')).toMatchObject({ code: 'document-too-large' });
    expect(await ann.type('three')).toBe(2);
    bob.session.leave();
    await expect(eve.join(documents)).resolves.toMatchObject({ head: 2 });
  });

  test('[ACC12] a deleted document is closed on every node, and stays closed until it is restored', async () => {
    const { store, clock, a, b, enter } = await nodes(2);
    const [ann, bob] = [await enter('ann', 'owner'), await enter('bob', 'editor', {}, b)];
    expect(await ann.type('kept')).toBe(1);
    expect(await store.remove(NOTES, clock.wall())).toBe(true);
    await a.documents.deleted(NOTES);
    await pass(clock, 200);
    expect(closed(ann)).toEqual([['document-deleted', { reconnectAfterMs: -1 }]]);
    expect(closed(bob)).toEqual([['document-deleted', { reconnectAfterMs: -1 }]]);
    for (const { documents } of [a, b])
      await expect(new Person().join(documents)).rejects.toMatchObject({ code: 'document-deleted' });
    expect(await store.restore(NOTES)).toBe(true);
    const zoe = await enter('zoe', 'editor', {}, b);
    await store.remove(NOTES, clock.wall());
    // Before anybody was told.
    expect(await zoe.type('late')).toMatchObject({ code: 'document-deleted' });
    expect(await store.restore(NOTES)).toBe(true);
    const eve = new Person();
    await eve.join(b.documents);
    expect(eve.text).toBe('kept');
  });
});
