import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { CoscribeError } from '../../../shared/errors.js';
import { decodeUpdateList } from '../../../shared/frames.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
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

describe('the order that loses nothing', () => {
  test('[LOG1] nothing is answered or shown to anybody before it is in the store', async () => {
    const { documents, store } = documentNode();
    const [ann, bob] = [new Person(), new Person()];
    await ann.join(documents);
    await bob.join(documents);
    store.hold();
    let answer: number | CoscribeError | undefined;
    void ann.type('hello').then((outcome) => {
      answer = outcome;
    });
    await settle();
    expect(store.appends).toBe(1);
    expect(answer).toBeUndefined();
    expect(bob.transport.frames).toEqual([]);
    store.release();
    await settle();
    expect(answer).toBe(1);
    bob.catchUp();
    expect(bob.text).toBe('hello');
  });

  test('[LOG2] what comes during a commit goes into the next one, of all documents together', async () => {
    const { documents, store } = documentNode();
    const people = Array.from({ length: 10 }, () => new Person());
    await Promise.all(
      people.map((person, n) => person.join(documents, {}, `acme/doc-${n % 3}` as typeof NOTES)),
    );
    store.hold();
    const first = people[0]?.type('first');
    await settle();
    const others = people.slice(1).map((person) => person.type('more'));
    await settle();
    expect(store.appends).toBe(1);
    store.release();
    expect(await first).toBe(1);
    const answers = await Promise.all(others);
    expect(answers.every((answer) => typeof answer === 'number')).toBe(true);
    expect(store.appends).toBe(2);
  });

  test('[LOG3] numbers follow each other without gaps in the order in which updates came', async () => {
    const { documents, store } = documentNode();
    const ann = new Person();
    await ann.join(documents);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => ann.type(`${n} `)));
    expect(answers).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    const rows = await store.readLog(NOTES, 0, 100);
    expect(rows.map(({ seq }) => seq)).toEqual(answers);
    expect(new Set(rows.map(({ author }) => author)).size).toBe(1);
    expect(rows.every(({ clientId }) => clientId === ann.doc.clientID)).toBe(true);
  });

  test('[SYNC1] a join waits for the commits under way', async () => {
    const { documents, store } = documentNode();
    const [ann, bob] = [new Person(), new Person()];
    await ann.join(documents);
    store.hold();
    const saved = ann.type('under way');
    await settle();
    let joined = false;
    const join = bob.join(documents).then(() => {
      joined = true;
    });
    await settle();
    expect(joined).toBe(false);
    store.release();
    await join;
    expect(await saved).toBe(1);
    expect(bob.text).toBe('under way');
  });

  test('[SYNC2] what is committed after the answer to a join reaches the joiner as a frame, without a hole', async () => {
    const { documents } = documentNode();
    const ann = new Person();
    await ann.join(documents);
    const typing = (async () => {
      for (let n = 0; n < 200; n++) await ann.type('x');
    })();
    const late = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        for (let turn = 0; turn < n; turn++) await settle();
        const person = new Person();
        const { head } = await person.join(documents);
        return { person, head };
      }),
    );
    await typing;
    await settle();
    for (const { person, head } of late) {
      const [first] = person.transport.frames;
      if (first !== undefined) expect(first.from).toBeLessThanOrEqual(head + 1);
      person.catchUp();
      expect(person.text).toBe(ann.text);
    }
  });

  test('[SYNC3] a client that names the last number it has gets only what came after', async () => {
    const { documents } = documentNode();
    const ann = new Person();
    const { generation } = await ann.join(documents);
    for (let n = 0; n < 10; n++) await ann.type(`${n}`);
    const bob = new Person();
    const joined = await bob.join(documents, { generation, seq: 7 });
    expect(joined.head).toBe(10);
    expect(decodeUpdateList(joined.content)).toHaveLength(3);
  });

  test('[SYNC4] a copy of another generation, or from beyond the end of the log, is refused', async () => {
    const { documents } = documentNode();
    const ann = new Person();
    const { generation } = await ann.join(documents);
    const other = new Person().join(documents, { generation: 'another', seq: 0 });
    await expect(other).rejects.toMatchObject({ code: 'generation-changed' });
    const beyond = new Person().join(documents, { generation, seq: 1 });
    await expect(beyond).rejects.toMatchObject({ code: 'generation-changed' });
  });
});

