import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { CoscribeError } from '../../../shared/errors.js';
import { decodeUpdateList } from '../../../shared/frames.js';
import { told } from '../../support/collect-log.js';
import { documentNode, inlineCrdt, NOTES, Person } from '../../support/document-node.js';
import { settle } from '../../support/manual-clock.js';

const DIFF_AT = 1_000;

type Node = ReturnType<typeof documentNode>;

/** A copy of everything that Ann has, under a clientID of its own. */
function copyOf(ann: Person): Person {
  const copy = new Person();
  Y.applyUpdate(copy.doc, Y.encodeStateAsUpdate(ann.doc));
  return copy;
}

/** A document with a snapshot, after which the log goes on. */
async function grown({ documents, clock }: Node, typed = 510): Promise<Person> {
  const ann = new Person();
  await ann.join(documents);
  clock.advance(10_000);
  for (let n = 0; n < typed; n++) await ann.type(`${n} `);
  await settle();
  return ann;
}

const comesBack = (person: Person) => ({ stateVector: Y.encodeStateVector(person.doc) });

describe('a copy that the log does not reach', () => {
  test('[SYNC5] gets what it lacks of the snapshot, and the tail; each copy what it lacks itself', async () => {
    const node = documentNode({ diffAtBytes: DIFF_AT });
    const ann = await grown(node, 0);
    const half = await typeOn(ann, 260).then(() => copyOf(ann));
    const most = await typeOn(ann, 200).then(() => copyOf(ann));
    await typeOn(ann, 50);
    const { state } = (await node.store.readSnapshot(NOTES)) ?? { state: new Uint8Array() };
    expect(state.length).toBeGreaterThan(DIFF_AT);
    const sizes: number[] = [];
    for (const person of [most, half]) {
      const { content } = await person.join(node.documents, comesBack(person));
      const updates = decodeUpdateList(content);
      expect(updates).toHaveLength(11);
      sizes.push(updates[0]?.length ?? 0);
      expect(person.text).toBe(ann.text);
      expect(Y.encodeStateVector(person.doc)).toEqual(Y.encodeStateVector(ann.doc));
    }
    expect(sizes[0]).toBeGreaterThan(0);
    expect(sizes[0]).toBeLessThan(sizes[1] ?? 0);
    expect(sizes[1]).toBeLessThan(state.length / 2);
  });

  test('[SYNC5] a number from before the log began does not help, a state vector does', async () => {
    const node = documentNode({ diffAtBytes: DIFF_AT });
    const ann = await grown(node, 3);
    const away = copyOf(ann);
    const { generation } = await away.join(node.documents);
    away.session.leave();
    for (let round = 0; round < 4; round++) {
      node.clock.advance(10_000);
      await typeOn(ann, 500);
    }
    const nearly = copyOf(ann);
    const whole = await away.join(node.documents, { generation, seq: 3, ...comesBack(away) });
    const part = await nearly.join(node.documents, { generation, seq: 3, ...comesBack(nearly) });
    expect(part.content.length).toBeLessThan(whole.content.length / 2);
    expect(away.text).toBe(ann.text);
    expect(nearly.text).toBe(ann.text);
  });

  test('[SYNC6] gets the whole document if the difference fails, saves little, or the document is small', async () => {
    for (const crdt of [
      { ...inlineCrdt, diff: () => Promise.reject(new CoscribeError('internal', 'busy')) },
      { ...inlineCrdt, diff: () => Promise.resolve(undefined) },
    ]) {
      const node = documentNode({ diffAtBytes: DIFF_AT, crdt });
      const ann = await grown(node);
      const copy = copyOf(ann);
      const { content } = await copy.join(node.documents, comesBack(copy));
      expect(content).toEqual((await new Person().join(node.documents)).content);
      expect(told(node.log)).toEqual([]);
    }
    const small = documentNode({ crdt: { ...inlineCrdt, diff: () => Promise.reject(new Error('asked')) } });
    const copy = copyOf(await grown(small));
    await copy.join(small.documents, comesBack(copy));
    expect(told(small.log)).toEqual([]);
  });

  test('[SYNC5] a compaction that ends during the comparison leaves no hole', async () => {
    let compare = (): void => {};
    const node = documentNode({
      diffAtBytes: DIFF_AT,
      crdt: {
        ...inlineCrdt,
        diff: async (state, vector) => {
          await new Promise<void>((resolve) => {
            compare = resolve;
          });
          return inlineCrdt.diff(state, vector);
        },
      },
    });
    const ann = await grown(node);
    const copy = copyOf(ann);
    const joining = copy.join(node.documents, comesBack(copy));
    await settle();
    node.clock.advance(10_000);
    await typeOn(ann, 520);
    compare();
    await settle();
    compare();
    await joining;
    copy.catchUp();
    expect(copy.text).toBe(ann.text);
  });
});

describe('what a join costs', () => {
  test('[SYNC7] a client that missed a hundred edits is given a hundred rows, without a look at the snapshot', async () => {
    const { documents, store, clock } = documentNode();
    const ann = new Person();
    const { generation } = await ann.join(documents);
    await typeOn(ann, 460);
    const copy = copyOf(ann);
    await typeOn(ann, 100);
    expect((await store.readSnapshot(NOTES))?.seq).toBe(500);
    ann.session.leave();
    clock.advance(1_000);
    await settle();
    store.snapshotReads = 0;
    const { content } = await copy.join(documents, { generation, seq: 460, ...comesBack(copy) });
    expect(decodeUpdateList(content)).toHaveLength(100);
    expect(store.snapshotReads).toBe(0);
    expect(copy.text).toBe(ann.text);
  });

  test('[SYNC8] fifty who open a document at once are sent the same bytes', async () => {
    const node = documentNode();
    await grown(node, 1_000);
    const people = Array.from({ length: 50 }, () => new Person());
    const answers = await Promise.all(people.map((person) => person.join(node.documents)));
    expect(new Set(answers.map(({ content }) => content)).size).toBe(1);
    expect(new Set(people.map(({ text }) => text)).size).toBe(1);
  });

  test('[SYNC8] whoever comes after the next edit, or much later, is sent others', async () => {
    const node = documentNode();
    const ann = await grown(node, 1_000);
    const answers = [await new Person().join(node.documents)];
    node.clock.advance(1_100);
    answers.push(await new Person().join(node.documents));
    await ann.type('more');
    const late = new Person();
    answers.push(await late.join(node.documents));
    expect(new Set(answers.map(({ content }) => content)).size).toBe(3);
    expect(late.text).toBe(ann.text);
    // Whoever has everything up to the snapshot needs the tail alone.
    const seq = (await node.store.readSnapshot(NOTES))?.seq ?? 0;
    const { content } = await copyOf(ann).join(node.documents, { generation: 'generation-1', seq });
    expect(content.length).toBeLessThan(answers[2]?.content.length ?? 0);
  });
});

async function typeOn(person: Person, times: number): Promise<void> {
  for (let n = 0; n < times; n++) await person.type(`${n} `);
  await settle();
}
