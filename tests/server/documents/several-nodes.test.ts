import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { AccessControl } from '../../../server/auth/access.js';
import { openAccess } from '../../../server/auth/open-access.js';
import { LocalBus } from '../../../server/cluster/local-bus.js';
import { CoscribeError } from '../../../shared/errors.js';
import { decodeFrame, encodeFrame } from '../../../shared/frames.js';
import { BusHub } from '../../support/bus-hub.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

/** Nodes with one store, one bus and one clock. */
function nodes(count = 2, access?: AccessControl) {
  const hub = new BusHub();
  const store = new GatedStore();
  const clock = new ManualClock();
  const all = Array.from({ length: count }, (_, n) => {
    const bus = hub.node(`node-${n}`);
    return { bus, ...documentNode({ bus, store, clock, ...(access && { access }) }) };
  });
  const [a, b] = all;
  if (a === undefined || b === undefined) throw new Error('two nodes at least');
  return { hub, store, clock, all, a, b };
}

/** Lets time pass in small steps, so that what waits for promises goes on in between. */
async function pass(clock: ManualClock, ms: number, step = 10): Promise<void> {
  for (let left = ms; left > 0; left -= step) {
    clock.advance(Math.min(step, left));
    await settle();
  }
}

/** A person on a node who has joined. */
async function inside(node: ReturnType<typeof documentNode>): Promise<Person> {
  const person = new Person(`a secret of 16 characters ${Math.random()}`);
  await person.join(node.documents);
  return person;
}

/** Turns "right" into "wrong", byte by byte. */
function changeLetter(byte: number, at: number, bytes: Uint8Array): number {
  const start = Buffer.from(bytes).indexOf('right');
  return start >= 0 && at >= start && at < start + 5 ? (Buffer.from('wrong')[at - start] ?? byte) : byte;
}

function numbersOf({ transport }: Person): number[] {
  return transport.frames.flatMap(({ from, updates }) => updates.map((_, at) => from + at));
}

