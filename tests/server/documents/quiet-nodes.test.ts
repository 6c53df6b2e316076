import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { BusMessage } from '../../../server/cluster/bus.js';
import { hashContent } from '../../../shared/content-hash.js';
import { encodeFrame, encodeUpdateList } from '../../../shared/frames.js';
import { BusHub } from '../../support/bus-hub.js';
import { documentNode, inlineCrdt, NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';
import { crossedOrigins } from '../../support/wrong-copies.js';

/** Two nodes with one store, one bus and one clock, and somebody on each of them. */
async function nodes() {
  const hub = new BusHub();
  const store = new GatedStore();
  const clock = new ManualClock();
  const [a, b] = ['a', 'b'].map((name) => documentNode({ bus: hub.node(name), store, clock })) as [
    ReturnType<typeof documentNode>,
    ReturnType<typeof documentNode>,
  ];
  const [ann, bob] = [
    new Person('the secret of ann, who is on a'),
    new Person('the secret of bob, who is on b'),
  ];
  await ann.join(a.documents);
  await bob.join(b.documents);
  return { hub, store, clock, a, b, ann, bob };
}

async function pass(clock: ManualClock, ms: number, step = 100): Promise<void> {
  for (let left = ms; left > 0; left -= step) {
    clock.advance(Math.min(step, left));
    await settle();
  }
}

function errors(node: ReturnType<typeof documentNode>): readonly string[] {
  return node.log.entries.filter(({ level }) => level === 'error').map(({ message }) => message);
}

/** The next update that a node tells the other is another one by the same author: `words`. */
function lieOnce(hub: BusHub, author: Person, words: string): void {
  const liar = new Person();
  liar.doc.clientID = author.doc.clientID;
  const lie = liar.edit((text) => text.insert(0, words));
  const { arrives } = hub;
  hub.arrives = (message, from, to) => {
    if (message.kind !== 'updates') return true;
    hub.arrives = arrives;
    const other: BusMessage = { ...message, frame: encodeFrame({ from: 1, updates: [lie] }) };
    hub.buses.find(({ node }) => node === to)?.deliver(NOTES, other, from);
    return false;
  };
}

describe('quiet nodes', () => {
  test('[CHECK6] everybody on every node is asked to compare once it is quiet, and all agree', async () => {
    const { a, b, ann, bob, clock } = await nodes();
    expect(await ann.type('one ')).toBe(1);
    bob.catchUp();
    expect(await bob.type('two')).toBe(2);
    ann.catchUp();
    await pass(clock, 11_000);
    for (const { doc, transport } of [ann, bob])
      expect(transport.checks).toEqual([{ seq: 2, hash: hashContent(doc) }]);
    expect([...errors(a), ...errors(b)]).toEqual([]);
    await pass(clock, 120_000);
    expect(ann.transport.checks).toHaveLength(1);
  });

  test('[CHECK7] a node that the bus gave something else than the store has is found out and loads again', async () => {
    const { hub, a, b, ann, bob, clock } = await nodes();
    const eve = new Person('the secret of eve, who is on b');
    await eve.join(b.documents);
    lieOnce(hub, ann, 'the lie !');
    expect(await ann.type('the truth')).toBe(1);
    bob.catchUp();
    expect(bob.text).toBe('the lie !');
    await pass(clock, 15_000);
    expect(errors(a)).toEqual([]);
    expect(errors(b)).toEqual([expect.stringContaining('this node held another content')]);
    expect(bob.transport.closed).toEqual([
      { reason: expect.objectContaining({ code: 'document-reloading' }), reconnectAfterMs: 500 },
    ]);
    expect(ann.transport.closed).toEqual([]);

    // Their numbers are right and their state vectors too: what was wrong in them is still there, and found out.
    await bob.join(b.documents, {
      generation: 'generation-1',
      seq: 1,
      stateVector: Y.encodeStateVector(bob.doc),
    });
    expect(bob.text).toBe('the lie !');
    const fresh = new Person('another secret of somebody new');
    await fresh.join(b.documents);
    expect(fresh.text).toBe('the truth');
    bob.transport.checks.length = 0;
    await pass(clock, 15_000);
    expect(bob.transport.checks).toEqual([{ seq: 1, hash: hashContent(fresh.doc) }]);
    expect(hashContent(bob.doc)).not.toBe(hashContent(fresh.doc));
    expect(errors(b)).toHaveLength(1);
  });

  test('[CHECK7] what a wrong copy would be merged into is never stored', async () => {
    const { hub, store, b, ann, clock } = await nodes();
    lieOnce(hub, ann, 'y'.repeat(8_000));
    for (let row = 1; row <= 5; row++) expect(await ann.type('x'.repeat(8_000))).toBe(row);
    await pass(clock, 15_000);
    expect(errors(b).length).toBeGreaterThan(0);
    expect(store.snapshotWrites).toBe(0);
  });

  test('[CHECK8] a client whose copy differs is heard of with its number, and the node that is right stays', async () => {
    const { a, ann, clock } = await nodes();
    await ann.type('words');
    await pass(clock, 11_000);
    ann.session.reportDiverged({ seq: 1, hash: '1:abc' });
    ann.session.reportDiverged({ seq: 1, hash: '1:abc' });
    await pass(clock, 1_000);
    const told = a.log.entries.filter(({ level }) => level === 'warn');
    expect(told).toEqual([
      expect.objectContaining({
        fields: expect.objectContaining({ clientId: ann.doc.clientID, clientHash: '1:abc' }),
      }),
    ]);
    expect(errors(a)).toEqual([]);
    expect(ann.transport.closed).toEqual([]);
  });

  test('[CHECK11] with crossed origins in the log the replayed log is right, and a copy that merged it otherwise is told apart', async () => {
    const { a, ann, bob, store, clock } = await nodes();
    const { updates, fresh: merged } = crossedOrigins();
    // Past the gate, as from another program that writes into the same store.
    const rows = updates.map((update, at) => ({ update, clientId: at + 1, author: `author ${at}` }));
    await store.append([{ id: NOTES, generation: 'generation-1', rows, committedAt: 0 }]);
    await pass(clock, 15_000);
    ann.catchUp();
    bob.catchUp();
    const reader = new Person('the secret of somebody who comes late');
    await reader.join(a.documents);
    expect(reader.text).toBe(ann.text);
    expect(bob.text).toBe(ann.text);
    const right = { seq: 3, hash: hashContent(reader.doc) };
    expect(ann.transport.checks).toEqual([right]);
    expect(Y.encodeStateVector(merged)).toEqual(Y.encodeStateVector(reader.doc));
    expect(hashContent(merged)).not.toBe(right.hash);
    const since = [...updates];
    expect(await inlineCrdt.hash({ state: since.shift(), since: encodeUpdateList(since) })).toBe(right.hash);
  });
});
