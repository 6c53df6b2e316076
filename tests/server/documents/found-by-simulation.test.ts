import { expect, test } from '@jest/globals';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs';
import { PresenceSync } from '../../../client/presence-sync.js';
import { compareTail } from '../../../server/documents/compare-tail.js';
import { LogFollower } from '../../../server/documents/log-follower.js';
import { MemoryStore } from '../../../server/storage/memory-store.js';
import { CoscribeError } from '../../../shared/errors.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { documentNode, Person } from '../../support/document-node.js';
import { ManualClock, settle } from '../../support/manual-clock.js';
import { encodeStates } from '../../support/presence-nodes.js';
import { awarenessOf, ownUpdate, PresenceNode, PresenceSession } from '../../support/presence-people.js';

/* Bugs that a seed of tests/simulation found, each as small as it gets. */

test('a session that missed awareness, and no edit, is resynced when its queue has drained', async () => {
  const { documents, clock } = documentNode();
  const [ann, bob] = [new Person(), new Person('another secret, not the same')];
  await ann.join(documents);
  await bob.join(documents);
  const awareness = new Awareness(bob.doc);
  awareness.setLocalState({ here: true });
  ann.transport.queued = 300_000;
  bob.session.submitAwareness(encodeAwarenessUpdate(awareness, [bob.doc.clientID]));
  clock.advance(1_000);
  expect(ann.transport.awareness).toEqual([]);
  expect(ann.transport.resyncs).toEqual([]);
  ann.transport.queued = 0;
  clock.advance(1_000);
  expect(ann.transport.resyncs.map(({ code }) => code)).toEqual(['too-slow']);
  expect((await ann.joinAgain()).awareness).not.toEqual(new Uint8Array());
  awareness.destroy();
});

test('a session that was replaced may come back: it may be the living one', async () => {
  const { documents } = documentNode();
  const [living, ghost] = [new Person(), new Person()];
  await living.join(documents);
  await ghost.join(documents, { clientId: living.doc.clientID });
  expect(living.transport.closed.map(({ reconnectAfterMs }) => reconnectAfterMs)).toEqual([1_000]);
});

test('an update larger than all that may wait is let in when nothing waits', async () => {
  const { documents } = documentNode({ limits: { maxPendingBytes: 100 } });
  const ann = new Person();
  await ann.join(documents);
  const [first, second] = [ann.type('x'.repeat(200)), ann.type('y')];
  expect(await second).toMatchObject({ code: 'too-many-updates' });
  expect(await first).toBe(1);
  await settle();
});

test('a session whose first join fails keeps no document open', async () => {
  const { documents, store, clock } = documentNode();
  const ann = new Person();
  await ann.join(documents);
  for (let n = 0; n < 150; n++) await ann.type('x');
  ann.session.leave();
  clock.advance(2_000);
  await settle();
  // Put away with a snapshot, which whoever comes next needs.
  expect(documents.openCount).toBe(0);
  store.readSnapshot = () => Promise.reject(new CoscribeError('store-unavailable'));
  await expect(new Person('another secret, not the same').join(documents)).rejects.toMatchObject({
    code: 'store-unavailable',
  });
  clock.advance(2_000);
  await settle();
  expect(documents.openCount).toBe(0);
});

test('log rows that another node has merged and trimmed are no sign of damage', async () => {
  const id = parseDocumentId('ws/trimmed');
  const store = new MemoryStore(() => 'generation');
  await store.open(id, 0);
  const updates = [Uint8Array.of(1), Uint8Array.of(2)];
  const rows = updates.map((update) => ({ update, clientId: 1, author: 'ann' }));
  await store.append([{ id, generation: 'generation', rows, committedAt: 0 }]);
  const held = { id, generation: 'generation', after: 0, updates };
  expect(await compareTail(held, store)).toBe('equal');
  expect(await compareTail({ ...held, updates: [Uint8Array.of(1), Uint8Array.of(3)] }, store)).toEqual({
    wrong: 2,
  });
  const snapshot = { seq: 2, state: new Uint8Array(), index: new Uint8Array() };
  await store.writeSnapshot(id, 'generation', snapshot, 2);
  expect(await compareTail(held, store)).toBe('trimmed');
});

test('a row of which only the end was new is no sign of damage, though it is the longer one', async () => {
  const id = parseDocumentId('ws/overlap');
  const store = new MemoryStore(() => 'generation');
  await store.open(id, 0);
  const doc = new Doc();
  doc.clientID = 0xffffffff;
  doc.getText('t').insert(0, 'a');
  const before = encodeStateVector(doc);
  doc.getText('t').insert(1, 'b');
  const row = encodeStateAsUpdate(doc);
  const rest = encodeStateAsUpdate(doc, before);
  expect(rest.length).toBeGreaterThan(row.length);
  const rows = [{ update: row, clientId: 1, author: 'ann' }];
  await store.append([{ id, generation: 'generation', rows, committedAt: 0 }]);
  const held = { id, generation: 'generation', after: 0 };
  expect(await compareTail({ ...held, updates: [rest] }, store)).toBe('equal');
  const changed = rest.map((byte) => (byte === 'b'.charCodeAt(0) ? 'c'.charCodeAt(0) : byte));
  expect(await compareTail({ ...held, updates: [changed] }, store)).toEqual({ wrong: 1 });
});

test('whoever waits for rows of a log that is not followed any more is told so', async () => {
  const home = { id: parseDocumentId('ws/doc'), generation: 'g', head: 3, take: () => {}, onLost: () => {} };
  const store = new MemoryStore(() => 'g');
  const services = { store, clock: new ManualClock(), random: () => 0, expecting: () => true };
  const follower = new LogFollower(home, { ...services, counters: { count: () => {} } }, (update) => ({
    update,
  }));
  follower.heardOf(5);
  follower.stop();
  await expect(follower.catchUp()).rejects.toMatchObject({ code: 'document-reloading' });
});

test('what a node says first of a document it has loaded again makes void what it said before', () => {
  const clock = new ManualClock();
  const [before, again, viewer] = ['node', 'node', 'viewer'].map((name) => new PresenceNode(name, clock));
  for (const [node, clientId] of [
    [before, 7],
    [again, 8],
  ] as const) {
    const update = ownUpdate(awarenessOf({ name: 'somebody' }, clientId));
    node?.table.receive(new PresenceSession(clientId), update);
    clock.advance(1_000);
    for (const message of node?.published ?? []) viewer?.table.receiveFrom('node', message);
    expect(viewer?.table.isElsewhere(clientId)).toBe(true);
  }
  expect(viewer?.table.isElsewhere(7)).toBe(false);
});

test('a client that moves to another server believes it, though it shows people with lower clocks', () => {
  const awareness = awarenessOf({});
  const sync = new PresenceSync(awareness, { clock: new ManualClock(), send: () => {} });
  sync.joined(
    encodeStates([
      [5, 7, '{"name":"ann"}'],
      [6, 7, '{"name":"bob"}'],
    ]),
  );
  sync.received(encodeStates([[5, 8, 'null']]));
  sync.moved(
    encodeStates([
      [5, 6, '{"name":"ann"}'],
      [6, 6, '{"name":"bob"}'],
    ]),
  );
  expect([...awareness.states.keys()].filter((id) => id !== awareness.clientID).sort()).toEqual([5, 6]);
  sync.received(encodeStates([[6, 6, 'null']]));
  expect(awareness.states.has(6)).toBe(false);
  sync.destroy();
});
