import { describe, expect, test } from '@jest/globals';
import { openAccess } from '../../../server/auth/open-access.js';
import type { Admission } from '../../../server/documents/admitted.js';
import type { ClientProtocol } from '../../../server/documents/session-transport.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { adminOf } from '../../support/api-deps.js';
import { BusHub } from '../../support/bus-hub.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';
import { NodesHub } from '../../support/nodes-hub.js';
import { RecordingTransport } from '../../support/recording-transport.js';

const BY = { user: 'otto', address: '203.0.113.5' };

/** Several nodes over one store. */
function cluster(...names: string[]) {
  const hub = new BusHub();
  const nodesHub = new NodesHub();
  const clock = new ManualClock();
  const store = new GatedStore();
  const nodes = names.map((name) => {
    const node = documentNode({ store, clock, bus: hub.node(name) });
    const bus = nodesHub.node(name);
    const { documents, log } = node;
    const admin = adminOf({
      store,
      documents,
      log,
      clock,
      bus,
      access: openAccess,
      drainTimes: { drainMs: 6_500 },
    });
    const audited = () => log.entries.filter(({ fields }) => fields.audit).map(({ fields }) => fields);
    return { ...node, admin, bus, audited };
  });
  return { hub, nodesHub, clock, store, nodes };
}

/** A client of some protocol, who has joined. */
async function joined(
  { documents }: Pick<ReturnType<typeof documentNode>, 'documents'>,
  who: Partial<Admission> = {},
  protocol: ClientProtocol | 'none' = 'coscribe',
) {
  const admission: Admission = { grant: { identity: {}, role: 'editor' }, revision: 0, at: 0, ...who };
  const transport = Object.assign(new RecordingTransport(), {
    protocol: protocol === 'none' ? undefined : protocol,
  });
  const session = await documents.open(NOTES, admission, transport);
  await session.join({ content: false }, () => {});
  return { session, transport };
}

describe('a document', () => {
  test('[ADMIN9] is shown with those who are in it on all nodes, who they are and where they came from', async () => {
    const { nodes } = cluster('a', 'b');
    const [a, b] = nodes;
    if (!a || !b) throw new Error('no nodes');
    const at = 1_700_000_000_000;
    const address = '203.0.113.9';
    await joined(a, { grant: { identity: { user: 'ann', name: 'Ann' }, role: 'owner' }, at, address });
    await joined(b, { grant: { identity: { name: '<b>Bob</b>' }, role: 'viewer' }, at }, 'events');
    await joined(b, { grant: { identity: {}, role: 'editor', link: 'l1' }, at }, 'y-websocket');
    await joined(b, {}, 'none');
    const { sessions, ...facts } = await a.admin.describe(NOTES);
    expect(facts).toMatchObject({
      ...{ id: NOTES, generation: 'generation-1', head: 0, snapshotSeq: 0, snapshotBytes: 0, firstRow: 1 },
      ...{ tailRows: 0, tailBytes: 0, moreSessions: 0, openAt: ['a', 'b'], silent: [] },
    });
    expect(sessions).toEqual([
      { id: 'a.1', node: 'a', user: 'ann', role: 'owner', protocol: 'coscribe', address, since: at },
      {
        id: 'b.1',
        node: 'b',
        user: '<b>Bob</b>',
        role: 'viewer',
        protocol: 'events',
        address: '',
        since: at,
      },
      {
        id: 'b.2',
        node: 'b',
        user: 'link l1',
        role: 'editor',
        protocol: 'y-websocket',
        address: '',
        since: at,
      },
    ]);
  });

  test('[ADMIN9] of more than 500 people on a node only the number of the others is told', async () => {
    const { nodes } = cluster('a');
    const [a] = nodes;
    if (!a) throw new Error('no node');
    for (let number = 0; number < 507; number++) await joined(a);
    const { sessions, moreSessions } = await a.admin.describe(NOTES);
    expect([sessions.length, moreSessions]).toEqual([500, 7]);
  });

  test('[ADMIN9] that is deleted is shown as such; one that has another name leads there; others are not there', async () => {
    const { nodes, store, clock } = cluster('a');
    const [a] = nodes;
    const moved = parseDocumentId('acme/moved');
    await store.create(NOTES, clock.wall());
    await store.create(moved, clock.wall());
    clock.advance(50);
    await store.remove(NOTES, clock.wall());
    await store.rename(moved, parseDocumentId('acme/new'), clock.wall());
    const at = clock.wall();
    expect(await a?.admin.describe(NOTES)).toMatchObject({
      deletedAt: at,
      generation: '',
      head: 0,
      openAt: [],
    });
    await expect(a?.admin.describe(moved)).rejects.toMatchObject({
      code: 'document-moved',
      message: expect.stringContaining('(it is acme/new now)'),
    });
    const nothing = parseDocumentId('acme/nothing');
    for (const asked of [
      a?.admin.describe(nothing),
      a?.admin.compact(BY, nothing),
      a?.admin.verify(BY, nothing),
    ])
      await expect(asked).rejects.toMatchObject({ code: 'no-access' });
    expect(a?.documents.openCount).toBe(0);
    expect(a?.audited()).toEqual([]);
  });

  test('[ADMIN10] is merged though its log is short, whether it is open or not, and says if that failed', async () => {
    const { nodes, store, clock } = cluster('a', 'b');
    const [a, b] = nodes;
    if (!a || !b) throw new Error('no nodes');
    const ann = new Person();
    await ann.join(a.documents);
    for (const words of ['x', 'y', 'z']) await ann.type(words);
    const before = await a.admin.describe(NOTES);
    expect(before).toMatchObject({ head: 3, tailRows: 3, snapshotSeq: 0 });
    expect(before.tailBytes).toBeGreaterThan(0);
    // The other node has not got it in memory.
    expect(await b.admin.compact(BY, NOTES)).toMatchObject({ head: 3, tailRows: 0, snapshotSeq: 3 });
    expect(b.audited()).toEqual([{ audit: 'document-compacted', document: NOTES, ...BY }]);
    await ann.type('!');
    expect(await a.admin.compact(BY, NOTES)).toMatchObject({ head: 4, tailRows: 0, snapshotSeq: 4 });
    expect(store.snapshotWrites).toBe(2);
    // There is nothing to be merged.
    await a.admin.compact(BY, NOTES);
    expect(store.snapshotWrites).toBe(2);
    await ann.type('?');
    store.snapshotError = Object.assign(new Error('disk full'), { code: 'store-unavailable' }) as never;
    await expect(a.admin.compact(BY, NOTES)).rejects.toMatchObject({ code: 'internal' });
    expect(await a.admin.describe(NOTES)).toMatchObject({ head: 5, tailRows: 1 });
    store.snapshotError = undefined;
    clock.advance(1);
    expect(await a.admin.compact(BY, NOTES)).toMatchObject({ tailRows: 0, snapshotSeq: 5 });
    expect(await a.admin.verify(BY, NOTES)).toMatchObject({ ok: true, problems: [] });
  });

  test('[ADMIN11] two are verified at a time, and no more', async () => {
    const { nodes, store } = cluster('a');
    const [a] = nodes;
    await store.create(NOTES, 0);
    const three = [1, 2, 3].map(() => a?.admin.verify(BY, NOTES));
    const outcomes = await Promise.allSettled(three);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(outcomes[2]).toMatchObject({ reason: { code: 'server-busy' } });
    expect(await a?.admin.verify(BY, NOTES)).toMatchObject({ ok: true });
  });
});

