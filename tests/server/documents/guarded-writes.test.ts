import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { WriteGuard } from '../../../server/documents/write-guard.js';
import type { AppendBatch, AppendResult } from '../../../server/storage/store.js';
import { DocumentIndex } from '../../../shared/document-index.js';
import { CoscribeError } from '../../../shared/errors.js';
import type { UpdateKind } from '../../../shared/protocol.js';
import { BusHub } from '../../support/bus-hub.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

type Node = ReturnType<typeof documentNode>;

let people = 0;
async function inside({ documents }: Node): Promise<Person> {
  const person = new Person(`a secret of 16 characters, number ${++people}`);
  await person.join(documents);
  return person;
}

/** What becomes of updates with a guard: the last one's number, or the code of the refusal. */
async function guarded(
  { session }: Person,
  updates: readonly Uint8Array[],
  guard: WriteGuard,
  kind: UpdateKind = 'live',
): Promise<number | string> {
  const outcome = await new Promise<number | CoscribeError>((resolve) => {
    session.submitGuarded(updates, kind, guard, resolve);
  });
  return outcome instanceof CoscribeError ? outcome.code : outcome;
}

const words = (person: Person, text: string) => person.edit((shared) => shared.insert(shared.length, text));

async function whereIs({ store }: Node, seq?: number): Promise<Required<WriteGuard>['after']> {
  const { generation, head } = await store.open(NOTES, 1);
  return { generation, seq: seq ?? head };
}

const receipt = (key: string) => ({ receipt: { key, digest: 'd' } });

/** A store that may not answer, whether it has stored anything or not. */
class SilentStore extends GatedStore {
  /** How many appends are stored and then not answered. */
  unanswered = 0;
  /** What happens after such an append. */
  meanwhile: (() => Promise<unknown>) | undefined;

  override async append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    const results = await super.append(batches);
    if (this.unanswered === 0) return results;
    this.unanswered--;
    await this.meanwhile?.();
    throw new CoscribeError('store-unavailable', 'the answer was lost');
  }
}

