import { afterEach, expect, test } from '@jest/globals';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { SyncSession } from '../../../../server/gateway/yjs/sync-session.js';
import { CoscribeError } from '../../../../shared/errors.js';
import { documentNode, NOTES, Person } from '../../../support/document-node.js';
import { settle } from '../../../support/manual-clock.js';
import { between, forSeedsInTurn } from '../../../support/seeds.js';
import { SyncClient as Client } from '../../../support/sync-client.js';
import { unmetered } from '../../../support/unmetered.js';

type Node = ReturnType<typeof documentNode>;

const { opened } = Client;
afterEach(() => {
  for (const awareness of opened.splice(0)) awareness.destroy();
});

/** What the log holds: clientID and author of each row. */
async function rowsOf({ store }: Node): Promise<readonly (readonly [number, string])[]> {
  const rows = await store.readLog(NOTES, 0, 1_000);
  return rows.map(({ clientId, author }) => [clientId, author]);
}

test('[PEER3] [PEER8] two clients write in one document, each under its own clientID and name', async () => {
  const node = documentNode();
  const ann = new Client(node, new Y.Doc(), 'editor', 'ann').connect();
  const bob = new Client(node, new Y.Doc(), 'editor', 'bob').connect({ shows: false });
  await settle();
  ann.type('Hello');
  await settle();
  bob.type(', world');
  await settle();
  expect([ann.text, bob.text]).toEqual(['Hello, world', 'Hello, world']);
  expect(await rowsOf(node)).toEqual([
    [ann.doc.clientID, 'user:ann'],
    [bob.doc.clientID, 'user:bob'],
  ]);
  expect([...ann.outcomes, ...bob.outcomes].filter((outcome) => typeof outcome !== 'number')).toEqual([]);
});

test('[PEER3] what an earlier page wrote is taken from the page that brings it, and is not shown as its own', async () => {
  const node = documentNode();
  const before = new Y.Doc();
  before.getText('text').insert(0, 'kept on the device');
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(before));
  const ann = new Client(node, doc).connect();
  await settle();
  ann.type('!');
  await settle();
  const cleo = new Client(node).connect();
  await settle();
  expect(cleo.text).toBe('kept on the device!');
  expect((await rowsOf(node)).map(([clientId]) => clientId)).toEqual([doc.clientID, doc.clientID]);
});

test('[PEER3] a clientID of somebody who is known is not given to another; what he brings is taken all the same', async () => {
  const node = documentNode();
  const doc = new Y.Doc();
  const ann = new Client(node, doc, 'editor', 'ann').connect();
  await settle();
  ann.type('one');
  await settle();
  ann.disconnect();
  doc.getText('text').insert(3, ' two');
  const bob = new Client(node, doc, 'editor', 'bob').connect();
  await settle();
  const rows = await rowsOf(node);
  expect(rows.map(([, author]) => author)).toEqual(['user:ann', 'user:bob']);
  expect(rows[1]?.[0]).not.toBe(doc.clientID);
  expect(bob.outcomes.at(-1)).toBe(2);
});

test('[PEER4] everybody sees everybody, and nobody can speak for another', async () => {
  const node = documentNode();
  const [ann, bob] = [new Client(node), new Client(node)];
  ann.awareness.setLocalState({ user: { name: 'Ann' } });
  ann.connect();
  bob.connect();
  await settle();
  node.clock.advance(1_000);
  await settle();
  expect(bob.awareness.getStates().get(ann.doc.clientID)).toMatchObject({ user: { name: 'Ann' } });
  // Bob says that Ann is called otherwise, and sends what he knows of her.
  const forged = new Awareness(new Y.Doc());
  opened.push(forged);
  applyAwarenessUpdate(forged, encodeAwarenessUpdate(bob.awareness, [ann.doc.clientID]), 'x');
  const meta = forged.meta.get(ann.doc.clientID);
  forged.meta.set(ann.doc.clientID, { clock: (meta?.clock ?? 0) + 5, lastUpdated: 0 });
  forged.states.set(ann.doc.clientID, { user: { name: 'Mallory' } });
  bob.session.receiveAwareness(encodeAwarenessUpdate(forged, [ann.doc.clientID]));
  await settle();
  node.clock.advance(1_000);
  const cleo = new Client(node).connect();
  await settle();
  expect(cleo.awareness.getStates().get(ann.doc.clientID)).toMatchObject({ user: { name: 'Ann' } });
  bob.disconnect();
  node.clock.advance(1_000);
  await settle();
  expect(cleo.awareness.getStates().has(bob.doc.clientID)).toBe(false);
});