describe('a session', () => {
  test('[ADMIN12] is ended on whichever node: its client is told for good, everybody else stays', async () => {
    const { nodes } = cluster('a', 'b');
    const [a, b] = nodes;
    if (!a || !b) throw new Error('no nodes');
    const ann = await joined(b);
    const bob = await joined(b);
    await a.admin.endSession(BY, 'b.1');
    expect(ann.transport.closed).toMatchObject([{ reason: { code: 'no-access' }, reconnectAfterMs: -1 }]);
    expect(ann.session.left).toBe(true);
    expect(bob.transport.closed).toEqual([]);
    expect(a.audited()).toEqual([{ audit: 'session-ended', session: 'b.1', ...BY }]);
    // He may come again.
    await joined(b);
    expect((await a.admin.describe(NOTES)).sessions.map(({ id }) => id)).toEqual(['b.2', 'b.3']);
  });

  test('[ADMIN12] that is not there, or nobody’s, is not found; a node that does not answer is no success', async () => {
    const { nodes, nodesHub, clock } = cluster('a', 'b');
    const [a] = nodes;
    if (!a) throw new Error('no node');
    await joined(a, {}, 'none');
    for (const id of [
      'a.1',
      'a.2',
      'b.1',
      'c.1',
      'a',
      '.',
      '',
      'a.',
      '.1',
      'a.1.1',
      '__proto__.1',
      'a.toString',
    ])
      await expect(a.admin.endSession(BY, id)).rejects.toMatchObject({ code: 'not-found' });
    nodesHub.node('mute');
    const asked = a.admin.endSession(BY, 'mute.1');
    clock.advance(2_000);
    await expect(asked).rejects.toMatchObject({ code: 'server-busy' });
    expect(a.audited()).toEqual([]);
  });
});

