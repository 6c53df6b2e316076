import { randomInt } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { DeltaOperation } from '../../../server/copies/copies.js';
import type { Snapshot } from '../../../server/storage/store.js';
import { compactUpdates } from '../../../server/workers/compact-updates.js';
import { encodeUpdateList } from '../../../shared/frames.js';
import { DeltaText } from '../../support/apply-delta.js';
import { BusHub } from '../../support/bus-hub.js';
import { copiedNode, following } from '../../support/copied-node.js';
import { NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

const TEXT = { as: 'text', root: 'text' } as const;

async function inside(node: Pick<ReturnType<typeof copiedNode>, 'documents'>): Promise<Person> {
  const person = new Person(`a secret of 16 characters ${randomInt(2 ** 31)}`);
  await person.join(node.documents);
  return person;
}

/** The rows up to `seq`, merged. */
async function snapshotOf(store: GatedStore, seq: number): Promise<Snapshot> {
  const rows = await store.readLog(NOTES, 0, seq);
  const since = encodeUpdateList(rows.map(({ update }) => update));
  return { seq, ...compactUpdates({ state: undefined, since }) };
}

describe('following a document', () => {
  test('[COPY8] tells what each batch has done to a text, and nothing of what has not to do with it', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    await ann.type('Hello');
    const { shown, seq, changes, ended, stop, look } = await following(node.copies, TEXT);
    expect([shown, seq]).toEqual([{ text: 'Hello' }, 1]);
    await ann.submit(ann.edit(() => ann.doc.getMap('other').set('a', 1)));
    await ann.type(' you');
    await settle();
    expect(changes).toEqual([{ from: 2, seq: 3, json: '[{"retain":5},{"insert":" you"}]' }]);
    const looked = await look();
    expect([looked.seq, JSON.parse(Buffer.from(looked.body).toString())]).toEqual([3, { text: 'Hello you' }]);
    stop();
    await ann.type('!');
    await settle();
    expect([changes.length, ended.length]).toEqual([1, 0]);
  });

  test('[COPY8] begins when there is something in the root, and ends if that is no text', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    const [first, second] = [
      await following(node.copies, TEXT),
      await following(node.copies, { as: 'text', root: 'b' }),
    ];
    await ann.type('now');
    await ann.submit(ann.edit(() => ann.doc.getArray('b').push([1])));
    await settle();
    expect(first.changes.map(({ json }) => json)).toEqual(['[{"insert":"now"}]']);
    expect(second.ended).toMatchObject([{ code: 'wrong-type' }]);
    expect(first.ended).toEqual([]);
    await expect(following(node.copies, { as: 'text', root: 'b' })).rejects.toMatchObject({
      code: 'wrong-type',
    });
  });

  test('[COPY9] tells what has come, gone and changed as JSON patches, below one root or all of them', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    const [all, one] = [
      await following(node.copies, { as: 'json' }),
      await following(node.copies, { as: 'json', root: 'm' }),
    ];
    expect([all.shown, one.shown]).toEqual([{}, null]);
    const map = ann.doc.getMap('m');
    for (const step of [() => map.set('a/b', [1]), () => map.set('a/b', 2), () => map.delete('a/b')])
      await ann.submit(ann.edit(step));
    await settle();
    const told = ({ changes }: typeof all) => changes.map(({ json }) => JSON.parse(json));
    expect(told(all)).toEqual([
      [{ op: 'add', path: '/m', value: { 'a/b': [1] } }],
      [{ op: 'replace', path: '/m/a~1b', value: 2 }],
      [{ op: 'remove', path: '/m' }],
    ]);
    expect(told(one)).toEqual([
      [{ op: 'replace', path: '', value: { 'a/b': [1] } }],
      [{ op: 'replace', path: '/a~1b', value: 2 }],
      [{ op: 'replace', path: '', value: null }],
    ]);
  });

  test('[COPY10] knows what the rows in the log have done, so that who comes to another node hears what he has missed', async () => {
    const [store, clock, hub] = [new GatedStore(), new ManualClock(), new BusHub()];
    const a = copiedNode({ store, clock, bus: hub.node('a') });
    const ann = await inside(a);
    const before = await following(a.copies, TEXT);
    for (const word of ['one ', 'two ', 'three ']) await ann.type(word);
    await settle();
    const b = copiedNode({ store, clock, bus: hub.node('b') });
    const after = await following(b.copies, TEXT);
    expect(after.since).toBe(0);
    expect(after.before).toEqual(before.changes);
    const whole = new DeltaText();
    for (const { json } of after.before) whole.apply(JSON.parse(json) as DeltaOperation[]);
    expect(whole.show()).toEqual(new DeltaText([{ insert: 'one two three ' }]).show());
    // Of what was merged into a snapshot nobody knows.
    await store.writeSnapshot(NOTES, before.generation, await snapshotOf(store, 2), 2);
    const c = copiedNode({ store, clock, bus: hub.node('c') });
    const late = await following(c.copies, TEXT);
    expect([late.since, late.before.length]).toEqual([2, 1]);
  });
});