describe('several nodes', () => {
  test('[FOLLOW1] what one node commits reaches the sessions of the others, in the order of the log', async () => {
    const { a, b } = nodes();
    const [ann, bob] = [await inside(a), await inside(b)];
    expect(await ann.type('one ')).toBe(1);
    expect(numbersOf(bob)).toEqual([1]);
    bob.catchUp();
    expect(await bob.type('two ')).toBe(2);
    ann.catchUp();
    expect(await ann.type('three')).toBe(3);
    bob.catchUp();
    ann.catchUp();
    expect(ann.text).toBe('one two three');
    expect(bob.text).toBe(ann.text);
  });

  test('[FOLLOW1] a node whose commit overtakes a message answers at once and shows everything in order', async () => {
    const { hub, a, b, clock } = nodes();
    const [ann, bob, eve] = [await inside(a), await inside(b), await inside(b)];
    const late: (() => void)[] = [];
    const { arrives } = hub;
    hub.arrives = (message, from, to) => {
      if (message.kind !== 'updates') return true;
      // Held back, and delivered by hand below.
      late.push(() => hub.buses.find(({ node }) => node === to)?.deliver(NOTES, message, from));
      return false;
    };
    expect(await ann.type('from a ')).toBe(1);
    expect(await bob.type('from b')).toBe(2);
    expect(numbersOf(eve)).toEqual([]);
    hub.arrives = arrives;
    for (const deliver of late) deliver();
    expect(numbersOf(eve)).toEqual([1, 2]);
    expect(numbersOf(ann)).toEqual([2]);
    await pass(clock, 100);
    expect(numbersOf(eve)).toEqual([1, 2]);
  });

  test('[FOLLOW2] what the bus loses between two messages is read from the store, once and in order', async () => {
    const { hub, a, b, clock } = nodes();
    const [ann, bob] = [await inside(a), await inside(b)];
    let lost = 0;
    hub.arrives = (message) => message.kind !== 'updates' || ++lost > 3;
    for (const word of ['one ', 'two ', 'three ', 'four ', 'five']) await ann.type(word);
    expect(numbersOf(bob)).toEqual([]);
    await pass(clock, 40);
    expect(numbersOf(bob)).toEqual([1, 2, 3, 4, 5]);
    bob.catchUp();
    expect(bob.text).toBe('one two three four five');
  });

  test('[FOLLOW3] whatever the bus loses arrives within 2.2 seconds, and at once when the bus is back', async () => {
    const { hub, a, b, clock } = nodes();
    const [ann, bob] = [await inside(a), await inside(b)];
    hub.arrives = () => false;
    await ann.type('lost');
    await pass(clock, 2_200, 100);
    bob.catchUp();
    expect(bob.text).toBe('lost');
    b.bus.setConnected(false);
    await ann.type(' again');
    await pass(clock, 100);
    expect(numbersOf(bob)).toEqual([]);
    b.bus.setConnected(true);
    await settle();
    clock.advance(31);
    await settle();
    expect(numbersOf(bob)).toEqual([2]);
  });

  test('[FOLLOW4] while the bus is away, who joins is shown what the store has', async () => {
    const { a, b } = nodes();
    const [ann] = [await inside(a), await inside(b)];
    b.bus.setConnected(false);
    await ann.type('not empty');
    const eve = await inside(b);
    expect(eve.text).toBe('not empty');
  });

  test('[FOLLOW4] a client that has seen more than this node is not refused: the node catches up', async () => {
    const { hub, a, b } = nodes();
    const [ann] = [await inside(a), await inside(b)];
    hub.arrives = () => false;
    await ann.type('seen on the other node');
    const { generation } = await ann.joinAgain();
    const joined = await ann.join(b.documents, { generation, seq: 1 });
    expect(joined.head).toBe(1);
    await expect(ann.join(b.documents, { generation, seq: 2 })).rejects.toMatchObject({
      code: 'generation-changed',
    });
  });

  test('[FOLLOW5] an edit that is in the log twice is shown without what is known, though its beginning is deleted', async () => {
    const { hub, a, b, store, clock } = nodes();
    const [ann, bob, eve] = [await inside(a), await inside(a), await inside(b)];
    const messages: (() => void)[] = [];
    hub.arrives = (message, from, to) => {
      if (message.kind !== 'updates') return true;
      messages.push(() => hub.buses.find(({ node }) => node === to)?.deliver(NOTES, message, from));
      return false;
    };
    // Ann types; the answer is lost, and she goes on at the other node, where the same is sent again with more.
    await ann.submit(ann.edit((text) => text.insert(0, 'abc')));
    bob.catchUp();
    ann.edit((text) => text.insert(3, 'def'));
    const again = new Person(ann.key);
    Y.applyUpdate(again.doc, Y.encodeStateAsUpdate(ann.doc));
    again.doc.clientID = ann.doc.clientID;
    await again.join(b.documents);
    // Meanwhile somebody deletes what she typed, and Yjs forgets it.
    await bob.submit(bob.edit((text) => text.delete(0, 3)));
    expect(await again.submit(Y.encodeStateAsUpdate(ann.doc), 'catch-up')).toBe(3);
    for (const deliver of messages) deliver();
    await pass(clock, 50);
    for (const person of [bob, eve]) {
      person.catchUp();
      expect(person.text).toBe('def');
    }
    const late = await inside(a);
    expect(late.text).toBe('def');
    // From the log alone, which has both.
    expect(await store.readLog(NOTES, 0, 9)).toHaveLength(3);
    const fresh = documentNode({ store, clock });
    expect((await inside(fresh)).text).toBe('def');
  });

  test('[FOLLOW6] a document that was reset elsewhere is loaded again; old copies are refused, new ones are not', async () => {
    const { a, b, store, clock } = nodes();
    const [ann, bob] = [await inside(a), await inside(b)];
    await ann.type('old');
    const { generation } = await ann.joinAgain();
    store.reset(NOTES);
    await pass(clock, 2_300, 100);
    for (const { transport } of [ann, bob])
      expect(transport.closed.map(({ reason }) => reason.code)).toEqual(['generation-changed']);
    const old = new Person();
    await expect(old.join(b.documents, { generation, seq: 1 })).rejects.toMatchObject({
      code: 'generation-changed',
    });
    const fresh = await inside(a);
    expect(fresh.text).toBe('');
    expect(await fresh.type('new')).toBe(1);
  });

  test('[FOLLOW6] a node that finds out at a commit tells the others', async () => {
    const { a, b, store, clock } = nodes();
    const [ann, bob] = [await inside(a), await inside(b)];
    await ann.type('old');
    store.reset(NOTES);
    expect(await ann.type('lost')).toMatchObject({ code: 'generation-changed' });
    await pass(clock, 50);
    expect(bob.transport.closed).toHaveLength(1);
  });

  test('[FOLLOW7] the node whose edits made the log long merges it, and the others take its snapshot over', async () => {
    const { a, b, store, clock } = nodes();
    const [ann, bob] = [await inside(a), await inside(b)];
    for (let n = 0; n < 500; n++) await ann.type('x');
    await pass(clock, 20);
    expect((await store.readSnapshot(NOTES))?.seq).toBe(500);
    expect(store.snapshotWrites).toBe(1);
    // What a node that opens the document needs is short on both.
    const before = store.snapshotReads;
    for (const node of [a, b]) expect((await inside(node)).text).toBe('x'.repeat(500));
    expect(store.snapshotReads).toBeGreaterThan(before);
    bob.catchUp();
    expect(bob.text).toBe('x'.repeat(500));
  });

  test('[FOLLOW7] if that node does not, another one does when the log is twice as long', async () => {
    const { hub, a, b, store, clock } = nodes();
    const [ann] = [await inside(a), await inside(b)];
    store.snapshotError = new CoscribeError('internal', 'for whatever reason');
    for (let n = 0; n < 999; n++) await ann.type('x');
    await pass(clock, 20);
    expect(hub.sent.some(({ message }) => message.kind === 'snapshot')).toBe(false);
    store.snapshotError = undefined;
    await ann.type('x');
    await pass(clock, 20);
    expect(hub.sent.filter(({ message }) => message.kind === 'snapshot').map(({ from }) => from)).toEqual([
      'node-1',
    ]);
  });

  test('[FOLLOW12] a row that came over the bus and is not what the store has never gets into a snapshot', async () => {
    const { hub, a, b, store, clock } = nodes();
    const [ann, bob] = [await inside(a), await inside(b)];
    const { arrives } = hub;
    hub.arrives = (message, from, to) => {
      if (message.kind !== 'updates') return true;
      const { updates } = decodeFrame(message.frame);
      const frame = encodeFrame({ from: 1, updates: updates.map((update) => update.map(changeLetter)) });
      hub.buses.find(({ node }) => node === to)?.deliver(NOTES, { ...message, frame }, from);
      hub.arrives = arrives;
      return false;
    };
    await ann.type('right');
    bob.catchUp();
    expect(bob.text).toBe('wrong');
    for (let n = 0; n < 500; n++) await bob.submit(bob.edit((text) => text.insert(text.length, 'x')));
    await pass(clock, 20);
    expect(bob.transport.closed).toHaveLength(1);
    const late = await inside(b);
    expect(late.text).toBe(`right${'x'.repeat(500)}`);
    expect((await store.readSnapshot(NOTES))?.seq ?? 0).not.toBe(500);
  });

  test('[FOLLOW8] a clientID that two nodes let in at once is refused to the later one, and nobody else loses anything', async () => {
    const { a, b, clock } = nodes();
    const [ann, bob] = [await inside(a), await inside(b)];
    const thief = new Person('another secret of 16 characters');
    thief.doc.clientID = ann.doc.clientID;
    await thief.join(b.documents);
    expect(await ann.type('mine')).toBe(1);
    const stolen = thief.edit((text) => text.insert(0, 'not mine'));
    b.store.hold();
    const [theft, honest] = [thief.submit(stolen), bob.type('honest ')];
    b.store.release();
    expect(await theft).toBeInstanceOf(CoscribeError);
    expect(await honest).toMatchObject({ code: 'document-reloading', retryable: true });
    expect(bob.transport.closed).toHaveLength(1);
    await pass(clock, 50);
    await expect(thief.join(b.documents)).rejects.toMatchObject({ code: 'client-id-in-use' });
    await bob.join(b.documents);
    expect(await bob.submit(Y.encodeStateAsUpdate(bob.doc), 'catch-up')).toBe(2);
    ann.catchUp();
    bob.catchUp();
    expect(bob.text).toBe(ann.text);
  });

  test('[FOLLOW9] the channel is open before the document is read, and closed when it is put away', async () => {
    const { a, b, clock } = nodes();
    const ann = await inside(a);
    let open = (): void => {};
    b.bus.opening = new Promise((resolve) => {
      open = resolve;
    });
    const opensBefore = b.store.opens;
    const joining = inside(b);
    await settle();
    expect(b.store.opens).toBe(opensBefore);
    open();
    const bob = await joining;
    await ann.type('hello');
    expect(numbersOf(bob)).toEqual([1]);
    ann.session.leave();
    bob.session.leave();
    await pass(clock, 1_100, 100);
    expect([a.documents.openCount, b.documents.openCount]).toEqual([0, 0]);
    expect([a.bus.openChannels, b.bus.openChannels]).toEqual([0, 0]);
  });

  test('[FOLLOW9] what comes while the document is being read is taken up after it', async () => {
    const { a, b, store } = nodes();
    const ann = await inside(a);
    await ann.type('one ');
    store.hold();
    const joining = inside(b);
    await settle();
    store.release();
    const typed = ann.type('two');
    const bob = await joining;
    await typed;
    await settle();
    bob.catchUp();
    expect(bob.text).toBe('one two');
  });

  test('[FOLLOW10] when access changes, every session of the document is looked at again, on every node', async () => {
    const looked: string[] = [];
    const { store, a, b } = nodes(2, {
      ...openAccess,
      review: (grant, id) => {
        looked.push(id);
        return openAccess.review(grant, id);
      },
    });
    await Promise.all([inside(a), inside(b)]);
    await store.changeAccess({ kind: 'document', id: NOTES }, 0);
    await b.documents.accessChanged(NOTES);
    await settle();
    expect(looked).toEqual([NOTES, NOTES]);
  });

  test('[FOLLOW11] who is on another node is seen, and is gone when that node is', async () => {
    const { a, b, clock } = nodes();
    const [ann, bob] = [await inside(a), await inside(b)];
    ann.show({ user: { name: 'Ann', color: '#112233' } });
    await pass(clock, 120);
    expect(bob.seen().get(ann.doc.clientID)).toMatchObject({ user: { name: 'Ann' } });
    const late = await inside(b);
    expect(late.seen().has(ann.doc.clientID)).toBe(true);
    b.bus.declareGone('node-0');
    await pass(clock, 120);
    expect(bob.seen().has(ann.doc.clientID)).toBe(false);
    // It was not dead after all.
    b.bus.setConnected(true);
    await pass(clock, 120);
    expect(bob.seen().has(ann.doc.clientID)).toBe(true);
  });
});

test('[FOLLOW11] what the bus loses of who is where is there within 33 seconds', async () => {
  const { hub, a, b, clock } = nodes();
  const [ann, bob] = [await inside(a), await inside(b)];
  const { arrives } = hub;
  hub.arrives = () => false;
  ann.show({ user: { name: 'Ann', color: '#112233' } });
  await pass(clock, 500);
  hub.arrives = arrives;
  expect(bob.seen().has(ann.doc.clientID)).toBe(false);
  await pass(clock, 33_000, 100);
  expect(bob.seen().has(ann.doc.clientID)).toBe(true);
});

test('[FOLLOW13] nodes on one store that nothing connects agree within 2.2 seconds, and nobody joins an old state', async () => {
  const store = new GatedStore();
  const clock = new ManualClock();
  const [a, b] = [0, 1].map(() =>
    documentNode({ store, clock, bus: new LocalBus({ sharedStore: true }) }),
  ) as [ReturnType<typeof documentNode>, ReturnType<typeof documentNode>];
  const [ann, bob] = [await inside(a), await inside(b)];
  await ann.type('hello');
  expect((await inside(b)).text).toBe('hello');
  await pass(clock, 2_200, 100);
  bob.catchUp();
  expect(bob.text).toBe('hello');
});
