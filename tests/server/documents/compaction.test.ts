import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { CompactionJob } from '../../../server/workers/crdt-work.js';
import { CoscribeError } from '../../../shared/errors.js';
import { decodeUpdateList } from '../../../shared/frames.js';
import { documentNode, inlineCrdt, NOTES, Person } from '../../support/document-node.js';
import { settle } from '../../support/manual-clock.js';

async function typeMany(person: Person, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await person.type(String(n % 10));
}

describe('compaction', () => {
  test('[LOG10] a long log becomes a snapshot, and a fresh client is given that and what came after', async () => {
    const { documents, store } = documentNode();
    const ann = new Person();
    await ann.join(documents);
    await typeMany(ann, 510);
    await settle();
    const snapshot = await store.readSnapshot(NOTES);
    expect(snapshot?.seq).toBe(500);
    const bob = new Person();
    const { content } = await bob.join(documents);
    expect(decodeUpdateList(content)).toHaveLength(11);
    expect(bob.text).toBe(ann.text);
  });

  test('[LOG10] a log that became long too soon after the last snapshot is merged later, without another edit', async () => {
    const { documents, store, clock } = documentNode();
    const ann = new Person();
    await ann.join(documents);
    await typeMany(ann, 1_100);
    await settle();
    expect((await store.readSnapshot(NOTES))?.seq).toBe(500);
    clock.advance(5_000);
    await settle();
    expect((await store.readSnapshot(NOTES))?.seq).toBe(1_100);
  });

  test('[LOG10] a document with few large edits is merged when it is put away, and a long log when it is opened', async () => {
    const { documents, store, clock } = documentNode();
    const ann = new Person();
    await ann.join(documents);
    for (let n = 0; n < 4; n++) await ann.type('x'.repeat(9_000));
    ann.session.leave();
    clock.advance(1_000);
    await settle();
    expect((await store.readSnapshot(NOTES))?.seq).toBe(4);
    const { generation } = await store.open(NOTES, 0);
    const doc = new Y.Doc();
    const rows = Array.from({ length: 500 }, () => {
      const before = Y.encodeStateVector(doc);
      doc.getText('text').insert(0, 'y');
      return { update: Y.encodeStateAsUpdate(doc, before), clientId: doc.clientID, author: 'ann' };
    });
    await store.append([{ id: NOTES, generation, rows, committedAt: 0 }]);
    await new Person().join(documents);
    await settle();
    expect((await store.readSnapshot(NOTES))?.seq).toBe(504);
  });

  test('[LOG11] the log is trimmed behind the snapshot, and keeps enough for whoever was away for a while', async () => {
    const { documents, store, clock } = documentNode();
    const ann = new Person();
    const { generation } = await ann.join(documents);
    for (let round = 0; round < 4; round++) {
      clock.advance(10_000);
      await typeMany(ann, 500);
      await settle();
    }
    const { firstRow, snapshotSeq, head } = await store.open(NOTES, 0);
    expect(head).toBe(2_000);
    expect(snapshotSeq).toBeGreaterThan(1_400);
    expect(firstRow).toBe(snapshotSeq - 1_000 + 1);
    const away = new Person();
    const recent = await away.join(documents, { generation, seq: firstRow - 1 });
    expect(decodeUpdateList(recent.content)).toHaveLength(head - firstRow + 1);
    const longAway = new Person();
    const whole = await longAway.join(documents, { generation, seq: 3 });
    expect(decodeUpdateList(whole.content)).toHaveLength(head - snapshotSeq + 1);
    expect(longAway.text).toBe(ann.text);
  });

  test('[LOG12] a compaction that fails leaves the log as it is, and the document goes on', async () => {
    const crdt = {
      ...inlineCrdt,
      compact: () => Promise.reject(new CoscribeError('internal', 'no worker')),
    };
    const { documents, store, log } = documentNode({ crdt });
    const ann = new Person();
    await ann.join(documents);
    await typeMany(ann, 600);
    expect(await store.readSnapshot(NOTES)).toBeUndefined();
    expect(log.entries.filter(({ level }) => level === 'warn')).toHaveLength(1);
    const bob = new Person();
    await bob.join(documents);
    expect(bob.text).toBe(ann.text);
  });

  test('[LOG13] a join during a compaction gets everything', async () => {
    let finish = (): void => {};
    const crdt = {
      ...inlineCrdt,
      compact: async (job: CompactionJob) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return inlineCrdt.compact(job);
      },
    };
    const { documents } = documentNode({ crdt });
    const ann = new Person();
    await ann.join(documents);
    await typeMany(ann, 520);
    const [before, during] = [new Person(), new Person()];
    await before.join(documents);
    finish();
    const joining = during.join(documents);
    await typeMany(ann, 20);
    await joining;
    await settle();
    for (const person of [before, during]) {
      person.catchUp();
      expect(person.text).toBe(ann.text);
    }
  });

  test('[LOG14] fifty who open a document at once cost one read of its snapshot', async () => {
    const { documents, store, clock } = documentNode();
    const ann = new Person();
    await ann.join(documents);
    await typeMany(ann, 510);
    ann.session.leave();
    clock.advance(1_000);
    await settle();
    store.snapshotReads = 0;
    const people = Array.from({ length: 50 }, () => new Person());
    await Promise.all(people.map((person) => person.join(documents)));
    expect(store.snapshotReads).toBe(1);
    expect(people.every(({ text }) => text === ann.text)).toBe(true);
  });

  test('[LOG15] hundreds of sessions that each typed and deleted one character leave little behind', async () => {
    const { documents, store, clock } = documentNode();
    for (let n = 0; n < 280; n++) {
      const person = new Person(`the secret of person ${n}`);
      await person.join(documents);
      await person.type('x');
      await person.submit(person.edit((text) => text.delete(0, 1)));
      person.session.leave();
      clock.advance(100);
    }
    await settle();
    const snapshot = await store.readSnapshot(NOTES);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, snapshot?.state ?? new Uint8Array());
    expect(doc.getText('text').toString()).toBe('');
    expect((snapshot?.state.length ?? 0) / (snapshot?.seq ?? 1)).toBeLessThan(15);
  });
});