test('[PEER4] one who comes back while his old connection is still there shows himself at once', async () => {
  const node = documentNode();
  const watcher = new Client(node).connect();
  const doc = new Y.Doc();
  const old = new Client(node, doc).connect();
  await settle();
  node.clock.advance(1_000);
  const again = new Client(node, doc);
  again.awareness.setLocalState({ user: { name: 'again' } });
  again.connect();
  await settle();
  node.clock.advance(1_000);
  await settle();
  expect(old.closed?.code).toBe('session-replaced');
  expect(watcher.awareness.getStates().get(doc.clientID)).toMatchObject({ user: { name: 'again' } });
});

test('[PEER4] who says again what another tab of its browser shows, past the server, is not taken for that one', async () => {
  const node = documentNode();
  const [ann, bob] = [new Client(node), new Client(node)];
  ann.awareness.setLocalState({ user: { name: 'Ann' } });
  applyAwarenessUpdate(bob.awareness, encodeAwarenessUpdate(ann.awareness, [ann.doc.clientID]), bob);
  ann.connect();
  bob.connect();
  // Before anything has come of the server, and after that.
  for (const turn of [1, 2]) {
    bob.session.receiveAwareness(encodeAwarenessUpdate(bob.awareness, [ann.doc.clientID]));
    await settle();
    node.clock.advance(1_000 * turn);
  }
  bob.type('of Bob');
  await settle();
  expect([ann.closed, bob.closed]).toEqual([undefined, undefined]);
  expect((await rowsOf(node)).map(([clientId]) => clientId)).toEqual([bob.doc.clientID]);
  // One that shows nothing of itself does not speak in her name either, nor write in it.
  const cleo = new Client(node);
  Y.applyUpdate(cleo.doc, Y.encodeStateAsUpdate(ann.doc));
  ann.session.leave();
  cleo.connect({ shows: false });
  await settle();
  expect(cleo.closed).toBeUndefined();
});

test('[PEER5] what comes too fast is asked for again, and is all there in the end', async () => {
  const node = documentNode({ limits: { maxPendingBytes: 60 } });
  const ann = new Client(node).connect();
  await settle();
  for (let word = 0; word < 20; word++) ann.type(`word ${word} `);
  expect(ann.outcomes.some((outcome) => outcome instanceof CoscribeError)).toBe(true);
  for (let turn = 0; turn < 10; turn++) {
    await settle();
    node.clock.advance(5_000);
  }
  await settle();
  const cleo = new Client(node).connect();
  await settle();
  expect(cleo.text).toBe(ann.text);
  expect(ann.outcomes.at(-1)).toEqual(expect.any(Number));
  const { asked } = ann;
  node.clock.advance(60_000);
  await settle();
  expect(ann.asked).toBe(asked);
});

test('[PEER5] a client that is asked has everything that an edit of his builds on', async () => {
  const node = documentNode();
  const ann = new Client(node);
  ann.connect();
  await settle();
  ann.disconnect();
  ann.type('lost on the way, ');
  const sync = ann.connect().session;
  ann.doc.getText('text').insert(0, 'first ');
  expect(sync.isIn).toBe(false);
  await settle();
  node.clock.advance(1_000);
  await settle();
  const cleo = new Client(node).connect();
  await settle();
  expect(cleo.text).toBe('first lost on the way, ');
});