describe('a node', () => {
  test('[ADMIN13] that is drained sends its clients away and lets none in, goes on otherwise, and takes clients again', async () => {
    const { nodes, clock } = cluster('a', 'b');
    const [a, b] = nodes;
    if (!a || !b) throw new Error('no nodes');
    const ann = new Person();
    await ann.join(b.documents);
    const application = { application: { author: 'app' } };
    const own = await joined(b, application, 'none');
    await a.admin.drain(BY, 'b');
    await settle();
    expect(a.audited()).toEqual([{ audit: 'node-drained', node: 'b', ...BY }]);
    expect([a.documents.draining, b.documents.draining]).toEqual([false, true]);
    expect(ann.transport.moves).toHaveLength(1);
    expect(await ann.type('still here')).toBe(1);
    await expect(joined(b)).rejects.toMatchObject({ code: 'shutting-down' });
    await expect(b.documents.admit(NOTES, { headers: {}, address: '' })).rejects.toMatchObject({
      code: 'shutting-down',
    });
    // What the application does itself goes on.
    await joined(b, application, 'none');

    clock.advance(6_600);
    await settle();
    expect(ann.transport.closed).toMatchObject([{ reason: { code: 'shutting-down', retryable: true } }]);
    expect(own.transport.closed).toEqual([]);
    await a.admin.resume(BY, 'b');
    expect(b.documents.draining).toBe(false);
    await joined(b);
  });

  test('[ADMIN13] that takes clients again before all have gone keeps those who are left', async () => {
    const { nodes, clock } = cluster('a', 'b');
    const [a, b] = nodes;
    if (!a || !b) throw new Error('no nodes');
    const ann = await joined(b);
    await b.admin.drain(BY, 'b');
    await settle();
    clock.advance(1_000);
    await a.admin.resume(BY, 'b');
    await b.admin.drain(BY, 'b');
    await b.admin.resume(BY, 'b');
    clock.advance(20_000);
    await settle();
    expect(ann.transport.closed).toEqual([]);
    await joined(b);
  });

  test('[ADMIN13] is not drained if its clients could go nowhere, or if there is none of that name', async () => {
    const { nodes, nodesHub, clock } = cluster('a', 'b');
    const [a, b] = nodes;
    if (!a || !b) throw new Error('no nodes');
    await expect(a.admin.drain(BY, 'c')).rejects.toMatchObject({ code: 'not-found' });
    await expect(a.admin.resume(BY, '__proto__')).rejects.toMatchObject({ code: 'not-found' });
    await a.admin.drain(BY, 'b');
    await expect(a.admin.drain(BY, 'a')).rejects.toMatchObject({
      code: 'server-busy',
      message: expect.stringContaining('go nowhere'),
    });
    expect(a.documents.draining).toBe(false);
    b.bus.deaf = true;
    const blind = a.admin.drain(BY, 'a');
    clock.advance(2_000);
    await expect(blind).rejects.toMatchObject({ code: 'server-busy' });
    nodesHub.remove('b');
    await expect(a.admin.drain(BY, 'a')).rejects.toMatchObject({ code: 'server-busy' });
  });

  test('[ADMIN13] is not drained while somebody drains all the others', async () => {
    const [a, b] = cluster('a', 'b').nodes;
    if (!a || !b) throw new Error('no nodes');
    const drained = await Promise.allSettled([a.admin.drain(BY, 'a'), b.admin.drain(BY, 'b')]);
    expect(drained).toContainEqual(
      expect.objectContaining({ reason: expect.objectContaining({ code: 'server-busy' }) }),
    );
    expect([a.documents.draining, b.documents.draining]).toContain(false);
  });

  test('[ADMIN13] that is drained can be stopped', async () => {
    const { nodes, store } = cluster('a', 'b');
    const [, b] = nodes;
    if (!b) throw new Error('no node');
    const ann = new Person();
    await ann.join(b.documents);
    await ann.type('kept');
    await b.admin.drain(BY, 'b');
    await ann.type('too');
    ann.session.leave();
    await b.documents.stop();
    expect(b.documents.stopping).toBe(true);
    expect((await store.positions([NOTES])).get(NOTES)).toMatchObject({ head: 2 });
  });
});

test('[ADMIN9] documents are listed by their traffic on all nodes, or as the store has them', async () => {
  const { nodes, clock, store } = cluster('a', 'b');
  const [a, b] = nodes;
  if (!a || !b) throw new Error('no nodes');
  const other = parseDocumentId('other/plan');
  await store.create(other, clock.wall());
  const [ann, bob] = [new Person(), new Person('another secret, long enough')];
  await ann.join(a.documents);
  await bob.join(b.documents);
  const listing = a.admin.list({ order: 'traffic', prefix: '', limit: 10 });
  await settle();
  await ann.type('x');
  await bob.type('yy');
  clock.advance(2_000);
  const { documents, silent } = await listing;
  expect(silent).toEqual([]);
  expect(documents).toEqual([
    { id: NOTES, sessions: 2, editsPerSecond: expect.any(Number), bytesPerSecond: expect.any(Number) },
  ]);
  expect(documents[0]?.editsPerSecond).toBeCloseTo(2);
  expect(await a.admin.list({ order: 'traffic', prefix: 'other/', limit: 10 })).toMatchObject({
    documents: [],
  });
  const byName = await a.admin.list({ order: 'name', prefix: 'other/', limit: 10 });
  expect(byName).toEqual({ documents: [{ id: other, head: 0, updatedAt: expect.any(Number) }], silent: [] });
});
