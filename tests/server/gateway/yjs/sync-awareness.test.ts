import { afterEach, describe, expect, test } from '@jest/globals';
import { removeAwarenessStates } from 'y-protocols/awareness';
import { documentNode } from '../../../support/document-node.js';
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
