import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { decodeUpdateList } from '../../../shared/frames.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { settle } from '../../support/manual-clock.js';

describe('admission', () => {
  test('[SESS1] what a session may not do is refused to it alone', async () => {
    const { documents } = documentNode();
    const ann = new Person();
    await ann.join(documents);
    const viewer = new Person(undefined, {
      grant: { identity: {}, role: 'viewer' },
      revision: 0,
      at: 0,
    });
    await viewer.join(documents);
    const answer = await viewer.type('no');
    expect(answer).toMatchObject({ code: 'read-only' });
    expect(ann.transport.frames).toEqual([]);
  });

  test('[SESS2] a full document takes no more text, and still lets people delete', async () => {
    const { documents } = documentNode({ limits: { maxDocumentBytes: 2_000 } });
    const ann = new Person();
    await ann.join(documents);
    expect(await ann.type('x'.repeat(1_900))).toBe(1);
    // The log may hold more than the document: it is merged before the answer is final.
    const more = ann.edit((text) => text.insert(text.length, 'y'.repeat(200)));
    expect(await ann.submit(more)).toMatchObject({ code: 'document-busy', retryable: true });
    await settle();
    expect(await ann.submit(more)).toMatchObject({ code: 'document-too-large', retryable: false });
    expect(await ann.submit(ann.edit((text) => text.delete(0, 500)))).toBe(2);
  });

  test('[SESS2] a text that is rewritten again and again is not full because its log is long', async () => {
    const { documents, store } = documentNode({ limits: { maxDocumentBytes: 5_000 } });
    const ann = new Person();
    await ann.join(documents);
    let busy = 0;
    for (let n = 0; n < 30; n++) {
      const rewrite = ann.edit((text) => {
        text.delete(0, text.length);
        text.insert(0, String(n % 10).repeat(1_000));
      });
      while (typeof (await ann.submit(rewrite)) !== 'number') {
        busy++;
        await settle();
      }
    }
    expect(busy).toBeGreaterThan(0);
    expect(busy).toBeLessThan(30);
    expect((await store.readSnapshot(NOTES))?.state.length).toBeLessThan(3_000);
  });

  test('[SESS3] an update is copied: what the network does with its buffer afterwards changes nothing', async () => {
    const { documents, store } = documentNode();
    const [ann, bob] = [new Person(), new Person()];
    await ann.join(documents);
    await bob.join(documents);
    const update = ann.edit((text) => text.insert(0, 'kept'));
    const buffer = Buffer.concat([Buffer.from(update), Buffer.alloc(64)]);
    store.hold();
    const saved = ann.submit(buffer.subarray(0, update.length));
    buffer.fill(0xff);
    store.release();
    expect(await saved).toBe(1);
    await settle();
    bob.catchUp();
    expect(bob.text).toBe('kept');
  });
});

describe('clientIDs', () => {
  test('[SESS4] a clientID belongs to whoever wrote under it first, across restarts of the document', async () => {
    const { documents, clock } = documentNode();
    const ann = new Person();
    await ann.join(documents);
    await ann.type('mine');
    const thief = () =>
      new Person('another secret, not the same').join(documents, { clientId: ann.doc.clientID });
    await expect(thief()).rejects.toMatchObject({ code: 'client-id-in-use' });
    ann.session.leave();
    await expect(thief()).rejects.toMatchObject({ code: 'client-id-in-use' });
    clock.advance(2_000);
    await settle();
    await expect(thief()).rejects.toMatchObject({ code: 'client-id-in-use' });
    await expect(new Person().join(documents, { clientId: ann.doc.clientID })).resolves.toMatchObject({
      head: 1,
    });
  });

  test('[SESS5] the same client coming back takes the place of its old session', async () => {
    const { documents } = documentNode();
    const [ann, bob] = [new Person(), new Person()];
    await ann.join(documents);
    await bob.join(documents);
    const again = new Person();
    await again.join(documents, { clientId: ann.doc.clientID });
    expect(ann.transport.closed[0]?.reason.code).toBe('session-replaced');
    expect(ann.session.left).toBe(true);
    await bob.type('hi');
    await settle();
    expect(again.transport.frames).toHaveLength(1);
    expect(ann.transport.frames).toEqual([]);
  });
});

describe('what somebody else has typed', () => {
  test('[SESS8] nobody uses up the clocks of a client that is here, in a catch-up either', async () => {
    const { documents } = documentNode();
    const [victim, attacker] = [new Person(), new Person('another secret, not the same')];
    await victim.join(documents);
    await attacker.join(documents);
    await victim.type('a');
    const forged = new Y.Doc();
    forged.clientID = victim.doc.clientID;
    forged.getText('text').insert(0, 'xxxx');
    const update = Y.encodeStateAsUpdate(forged);
    expect(await attacker.submit(update, 'catch-up')).toMatchObject({ code: 'missing-dependencies' });
    expect(await victim.type('b')).toBe(2);
    await settle();
    attacker.catchUp();
    expect(attacker.text).toBe('ab');
  });
});

describe('slow sessions', () => {
  const FULL = 2 * 1024 * 1024;

  test('[SESS6] updates are dropped for a session that takes none, and it is told once when it has drained', async () => {
    const { documents, clock } = documentNode();
    const [ann, slow, bob] = [new Person(), new Person(), new Person()];
    for (const person of [ann, slow, bob]) await person.join(documents);
    slow.transport.queued = FULL;
    for (let n = 0; n < 10; n++) await ann.type('x');
    await settle();
    expect(slow.transport.frames).toEqual([]);
    expect(bob.transport.frames).toHaveLength(10);
    clock.advance(500);
    expect(slow.transport.resyncs).toEqual([]);
    slow.transport.queued = 0;
    clock.advance(250);
    expect(slow.transport.resyncs.map(({ code }) => code)).toEqual(['too-slow']);
    await ann.type('y');
    clock.advance(5_000);
    expect(slow.transport.resyncs).toHaveLength(1);
    expect(slow.transport.frames).toEqual([]);
    const { content } = await slow.joinAgain();
    expect(decodeUpdateList(content)).toHaveLength(11);
    await ann.type('z');
    await settle();
    expect(slow.transport.frames).toHaveLength(1);
  });

  test('[SESS7] a slow line gets there in the end, as long as it takes something', async () => {
    const { documents, clock } = documentNode();
    const [ann, slow] = [new Person(), new Person()];
    await ann.join(documents);
    await slow.join(documents);
    slow.transport.queued = FULL;
    await ann.type('x');
    await settle();
    for (let second = 0; second < 60; second++) {
      slow.transport.queued -= 20_000;
      clock.advance(1_000);
    }
    expect(slow.transport.closed).toEqual([]);
    slow.transport.queued = 0;
    clock.advance(250);
    expect(slow.transport.resyncs).toHaveLength(1);
  });

  test.each([
    ['too much waits for it', 5 * 1024 * 1024, 250],
    ['it takes nothing for too long', FULL, 10_000],
  ])('[SESS7] a session is closed when %s', async (_why, queued, afterMs) => {
    const { documents, clock } = documentNode();
    const [ann, slow] = [new Person(), new Person()];
    await ann.join(documents);
    await slow.join(documents);
    slow.transport.queued = queued;
    await ann.type('x');
    await settle();
    clock.advance(afterMs - 250);
    expect(slow.transport.closed).toEqual([]);
    clock.advance(250);
    expect(slow.transport.closed.map(({ reason }) => reason.code)).toEqual(['too-slow']);
    ann.session.leave();
    clock.advance(1_000);
    await settle();
    expect(clock.pending).toBe(0);
  });
});