describe('frames', () => {
  test('[LOG4] a sender gets no frame for what only it has sent', async () => {
    const { documents } = documentNode();
    const [ann, bob] = [new Person(), new Person()];
    await ann.join(documents);
    await bob.join(documents);
    await ann.type('mine');
    await settle();
    expect(ann.transport.frames).toEqual([]);
    expect(bob.transport.frames).toHaveLength(1);
  });

  test('[LOG5] one frame carries a whole batch, to its senders too', async () => {
    const { documents, store } = documentNode();
    const people = [new Person(), new Person(), new Person()] as const;
    for (const person of people) await person.join(documents);
    store.hold();
    const first = people[0].type('1');
    await settle();
    const batch = [people[0].type('2'), people[1].type('3'), people[2].type('4')];
    await settle();
    store.release();
    await Promise.all([first, ...batch]);
    await settle();
    expect(people[0].transport.frames.map(({ updates }) => updates.length)).toEqual([3]);
    expect(people[1].transport.frames.map(({ updates }) => updates.length)).toEqual([1, 3]);
    for (const person of people) person.catchUp();
    expect(new Set(people.map(({ text }) => text)).size).toBe(1);
  });

  test('[LOG6] a crowded document sends a frame per while, a quiet one at once', async () => {
    const { documents, clock } = documentNode();
    const people = Array.from({ length: 200 }, () => new Person());
    for (const person of people) await person.join(documents);
    const [ann, bob] = [people[0], people[1]] as [Person, Person];
    await ann.type('at once');
    await settle();
    expect(bob.transport.frames).toHaveLength(1);
    for (let n = 0; n < 5; n++) await ann.type('soon');
    await settle();
    expect(bob.transport.frames).toHaveLength(1);
    // 200 sessions at 25 µs each.
    clock.advance(5);
    expect(bob.transport.frames).toHaveLength(2);
    expect(bob.transport.frames[1]?.updates).toHaveLength(5);
  });
});

describe('while the store cannot save', () => {
  test('[LOG7] nothing is answered, everybody is told, and all of it is saved when the store is back', async () => {
    const { documents, store, clock } = documentNode();
    const [ann, bob] = [new Person(), new Person()];
    await ann.join(documents);
    await bob.join(documents);
    store.appendError = unavailable;
    const saved = ann.type('keep me');
    await settle();
    expect(documents.saving).toBe(false);
    expect([ann.transport.saving, bob.transport.saving]).toEqual([[false], [false]]);
    for (let second = 0; second < 60; second++) {
      clock.advance(1_000);
      await settle();
    }
    expect(bob.transport.frames).toEqual([]);
    store.appendError = undefined;
    clock.advance(2_000);
    await settle();
    expect(await saved).toBe(1);
    expect(documents.saving).toBe(true);
    expect(ann.transport.saving).toEqual([false, true]);
    bob.catchUp();
    expect(bob.text).toBe('keep me');
  });

  test('[LOG8] what waits for the store is bounded; more is refused for now', async () => {
    const { documents, store } = documentNode({ limits: { maxPendingBytes: 1_000 } });
    const ann = new Person();
    await ann.join(documents);
    store.appendError = unavailable;
    const answers: (number | CoscribeError)[] = [];
    for (let n = 0; n < 30; n++)
      void ann.type('0123456789'.repeat(10)).then((answer) => answers.push(answer));
    await settle();
    expect(answers.length).toBeGreaterThan(15);
    expect(answers[0]).toMatchObject({ code: 'too-many-updates', retryable: true });
  });

  test('[LOG9] a log that cannot go on is closed to everybody and loaded again', async () => {
    const { documents, store, clock } = documentNode();
    const [ann, bob] = [new Person(), new Person()];
    await ann.join(documents);
    await bob.join(documents);
    await ann.type('saved');
    store.appendError = new CoscribeError('internal', 'the disk is odd');
    expect(await ann.type(' lost')).toMatchObject({ code: 'internal' });
    await settle();
    expect(bob.transport.closed).toHaveLength(1);
    expect(bob.transport.closed[0]?.reconnectAfterMs).toBeGreaterThanOrEqual(0);
    store.appendError = undefined;
    clock.advance(10);
    const carl = new Person();
    await carl.join(documents);
    expect(carl.text).toBe('saved');
    expect(store.opens).toBe(2);
  });
});

describe('admission', () => {
  test('[SESS1] what a session may not do is refused to it alone', async () => {
    const { documents } = documentNode();
    const ann = new Person();
    await ann.join(documents);
    const viewer = new Person(undefined, { role: 'viewer' });
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
    expect(clock.pending).toBe(0);
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
});