test('[PEER6] a reader is refused once for each edit, writes nothing, and goes on reading', async () => {
  const node = documentNode();
  const ann = new Client(node).connect();
  await settle();
  ann.type('text');
  await settle();
  const reader = new Client(node, new Y.Doc(), 'viewer').connect();
  await settle();
  expect(reader.outcomes).toEqual([expect.any(Number)]);
  reader.type(' of a reader');
  await settle();
  expect(reader.refused.map(({ code }) => code)).toEqual(['read-only']);
  ann.type(' goes on');
  await settle();
  expect(ann.text).toBe('text goes on');
  expect(reader.text).toContain(' goes on');
  expect(reader.closed).toBeUndefined();
  expect(await rowsOf(node)).toHaveLength(2);
});

test('[PEER6] what is no update ends its session for good, and nobody else’s', async () => {
  const node = documentNode();
  const [ann, mallory] = [new Client(node).connect(), new Client(node).connect()];
  await settle();
  mallory.session.receiveUpdate(Uint8Array.of(1, 2, 3, 4), (outcome) => mallory.outcomes.push(outcome));
  await settle();
  expect(mallory.closed).toEqual({ code: 'invalid-update', after: -1 });
  expect(mallory.outcomes.at(-1)).toMatchObject({ code: 'invalid-update' });
  ann.type('still here');
  await settle();
  expect(ann.outcomes.at(-1)).toBe(1);
});

test('[PEER6] whoever sends before he has asked for the document has to begin anew', async () => {
  const node = documentNode();
  const ann = new Client(node).connect();
  const stray = new SyncSession({
    ...{ documents: node.documents, id: NOTES, meter: unmetered(), clock: node.clock, log: node.log },
    admission: { grant: { identity: {}, role: 'editor' }, revision: 0, at: 0 },
    wire: ann,
    random: () => 0,
  });
  stray.receiveAwareness(Uint8Array.of(9, 9, 9));
  await settle();
  expect(ann.closed).toBeUndefined();
  stray.receiveUpdate(Uint8Array.of(0, 0));
  await settle();
  expect(ann.closed?.code).toBe('not-joined');
});

test('[PEER7] a client that was too slow is sent what it missed', async () => {
  const node = documentNode();
  const [ann, slow] = [new Client(node).connect(), new Client(node).connect()];
  await settle();
  slow.queued = 2_000_000;
  ann.type('while he was away, ');
  await settle();
  expect(slow.text).toBe('');
  slow.queued = 0;
  node.clock.advance(1_000);
  await settle();
  ann.type('and after');
  await settle();
  expect(slow.text).toBe('while he was away, and after');
  expect(slow.contents).toBe(1);
});

test('[PEER2] [PEER8] coming back writes nothing that is there, however much was deleted', async () => {
  const node = documentNode();
  const ann = new Client(node).connect();
  await settle();
  for (let word = 0; word < 30; word++) ann.type('some words ');
  for (let at = 0; at < 20; at++) ann.doc.getText('text').delete(at * 3, 2);
  await settle();
  const rows = (await rowsOf(node)).length;
  ann.disconnect();
  const before = ann.bytes;
  ann.connect();
  await settle();
  expect(await rowsOf(node)).toHaveLength(rows);
  expect(ann.outcomes.at(-1)).toEqual(expect.any(Number));
  // The deletions of the text, and none of its words.
  expect(ann.bytes - before).toBeLessThan(150);
  ann.disconnect();
  ann.doc.getText('text').delete(0, 1);
  ann.connect();
  await settle();
  expect(await rowsOf(node)).toHaveLength(rows + 1);
  const cleo = new Client(node).connect();
  await settle();
  expect(cleo.text).toBe(ann.text);
});

