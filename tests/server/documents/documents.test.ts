import { describe, expect, test } from '@jest/globals';
import { CoscribeError } from '../../../shared/errors.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { documentNode, Person } from '../../support/document-node.js';
import { settle } from '../../support/manual-clock.js';

const unavailable = new CoscribeError('store-unavailable');

describe('opening and putting away', () => {
  test('[LIFE2] many who open a document at once share one load', async () => {
    const { documents, store } = documentNode();
    store.hold();
    const people = Array.from({ length: 20 }, () => new Person());
    const joins = people.map((person) => person.join(documents));
    await settle();
    store.release();
    await Promise.all(joins);
    expect(store.opens).toBe(1);
    expect(documents.openCount).toBe(1);
  });

  test('[LIFE3] a load that failed is no empty document: it is refused, and loaded anew for the next one', async () => {
    const { documents, store } = documentNode();
    const ann = new Person();
    await ann.join(documents);
    await ann.type('precious');
    await documents.stop();

    const node = documentNode();
    node.store.openError = unavailable;
    await expect(new Person().join(node.documents)).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(node.documents.openCount).toBe(0);
    node.store.openError = undefined;
    await expect(new Person().join(node.documents)).resolves.toMatchObject({ head: 0 });
    expect(node.store.opens).toBe(2);
    expect(store.opens).toBe(1);
  });

  test('[LIFE4] a document without sessions is put away after its time, and not before', async () => {
    const { documents, clock } = documentNode();
    const ann = new Person();
    await ann.join(documents);
    ann.session.leave();
    clock.advance(999);
    await settle();
    expect(documents.openCount).toBe(1);
    clock.advance(1);
    await settle();
    expect(documents.openCount).toBe(0);
  });

  test('[LIFE4] somebody who comes back in time keeps it loaded', async () => {
    const { documents, clock, store } = documentNode();
    const ann = new Person();
    await ann.join(documents);
    ann.session.leave();
    clock.advance(900);
    await new Person().join(documents);
    clock.advance(5_000);
    await settle();
    expect(documents.openCount).toBe(1);
    expect(store.opens).toBe(1);
  });

  test('[LIFE5] who opens a document that is being put away waits, and gets it with everything', async () => {
    const { documents, clock, store } = documentNode();
    const ann = new Person();
    await ann.join(documents);
    store.hold();
    const saved = ann.type('last words');
    await settle();
    ann.session.leave();
    clock.advance(1_000);
    const bob = new Person();
    const joined = bob.join(documents);
    await settle();
    expect(store.opens).toBe(1);
    store.release();
    await joined;
    expect(await saved).toBe(1);
    expect(store.opens).toBe(2);
    expect(bob.text).toBe('last words');
  });
});

describe('stopping', () => {
  test('[LIFE6] a stop refuses joins and edits, saves what is under way, and sends everybody away for a random while', async () => {
    const { documents, store } = documentNode();
    const [ann, bob] = [new Person(), new Person()];
    await ann.join(documents);
    await bob.join(documents);
    store.hold();
    const saved = ann.type('under way');
    await settle();
    const stopped = documents.stop();
    await expect(new Person().join(documents)).rejects.toMatchObject({ code: 'shutting-down' });
    await settle();
    expect(await ann.type(' too late')).toMatchObject({ code: 'shutting-down' });
    store.release();
    await stopped;
    expect(await saved).toBe(1);
    expect(bob.transport.frames).toHaveLength(1);
    expect(bob.transport.closed).toEqual([
      { reason: expect.objectContaining({ code: 'shutting-down' }), reconnectAfterMs: 2_500 },
    ]);
  });

  test('[MEM2] a document in which nothing happens has no timer, and all that nobody has open share one', async () => {
    const { documents, clock } = documentNode();
    const people = Array.from({ length: 20 }, () => new Person());
    for (const [n, person] of people.entries()) {
      await person.join(documents, {}, parseDocumentId(`acme/doc-${n >> 1}`));
      person.session.submitAwareness(new Uint8Array(3));
      await person.type('hello');
    }
    clock.advance(60);
    // Of the check that follows once nothing has happened for a while, for all documents.
    expect(clock.pending).toBe(1);
    clock.advance(9_940);
    await settle();
    expect(clock.pending).toBe(0);
    for (const { session } of people) session.leave();
    clock.advance(60);
    expect(documents.openCount).toBe(10);
    expect(clock.pending).toBe(1);
    clock.advance(1_000);
    await settle();
    expect(documents.openCount).toBe(0);
    expect(clock.pending).toBe(0);
  });
});
