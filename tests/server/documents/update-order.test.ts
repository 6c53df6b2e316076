import { describe, expect, test } from '@jest/globals';
import { CoscribeError } from '../../../shared/errors.js';
import { decodeUpdateList } from '../../../shared/frames.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { settle } from '../../support/manual-clock.js';

const unavailable = new CoscribeError('store-unavailable');

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

  test('[LOG6] a crowded document commits and sends a frame per while, a quiet one at once', async () => {
    const { documents, clock, store } = documentNode();
    const people = Array.from({ length: 200 }, () => new Person());
    for (const person of people) await person.join(documents);
    const [ann, bob] = [people[0], people[1]] as [Person, Person];
    await ann.type('at once');
    await settle();
    expect(bob.transport.frames).toHaveLength(1);
    const answers = Array.from({ length: 5 }, () => ann.type('soon'));
    await settle();
    expect(bob.transport.frames).toHaveLength(1);
    expect(store.appends).toBe(1);
    // 200 sessions at 20 µs each.
    clock.advance(4);
    expect(await Promise.all(answers)).toEqual([2, 3, 4, 5, 6]);
    expect(store.appends).toBe(2);
    expect(bob.transport.frames).toHaveLength(2);
    expect(bob.transport.frames[1]?.updates).toHaveLength(5);
  });

  test('[LOG6] whoever joins a crowded document, and a stop, does not wait for its next frame', async () => {
    const { documents } = documentNode();
    const people = Array.from({ length: 200 }, () => new Person());
    for (const person of people) await person.join(documents);
    const [ann] = people as [Person];
    await ann.type('at once');
    const answers = [ann.type('soon')];
    const late = new Person();
    await late.join(documents);
    expect(late.text).toContain('soon');
    answers.push(ann.type('sooner'));
    await documents.stop();
    expect(await Promise.all(answers)).toEqual([2, 3]);
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
