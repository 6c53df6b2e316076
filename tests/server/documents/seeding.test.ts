import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { Hooks, LoadEvent, Seed } from '../../../server/hooks/hooks.js';
import type { AppendBatch, AppendResult } from '../../../server/storage/store.js';
import { CoscribeError } from '../../../shared/errors.js';
import { BusHub } from '../../support/bus-hub.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

const hello = (doc: Y.Doc): void => doc.getText('text').insert(0, 'Hello');

/** What somebody sees who opens the document now. */
async function shown({ documents }: Pick<ReturnType<typeof documentNode>, 'documents'>): Promise<string> {
  const person = new Person(`a secret of 16 characters ${Math.random()}`);
  await person.join(documents);
  return person.text;
}

function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing was refused',
    (error) => (error instanceof CoscribeError ? error.code : String(error)),
  );
}

function updateOf(fill: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc();
  fill(doc);
  return Y.encodeStateAsUpdate(doc);
}

/** A store that can lose the answer to an append that it has done. */
class ForgetfulStore extends GatedStore {
  loseAnswer = false;

  override async append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    const results = await super.append(batches);
    if (!this.loseAnswer) return results;
    this.loseAnswer = false;
    throw new CoscribeError('store-unavailable');
  }
}

/** Two nodes with one store, each of which is asked for a seed by `give`. */
function twoNodes(give: (event: LoadEvent, node: string) => Seed | undefined | Promise<Seed | undefined>) {
  const store = new ForgetfulStore();
  const clock = new ManualClock();
  const hub = new BusHub();
  const node = (name: string) =>
    documentNode({ store, clock, bus: hub.node(name), hooks: { onLoad: (event) => give(event, name) } });
  return { store, a: node('a'), b: node('b') };
}