/** Of what everybody can go on, nobody is told anything. */
function expectUndisturbed({ log }: Node, ...all: readonly Person[]): void {
  for (const { transport } of all) expect([transport.closed, transport.resyncs]).toEqual([[], []]);
  expect(log.entries.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
}

describe('edits with a guard', () => {
  test('[GUARD4] are made where the document is as it was, and refused at once where it is not', async () => {
    const node = documentNode();
    const { store } = node;
    const [ann, bob] = [await inside(node), await inside(node)];
    await ann.type('one ');
    bob.catchUp();
    const { appends } = store;
    const here = await whereIs(node);
    for (const after of [
      { ...here, seq: 0 },
      { ...here, seq: 2 },
      { ...here, generation: 'another' },
    ]) {
      const script = await inside(node);
      expect(await guarded(script, [words(script, 'no')], { after })).toBe('precondition-failed');
    }
    expect(store.appends).toBe(appends);
    expect(await guarded(bob, [words(bob, 'two ')], { after: here })).toBe(2);
    expect(await bob.type('three')).toBe(3);
    ann.catchUp();
    expect(ann.text).toBe('one two three');
    expect(bob.transport.frames).toEqual([]);
    expectUndisturbed(node, ann, bob);
  });

  test('[GUARD4] are refused while something else is under way, which may come before them', async () => {
    const node = documentNode();
    const [ann, script, other] = [await inside(node), await inside(node), await inside(node)];
    const after = await whereIs(node);
    node.store.hold();
    const typed = ann.type('one');
    expect(await guarded(script, [words(script, 'no')], { after })).toBe('precondition-failed');
    // A receipt depends on nothing before it.
    const made = guarded(other, [words(other, 'two')], receipt('k'));
    node.store.release();
    expect([await typed, await made]).toEqual([1, 2]);
    expectUndisturbed(node, ann);
  });

  test('[GUARD4] are refused as any other edit is', async () => {
    const node = documentNode();
    const script = await inside(node);
    const viewer = new Person('a secret of 16 characters, a viewer', {
      grant: { identity: {}, role: 'viewer' },
      revision: 0,
      at: 0,
    });
    await viewer.join(node.documents);
    expect(await guarded(viewer, [words(viewer, 'no')], {})).toBe('read-only');
    expect(await guarded(script, [Uint8Array.of(1, 2, 3)], {})).toBe('invalid-update');
    expect(await guarded(script, [], receipt('k'))).toBe('bad-request');
    const update = words(script, 'x');
    script.session.leave();
    expect(await guarded(script, [update], {})).toBe('not-joined');
    expect((await whereIs(node)).seq).toBe(0);
  });

  test('[GUARD4] in several parts, each of which builds on those before it, are one batch or none', async () => {
    const node = documentNode();
    const [ann, script] = [await inside(node), await inside(node)];
    const batches: number[] = [];
    const { store } = node;
    const { append } = GatedStore.prototype;
    store.append = (given) => {
      batches.push(...given.map(({ rows }) => rows.length));
      return append.call(store, given);
    };
    const parts = ['a', 'b', 'c'].map((letter) => words(script, letter));
    expect(await guarded(script, [...parts, Uint8Array.of(9)], {})).toBe('invalid-update');
    expect(await guarded(script, parts, { after: await whereIs(node), ...receipt('k') })).toBe(3);
    expect(batches).toEqual([3]);
    expect(await store.readReceipt('k')).toMatchObject({ seq: 3, document: NOTES });
    ann.catchUp();
    expect(ann.text).toBe('abc');
    expect(await script.type('d')).toBe(4);
  });

  test('[GUARD4] is told once what became of it, by the number of the last part', async () => {
    const node = documentNode();
    const script = await inside(node);
    const told: unknown[] = [];
    const parts = ['a', 'b'].map((letter) => words(script, letter));
    script.session.submitGuarded(parts, 'live', {}, (outcome) => told.push(outcome));
    await settle();
    expect(told).toEqual([2]);
  });

  test('[GUARD5] what comes while one is under way is taken at once, and saved behind it in order', async () => {
    const node = documentNode();
    const { store } = node;
    const [ann, bob, script] = [await inside(node), await inside(node), await inside(node)];
    const last = await inside(node);
    store.hold();
    const answers = [
      ann.type('1'),
      guarded(script, [words(script, '2')], receipt('k')),
      bob.type('3'),
      ann.type('4'),
      guarded(last, [words(last, '5')], receipt('k')),
      bob.type('6'),
    ];
    await settle();
    store.release();
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 'request-under-way', 5]);
    const rows = await store.readLog(NOTES, 0, 9);
    const clients = [ann, script, bob, ann, bob].map(({ doc }) => doc.clientID);
    expect(rows.map(({ clientId }) => clientId)).toEqual(clients);
    for (const person of [ann, bob]) person.catchUp();
    expect([...ann.text].sort().join('')).toBe('12346');
    expect(bob.text).toBe(ann.text);
    expectUndisturbed(node, ann, bob);
    // Who joins gets all of it.
    expect((await inside(node)).text).toBe(ann.text);
  });

  test('[GUARD5] one that another node was quicker than harms nobody, and what was missed is fetched', async () => {
    const hub = new BusHub();
    const [store, clock] = [new GatedStore(), new ManualClock()];
    const [a, b] = ['a', 'b'].map((name) => documentNode({ bus: hub.node(name), store, clock })) as [
      Node,
      Node,
    ];
    const [ann, bob, script] = [await inside(a), await inside(b), await inside(b)];
    const after = await whereIs(b);
    hub.arrives = () => false;
    expect(await ann.type('from a ')).toBe(1);
    const refused = guarded(script, [words(script, 'no')], { after });
    const typed = bob.type('from b');
    expect([await refused, await typed]).toEqual(['precondition-failed', 2]);
    await settle();
    clock.advance(100);
    await settle();
    bob.catchUp();
    expect([...bob.text].sort()).toEqual([...'from a from b'].sort());
    expectUndisturbed(b, bob, script);
    expect(b.documents.openCount).toBe(1);
  });

  test('[GUARD2] [GUARD5] one whose receipt is there already is not made again, and the receipt says where it is', async () => {
    const node = documentNode();
    const [ann, script, again] = [await inside(node), await inside(node), await inside(node)];
    expect(await guarded(script, [words(script, 'once')], receipt('k'))).toBe(1);
    expect(await guarded(again, [words(again, 'twice')], receipt('k'))).toBe('request-under-way');
    expect(await node.store.readReceipt('k')).toMatchObject({ seq: 1, digest: 'd' });
    ann.catchUp();
    expect(ann.text).toBe('once');
    expectUndisturbed(node, ann, again);
  });

  test('[GUARD6] one that was stored though nobody said so is found in the log, and not refused for that', async () => {
    const store = new SilentStore();
    const node = documentNode({ store });
    const [ann, script] = [await inside(node), await inside(node)];
    store.unanswered = 2;
    const made = guarded(
      script,
      ['a', 'b'].map((letter) => words(script, letter)),
      {
        after: await whereIs(node),
      },
    );
    await settle();
    for (let n = 0; n < 3; n++) {
      node.clock.advance(1_000);
      await settle();
    }
    expect(await made).toBe(2);
    expect(await ann.type('c')).toBe(3);
    ann.catchUp();
    expect([...ann.text].sort().join('')).toBe('abc');
    expect((await whereIs(node)).seq).toBe(3);
    expect(ann.transport.resyncs).toEqual([]);
  });

  test('[GUARD6] one that was stored with its receipt is told by that, and is shown to everybody', async () => {
    const store = new SilentStore();
    const node = documentNode({ store });
    const [ann, script] = [await inside(node), await inside(node)];
    store.unanswered = 1;
    const made = guarded(script, [words(script, 'once')], { after: await whereIs(node), ...receipt('k') });
    await settle();
    node.clock.advance(1_000);
    await settle();
    expect(await made).toBe('request-under-way');
    expect((await store.readReceipt('k'))?.seq).toBe(1);
    node.clock.advance(100);
    await settle();
    ann.catchUp();
    expect(ann.text).toBe('once');
    expect([ann.transport.closed, ann.transport.resyncs]).toEqual([[], []]);
  });

  test('[GUARD6] one that was not stored is refused when something else is in its place by then', async () => {
    const store = new SilentStore();
    const node = documentNode({ store });
    const script = await inside(node);
    const { generation, seq } = await whereIs(node);
    const { append } = GatedStore.prototype;
    const foreign = { update: words(new Person(), 'theirs'), clientId: 5, author: 'eve' };
    let isFirst = true;
    store.append = async (batches) => {
      if (!isFirst) return append.call(store, batches);
      isFirst = false;
      await append.call(store, [{ id: NOTES, generation, committedAt: 1, rows: [foreign] }]);
      throw new CoscribeError('store-unavailable', 'it was not reached');
    };
    const made = guarded(script, [words(script, 'no')], { after: { generation, seq } });
    await settle();
    node.clock.advance(1_000);
    await settle();
    expect(await made).toBe('precondition-failed');
    expect((await store.readLog(NOTES, 0, 9)).map(({ author }) => author)).toEqual(['eve']);
  });

  test('[GUARD6] it is told that nobody knows when the log does not reach back that far', async () => {
    const store = new SilentStore();
    const node = documentNode({ store });
    const script = await inside(node);
    const { generation, seq } = await whereIs(node);
    store.unanswered = 1;
    store.meanwhile = () => {
      const state = Y.encodeStateAsUpdate(script.doc);
      const index = DocumentIndex.ofState(state).encode();
      return store.writeSnapshot(NOTES, generation, { seq: 1, state, index }, 1);
    };
    const made = guarded(script, [words(script, 'maybe')], { after: { generation, seq } });
    await settle();
    node.clock.advance(1_000);
    await settle();
    expect(await made).toBe('store-unavailable');
    // The document is loaded again.
    const ann = await inside(node);
    expect(await ann.type('x')).toBe(2);
  });
});
