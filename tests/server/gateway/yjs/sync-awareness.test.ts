import { afterEach, describe, expect, test } from '@jest/globals';
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness';
import { documentNode, Person } from '../../../support/document-node.js';
import { settle } from '../../../support/manual-clock.js';
import { SyncClient as Client } from '../../../support/sync-client.js';

const { opened } = Client;
afterEach(() => {
  for (const awareness of opened.splice(0)) awareness.destroy();
});

/** As y-websocket's provider does when its connection ends; what it knows of their clocks it keeps. */
function losesTheOthers({ awareness, doc }: Client): void {
  const others = [...awareness.getStates().keys()].filter((clientId) => clientId !== doc.clientID);
  removeAwarenessStates(awareness, others, 'disconnected');
}

const shownOf = ({ awareness }: Client, { doc }: Client): unknown =>
  awareness.getStates().get(doc.clientID)?.name;

/** Everything that is due by then, and what follows from it. */
async function passes({ clock }: ReturnType<typeof documentNode>, ms: number): Promise<void> {
  await settle();
  clock.advance(ms);
  await settle();
}

describe('who looks without showing himself, and says again what he is told', () => {
  async function watched(people: number) {
    const node = documentNode();
    const shown = Array.from({ length: people }, () => new Client(node));
    const [viewer, ...others] = [new Client(node), ...shown];
    const show = async (n: number) => {
      for (const one of others) {
        one.awareness.setLocalState({ name: n });
        await passes(node, 100);
      }
      return others.map((one) => shownOf(viewer, one));
    };
    for (const one of others) one.connect();
    await show(0);
    viewer.awareness.setLocalState(null);
    viewer.connect({ shows: false });
    await settle();
    return { node, viewer, others, show };
  }

  test.each([
    ['one', 1, 0],
    ['one', 1, 4_000],
    ['two', 2, 0],
    ['two', 2, 4_000],
  ])('[YWS4] sees %s who move, all the time', async (_, people, later) => {
    const { node, viewer, others, show } = await watched(people);
    await passes(node, later);
    for (let n = 1; n < 5; n++) expect(await show(n)).toEqual(others.map(() => n));
    // Nothing is heard of them but what the server says.
    const told = others.map(({ doc }) => viewer.awareness.meta.get(doc.clientID)?.clock ?? 0);
    await passes(node, 20_000);
    viewer.session.renewAwareness();
    for (const [at, { doc }] of others.entries())
      expect(viewer.awareness.meta.get(doc.clientID)?.clock).toBeGreaterThan(told[at] ?? 0);
  });

  test('[YWS4] and is seen himself as soon as he shows himself after all', async () => {
    const { node, viewer, others, show } = await watched(2);
    await show(1);
    viewer.awareness.setLocalState({ name: 'here' });
    await passes(node, 1_000);
    expect(others.map((one) => shownOf(one, viewer))).toEqual(['here', 'here']);
    expect(await show(2)).toEqual([2, 2]);
    expect(shownOf(viewer, viewer)).toBe('here');
  });

  test('[YWS4] sees whom he heard of past the server first, once that way has ended', async () => {
    const { node, viewer, others, show } = await watched(2);
    const [ann] = others as [Client, Client];
    const heard = new Awareness(ann.doc);
    Client.opened.push(heard);
    applyAwarenessUpdate(heard, encodeAwarenessUpdate(ann.awareness, [ann.doc.clientID]), 'copy');
    heard.setLocalState({ name: 1 });
    // It comes before she says it to the server.
    applyAwarenessUpdate(viewer.awareness, encodeAwarenessUpdate(heard, [ann.doc.clientID]), 'another tab');
    await passes(node, 4_000);
    expect(await show(1)).toEqual([1, 1]);
    expect(await show(2)).toEqual([2, 2]);
  });
});

describe('what there is no room for', () => {
  const LARGE = 'x'.repeat(16_000);

  test('[AWR16] is shown with the next renewal once there is room, though nothing has changed', async () => {
    const node = documentNode({ limits: { maxAwarenessBytes: 16_384 } });
    const crowd = Array.from({ length: 281 }, (_, n) => new Person(`a secret of the person ${n}`));
    for (const one of crowd) {
      await one.join(node.documents);
      one.show({ text: LARGE });
    }
    await passes(node, 1_000);
    const watcher = new Client(node).connect();
    const late = new Client(node);
    late.awareness.setLocalState({ name: 'late', draft: LARGE });
    late.connect();
    await passes(node, 1_000);
    expect(shownOf(watcher, late)).toBeUndefined();
    for (const one of crowd.splice(0, 10)) one.session.leave();
    await passes(node, 1_000);
    expect(shownOf(watcher, late)).toBeUndefined();
    // As y-protocols does every 15 s.
    late.awareness.setLocalState(late.awareness.getLocalState());
    await passes(node, 1_000);
    expect(shownOf(watcher, late)).toBe('late');
  });
});

describe('who comes back to others whom he knows', () => {
  async function knownToEachOther() {
    const node = documentNode();
    const [ann, bob] = [new Client(node), new Client(node)];
    ann.awareness.setLocalState({ name: 'Ann' });
    bob.awareness.setLocalState({ name: 'Bob' });
    ann.connect();
    bob.connect();
    const pass = async (ms: number) => {
      await settle();
      node.clock.advance(ms);
      await settle();
    };
    await pass(1_000);
    // With the time as clock, as every pulse has it.
    bob.session.renewAwareness();
    expect(shownOf(bob, ann)).toBe('Ann');
    const leaves = async () => {
      bob.disconnect();
      losesTheOthers(bob);
      expect(shownOf(bob, ann)).toBeUndefined();
      await pass(100);
    };
    return { node, ann, bob, pass, leaves };
  }

  test('[YWS4] sees them as soon as he has shown himself, though that comes after the answer', async () => {
    const { ann, bob, pass, leaves } = await knownToEachOther();
    await leaves();
    bob.connect({ shows: false });
    await pass(60);
    bob.awareness.setLocalState({ name: 'Bob' });
    await settle();
    expect(shownOf(bob, ann)).toBe('Ann');
    await pass(1_000);
    expect(shownOf(ann, bob)).toBe('Bob');
  });

  test('[YWS4] sees them a little later if he does not show himself', async () => {
    const { ann, bob, pass, leaves } = await knownToEachOther();
    await leaves();
    bob.connect({ shows: false });
    await pass(3_000);
    expect(shownOf(bob, ann)).toBe('Ann');
  });

  test('[YWS4] is not told what he showed before, though he shows himself late and his old connection is still there', async () => {
    const { ann, bob, pass } = await knownToEachOther();
    const old = bob.session;
    losesTheOthers(bob);
    bob.connect({ shows: false });
    await pass(60);
    bob.awareness.setLocalState({ name: 'Bob by now' });
    await settle();
    expect([shownOf(bob, ann), shownOf(bob, bob)]).toEqual(['Ann', 'Bob by now']);
    old.leave();
    await pass(15_000);
    bob.session.renewAwareness();
    bob.awareness.setLocalState({ name: 'Bob at last' });
    await pass(1_000);
    expect([shownOf(bob, bob), shownOf(ann, bob)]).toEqual(['Bob at last', 'Bob at last']);
  });
});