describe('onLoad', () => {
  test('[HOOK1] is done before anybody gets in, and its function fills an empty document', async () => {
    let give = (_: Seed): void => {};
    const given = new Promise<Seed>((resolve) => {
      give = resolve;
    });
    const events: LoadEvent[] = [];
    const node = documentNode({
      hooks: {
        onLoad(event) {
          events.push(event);
          return given;
        },
      },
    });
    const both = Promise.all([shown(node), shown(node)]);
    await settle();
    expect(node.documents.openCount).toBe(1);
    expect(events).toEqual([{ document: NOTES, isEmpty: true }]);
    give(hello);
    expect(await both).toEqual(['Hello', 'Hello']);
    const [row, ...others] = await node.store.readLog(NOTES, 0, 10);
    expect(row?.author).toMatch(/^seed:/);
    expect(others).toEqual([]);
    expect(events).toHaveLength(1);
  });

  test('[HOOK1] its bytes are what an empty document begins with, whoever wrote them', async () => {
    const update = updateOf((doc) => {
      hello(doc);
      doc.clientID = 77;
      doc.getText('text').insert(5, ' you');
      doc.getText('text').delete(0, 1);
    });
    const node = documentNode({ hooks: { onLoad: async () => update } });
    expect(await shown(node)).toBe('ello you');
  });

  test('[HOOK1] of a document in which anything was ever written what it returns is ignored', async () => {
    const events: LoadEvent[] = [];
    const first = documentNode();
    const ann = new Person();
    await ann.join(first.documents);
    await ann.type('x');
    await ann.submit(ann.edit((text) => text.delete(0, 1)));
    await first.documents.stop();
    const { store } = first;
    const onLoad: Hooks['onLoad'] = (event) => {
      events.push(event);
      return hello;
    };
    expect(await shown(documentNode({ store, hooks: { onLoad } }))).toBe('');
    expect(events).toEqual([{ document: NOTES, isEmpty: false }]);
  });

  test('[HOOK1] that gives nothing, or a function that writes nothing, leaves the document empty', async () => {
    for (const onLoad of [() => undefined, () => () => {}, () => updateOf(() => {})]) {
      const node = documentNode({ hooks: { onLoad } });
      expect(await shown(node)).toBe('');
      expect(node.store.appends).toBe(0);
    }
  });

  test('[HOOK2] two nodes that load a document at the same moment seed it once', async () => {
    const { store, a, b } = twoNodes((_, node) => (doc) => doc.getText('text').insert(0, `from ${node}`));
    store.hold();
    const both = Promise.all([shown(a), shown(b)]);
    await settle();
    store.release();
    const [first, second] = await both;
    expect(second).toBe(first);
    expect(first).toMatch(/^from [ab]$/);
    expect(store.appends).toBe(2);
    expect(await store.readLog(NOTES, 0, 10)).toHaveLength(1);
  });

  test('[HOOK2] a node that took longer for it finds what was written meanwhile', async () => {
    let give = (_: Seed): void => {};
    const late = new Promise<Seed>((resolve) => {
      give = resolve;
    });
    const { store, a, b } = twoNodes((_, node) => (node === 'a' ? late : hello));
    const slow = shown(a);
    await settle();
    const ann = new Person();
    await ann.join(b.documents);
    await ann.type(' you');
    give(hello);
    expect(await slow).toBe('Hello you');
    expect(await store.readLog(NOTES, 0, 10)).toHaveLength(2);
  });

  test('[HOOK2] a seed whose answer was lost is not written again', async () => {
    const { store, a, b } = twoNodes(() => hello);
    store.loseAnswer = true;
    expect(await code(shown(a))).toBe('store-unavailable');
    expect([await shown(a), await shown(b)]).toEqual(['Hello', 'Hello']);
  });

  test('[HOOK2] not even if nobody knows yet that the first attempt is stored', async () => {
    // Both ask when the log is empty; the answer to the first to write is lost, and it asks again at once.
    const { store, a, b } = twoNodes(() => hello);
    store.hold();
    const both = [code(shown(a)), code(shown(b))];
    await settle();
    store.loseAnswer = true;
    store.release();
    expect((await Promise.all(both)).filter((one) => one === 'store-unavailable')).toHaveLength(1);
    expect(await store.readLog(NOTES, 0, 10)).toHaveLength(1);
    expect([await shown(a), await shown(b)]).toEqual(['Hello', 'Hello']);
  });

  test('[HOOK2] a document that is put away and loaded again is not seeded again; one of another generation is', async () => {
    let asked = 0;
    const node = documentNode({
      hooks: {
        onLoad() {
          asked++;
          return hello;
        },
      },
    });
    const ann = new Person();
    await ann.join(node.documents);
    ann.session.leave();
    node.clock.advance(1_000);
    await settle();
    expect(node.documents.openCount).toBe(0);
    expect(await shown(node)).toBe('Hello');
    expect(asked).toBe(2);
    node.store.reset(NOTES);
    await node.documents.deleted(NOTES);
    expect(await shown(node)).toBe('Hello');
    expect(await node.store.readLog(NOTES, 0, 10)).toHaveLength(1);
  });

  test('[HOOK2] a document that was made anew while it was prepared is prepared again', async () => {
    const store = new GatedStore();
    let asked = 0;
    const onLoad = (): Seed => {
      if (++asked === 1) store.reset(NOTES);
      return hello;
    };
    expect(await shown(documentNode({ store, hooks: { onLoad } }))).toBe('Hello');
    expect(asked).toBe(2);
    expect(await store.readLog(NOTES, 0, 10)).toHaveLength(1);
  });

  test('[HOOK2] a large seed is one commit of several rows', async () => {
    const words = 'many words '.repeat(3_000);
    const node = documentNode({ hooks: { onLoad: () => (doc) => doc.getText('text').insert(0, words) } });
    expect(await shown(node)).toBe(words);
    const rows = await node.store.readLog(NOTES, 0, 100);
    expect(rows.length).toBeGreaterThan(3);
    expect(node.store.appends).toBe(1);
  });

  const bad: readonly (readonly [string, () => unknown])[] = [
    ['throws', () => Promise.reject(new Error('no such row'))],
    ['gives a function that throws', () => () => JSON.parse('{')],
    [
      'gives a function that gives a promise',
      () => async (doc: Y.Doc) => {
        hello(doc);
        throw new Error('too late to tell');
      },
    ],
    ['gives something else', () => 'Hello'],
    ['gives bytes that are no update', () => new Uint8Array([1, 2, 3])],
    [
      'gives an update of which a part is missing',
      () => {
        const doc = new Y.Doc();
        hello(doc);
        const before = Y.encodeStateVector(doc);
        doc.getText('text').insert(5, '!');
        return Y.encodeStateAsUpdate(doc, before);
      },
    ],
    ['gives too much', () => (doc: Y.Doc) => doc.getText('text').insert(0, 'x'.repeat(200_000))],
  ];
  test.each(bad)('[HOOK3] that %s opens nothing and writes nothing, and is asked again', async (_, give) => {
    let answer = give as () => Seed;
    const node = documentNode({ hooks: { onLoad: () => answer() } });
    expect(await code(shown(node))).toBe('document-not-ready');
    expect(node.documents.openCount).toBe(0);
    expect(node.store.appends).toBe(0);
    expect(node.counted).toContain('hook-failed');
    expect(node.log.entries.at(-1)).toMatchObject({
      level: 'error',
      fields: { document: NOTES, hook: 'onLoad', err: expect.any(Error) },
    });
    answer = () => hello;
    expect(await shown(node)).toBe('Hello');
  });

  test('[HOOK3] that takes too long opens nothing, and what it gives afterwards is ignored', async () => {
    let give = (_: Seed): void => {};
    const late = new Promise<Seed>((resolve) => {
      give = resolve;
    });
    const node = documentNode({ hooks: { onLoad: () => late } });
    const opened = code(shown(node));
    await settle();
    node.clock.advance(9_999);
    await settle();
    expect(node.documents.openCount).toBe(1);
    node.clock.advance(1);
    expect(await opened).toBe('document-not-ready');
    give(hello);
    await settle();
    expect(node.store.appends).toBe(0);
  });

  test('[HOOK3] refuses with an error of its own choice; while the store is away, nothing is asked', async () => {
    const node = documentNode({
      hooks: { onLoad: () => Promise.reject(new CoscribeError('no-access')) },
    });
    expect(await code(shown(node))).toBe('no-access');
    expect(node.counted).not.toContain('hook-failed');
    node.store.openError = new CoscribeError('store-unavailable');
    expect(await code(shown(node))).toBe('store-unavailable');
  });

  test('[HOOK3] a seed that cannot be stored opens nothing', async () => {
    const node = documentNode({ hooks: { onLoad: () => hello } });
    node.store.appendError = new CoscribeError('store-unavailable');
    expect(await code(shown(node))).toBe('store-unavailable');
    node.store.appendError = undefined;
    expect(await shown(node)).toBe('Hello');
  });

  test('[HOOK9] a stop does not wait for it', async () => {
    const node = documentNode({ hooks: { onLoad: () => new Promise<undefined>(() => {}) } });
    const opened = code(shown(node));
    await settle();
    await node.documents.stop();
    expect(await opened).toBe('shutting-down');
  });
});
