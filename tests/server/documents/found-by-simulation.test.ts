import { expect, test } from '@jest/globals';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { CoscribeError } from '../../../shared/errors.js';
import { documentNode, Person } from '../../support/document-node.js';
import { settle } from '../../support/manual-clock.js';

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