test('[PEER1] [PEER5] [PEER7] [PEER8] whatever happens on the way, all have the same in the end', async () => {
  await forSeedsInTurn(15, 'tests/server/gateway/yjs', async (random) => {
    const node = documentNode({ limits: { maxPendingBytes: between(random, 100, 2_000) } });
    const clients = [1, 2, 3].map(() => new Client(node).connect());
    const own = new Person('the secret of our own client');
    await own.join(node.documents);
    for (let step = 0; step < 60; step++) {
      const client = clients[between(random, 0, 2)] as Client;
      const what = random();
      if (what < 0.5) client.doc.getText('text').insert(between(random, 0, client.text.length), 'word ');
      else if (what < 0.65 && client.text.length > 4)
        client.doc.getText('text').delete(between(random, 0, client.text.length - 3), 3);
      else if (what < 0.75) client.disconnect();
      else if (what < 0.85) client.reconnect();
      else if (what < 0.9) client.queued = client.queued > 0 ? 0 : 2_000_000;
      else if (what < 0.95) void own.type('own ');
      if (random() < 0.4) await settle();
      if (random() < 0.2) node.clock.advance(between(random, 1, 1_500));
    }
    for (const client of clients) {
      client.queued = 0;
      client.reconnect();
    }
    for (let turn = 0; turn < 30; turn++) {
      await settle();
      own.catchUp();
      node.clock.advance(5_000);
    }
    await settle();
    own.catchUp();
    expect(clients.map(({ closed }) => closed)).toEqual([undefined, undefined, undefined]);
    expect(new Set([...clients.map(({ text }) => text), own.text]).size).toBe(1);
    for (const { doc } of clients) expect(doc.store.pendingStructs).toBeNull();
  });
});

/** Somebody deletes, without a connection, what somebody else formats. Whoever hears of both tidies what is left of the format. */
async function clash(one: Client, other: Client, at: number): Promise<void> {
  other.disconnect();
  one.doc.getText('text').format(at, 2, { bold: true });
  other.doc.getText('text').delete(at, 2);
  await settle();
  other.connect();
  await settle();
}

test('[PEER10] what Yjs tidies in a reader’s copy is refused nobody, and is in the log by those who may write', async () => {
  const node = documentNode();
  const [ann, ben] = [new Client(node).connect(), new Client(node).connect()];
  await settle();
  ann.type('hello brave new world');
  await settle();
  const reader = new Client(node, new Y.Doc(), 'viewer').connect();
  reader.doc.getText('text');
  await settle();
  reader.outcomes.length = 0;
  let tidied = 0;
  reader.doc.on('update', (_update: Uint8Array, origin: unknown) => {
    if (origin !== reader) tidied++;
  });
  for (let at = 0; at < 4; at++) {
    await clash(ann, ben, at);
  }
  expect(tidied).toBeGreaterThan(0);
  expect(reader.outcomes).toHaveLength(tidied);
  expect([...reader.outcomes, ...reader.refused].filter((one) => typeof one !== 'number')).toEqual([]);
  expect(reader.text).toBe(ann.text);
  expect(Y.encodeStateAsUpdate(reader.doc)).toEqual(Y.encodeStateAsUpdate(ann.doc));
  // It is neither asked for what it has, nor known under any clientID, for that.
  expect([reader.asked, reader.contents]).toEqual([1, 1]);
  const writers = new Set((await rowsOf(node)).map(([clientId]) => clientId));
  expect(writers).toEqual(new Set([ann.doc.clientID, ben.doc.clientID]));
});

test('[PEER6] [PEER10] what a reader deletes himself is not saved, and what he writes is refused; both are saved once he may write', async () => {
  const node = documentNode();
  const ann = new Client(node).connect();
  await settle();
  ann.type('keep this');
  await settle();
  const reader = new Client(node, new Y.Doc(), 'viewer').connect();
  await settle();
  reader.outcomes.length = 0;
  reader.doc.getText('text').delete(0, 5);
  await settle();
  expect([ann.text, reader.outcomes, reader.refused]).toEqual(['keep this', [], []]);
  reader.type('!');
  await settle();
  expect(ann.text).toBe('keep this');
  expect(reader.refused.map(({ code }) => code)).toEqual(['read-only']);
  reader.session.sendAccess('editor');
  expect(reader.outcomes.map((one) => one instanceof CoscribeError && one.code)).toEqual([
    'read-only',
    'read-only',
  ]);
});
