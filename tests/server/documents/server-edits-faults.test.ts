import { describe, expect, test } from '@jest/globals';
import type * as Y from 'yjs';
import { ServerEdits } from '../../../server/documents/server-edits.js';
import type { AppendBatch, AppendResult } from '../../../server/storage/store.js';
import { CoscribeError } from '../../../shared/errors.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { settle } from '../../support/manual-clock.js';

/** A store whose next answer to an append is what the test says, with or without the rows being stored. */
class FaultyStore extends GatedStore {
  next: ((done: readonly AppendResult[]) => readonly AppendResult[]) | undefined;
  storesFirst = false;

  override async append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    const { next } = this;
    if (next === undefined) return super.append(batches);
    const done = this.storesFirst ? await super.append(batches) : [];
    this.next = undefined;
    return next(done);
  }
}

function application(options: Parameters<typeof documentNode>[0] = {}) {
  const store = new FaultyStore();
  const node = documentNode({ ...options, store });
  const { documents, clock, log } = node;
  const edits = new ServerEdits({ documents, clock, log, random: () => 0.5 });
  return { ...node, store, edits };
}

/** Lets time pass in small steps, so that what waits for promises goes on in between. */
async function pass({ clock }: Pick<ReturnType<typeof application>, 'clock'>, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    clock.advance(Math.min(500, left));
    await settle();
  }
}

const type =
  (words: string) =>
  (doc: Y.Doc): number => {
    const text = doc.getText('text');
    text.insert(text.length, words);
    return text.length;
  };

const textOf = (doc: Y.Doc): string => doc.getText('text').toString();

function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error) => (error instanceof CoscribeError ? error.code : String(error)),
  );
}

const refusal = (): readonly AppendResult[] => [{ ok: false, code: 'client-id-in-use' }];
const fail = (): never => {
  throw new CoscribeError('internal');
};

describe('edits through faults', () => {
  test.each([
    ['a batch is refused because of somebody else in it', refusal, false],
    ['the store makes a mistake', fail, false],
    ['the store makes a mistake after it has saved', fail, true],
  ])('[EDIT7] are made once though the document is loaded again: %s', async (_, next, storesFirst) => {
    const node = application();
    const { store, edits } = node;
    expect(await edits.edit(NOTES, type('a'))).toBe(1);
    Object.assign(store, { next, storesFirst });
    const answers = Promise.all(['b', 'c', 'd'].map((word) => edits.edit(NOTES, type(word))));
    await settle();
    await pass(node, 2_000);
    expect(await answers).toEqual([2, 3, 4]);
    expect(await edits.read(NOTES, textOf)).toBe('abcd');
    const ann = new Person();
    await ann.join(node.documents);
    expect(ann.text).toBe('abcd');
    const rows = await store.readLog(NOTES, 0, 100);
    expect(new Set(rows.map(({ clientId }) => clientId)).size).toBe(1);
  });

  test('[EDIT7] are not made in a document that has taken the place of theirs; those that have not run are', async () => {
    const node = application();
    const { store, edits, documents } = node;
    await edits.edit(NOTES, type('old'));
    store.hold();
    const lost = code(edits.edit(NOTES, type('lost')));
    await settle();
    store.reset(NOTES);
    store.release();
    expect(await lost).toBe('generation-changed');
    const later = edits.edit(NOTES, type('new'));
    await pass(node, 2_000);
    expect(await later).toBe(3);
    expect(await edits.read(NOTES, textOf)).toBe('new');
    // Also if it happened while nothing was under way.
    store.reset(NOTES);
    await documents.deleted(NOTES);
    const after = edits.edit(NOTES, type('newest'));
    await pass(node, 2_000);
    expect(await after).toBe(6);
  });

  test('[EDIT7] are refused in a document that was deleted, and made when it is restored', async () => {
    const node = application();
    const { store, edits, documents } = node;
    await edits.edit(NOTES, type('a'));
    await store.remove(NOTES, 1);
    await documents.deleted(NOTES);
    expect(await code(edits.edit(NOTES, type('b')))).toBe('document-deleted');
    expect(await code(edits.read(NOTES, textOf))).toBe('no-access');
    await store.restore(NOTES);
    expect(await edits.edit(NOTES, type('c'))).toBe(2);
  });

  test('[EDIT8] are refused in the end if the document cannot be opened, and then have not happened', async () => {
    const node = application();
    const { store, edits } = node;
    store.openError = new CoscribeError('store-unavailable');
    let ran = 0;
    const edit = code(
      edits.edit(NOTES, () => {
        ran++;
      }),
    );
    await settle();
    await pass(node, 8_000);
    expect(ran).toBe(0);
    store.openError = undefined;
    const waits = edits.edit(NOTES, type('a'));
    await pass(node, 1_000);
    expect(await waits).toBe(1);
    expect([await edit, ran]).toEqual(['done', 1]);
    await pass(node, 20_000);
    store.openError = new CoscribeError('store-unavailable');
    const late = code(edits.edit(NOTES, () => ran++, { timeoutMs: 3_000 }));
    await settle();
    await pass(node, 3_000);
    expect(await late).toBe('store-unavailable');
    store.openError = undefined;
    await pass(node, 5_000);
    expect(ran).toBe(1);
  });

  test('[EDIT8] that were under way when the store went away are refused in time, and may happen all the same', async () => {
    const node = application();
    const { store, edits } = node;
    await edits.edit(NOTES, type('a'));
    store.appendError = new CoscribeError('store-unavailable');
    const under = edits.edit(NOTES, type('b'));
    const outcome = code(under);
    const read = code(edits.read(NOTES, textOf));
    await settle();
    await pass(node, 10_000);
    expect([await outcome, await read]).toEqual(['store-unavailable', 'store-unavailable']);
    await expect(under).rejects.toThrow('may still be saved');
    const next = edits.edit(NOTES, type('c'));
    store.appendError = undefined;
    await pass(node, 3_000);
    expect(await next).toBe(3);
    expect(await edits.read(NOTES, textOf)).toBe('abc');
  });

  test('[EDIT8] wait while too much of others waits for the disk', async () => {
    const node = application({ limits: { maxPendingBytes: 1_000 } });
    const { store, edits, documents } = node;
    const ann = new Person();
    await ann.join(documents);
    await edits.edit(NOTES, type('a'));
    store.hold();
    const typed = ann.type('x'.repeat(900));
    const edit = edits.edit(NOTES, type('y'.repeat(500)));
    await settle();
    await pass(node, 3_000);
    store.release();
    await pass(node, 2_000);
    expect([await typed, await edit]).toEqual([2, 501]);
    store.hold();
    const again = ann.type('x'.repeat(900));
    const late = code(edits.edit(NOTES, type('never'.repeat(100))));
    await settle();
    await pass(node, 10_000);
    expect(await late).toBe('too-many-updates');
    store.release();
    expect(await again).toBe(4);
    expect(await edits.read(NOTES, (doc) => textOf(doc).includes('never'))).toBe(false);
  });

  test('[EDIT9] are bound by the limits of documents, and leave nothing behind when they are beyond', async () => {
    const { edits, store } = application({ limits: { maxDocumentBytes: 25_000 } });
    // In parts, which are saved and shown together.
    expect(await edits.edit(NOTES, type('x'.repeat(15_000)))).toBe(15_000);
    expect((await store.readLog(NOTES, 0, 10)).length).toBeGreaterThan(1);
    expect(store.appends).toBe(1);
    expect(await edits.edit(NOTES, (doc) => doc.getText('text').delete(0, 15_000))).toBeUndefined();
    const before = await edits.read(NOTES, textOf);
    expect(await code(edits.edit(NOTES, (doc) => doc.getArray('a').push([new Uint8Array(11_000)])))).toBe(
      'update-too-large',
    );
    expect(await edits.read(NOTES, textOf)).toBe(before);
    expect(await edits.edit(NOTES, type('y'))).toBe(1);
  });

  test('[EDIT9] that would make the document too large are refused', async () => {
    const node = application({ limits: { maxDocumentBytes: 5_000 } });
    const { edits } = node;
    await edits.edit(NOTES, type('x'.repeat(4_000)));
    const beyond = code(edits.edit(NOTES, type('y'.repeat(4_000))));
    await settle();
    await pass(node, 12_000);
    // Which of both depends on whether its log is merged by then.
    expect(['document-too-large', 'document-busy']).toContain(await beyond);
    expect(await edits.read(NOTES, (doc) => textOf(doc).length)).toBe(4_000);
  });

  test('[EDIT9] what the gate refuses is refused to its caller alone', async () => {
    const { edits, store } = application();
    await edits.edit(NOTES, type('a'));
    const wrong = code(edits.edit(NOTES, (doc) => doc.getMap('m').set('__proto__', 1)));
    const right = edits.edit(NOTES, type('b'));
    expect(await wrong).toBe('update-refused');
    expect(await right).toBe(2);
    expect(await store.readLog(NOTES, 0, 10)).toHaveLength(2);
  });

  test('[EDIT9] how many may wait is bounded', async () => {
    const { edits, store } = application();
    store.hold();
    const outcomes = Array.from({ length: 10_100 }, () => code(edits.edit(NOTES, () => {})));
    await settle();
    store.release();
    const counts = new Map<string, number>();
    for (const outcome of await Promise.all(outcomes)) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    expect(counts).toEqual(
      new Map([
        ['done', 10_000],
        ['too-many-updates', 100],
      ]),
    );
  });

  test('[EDIT12] a stop saves and answers those under way, and refuses the rest', async () => {
    const { edits, store, documents, clock } = application();
    await edits.edit(NOTES, type('a'));
    store.hold();
    const under = edits.edit(NOTES, type('b'));
    await settle();
    const stopping = documents.stop();
    await settle();
    const late = code(edits.edit(NOTES, type('c')));
    await settle();
    store.release();
    expect(await under).toBe(2);
    await stopping;
    expect(await late).toBe('shutting-down');
    expect(await code(edits.edit(NOTES, type('d')))).toBe('shutting-down');
    expect(await store.readLog(NOTES, 0, 10)).toHaveLength(2);
    expect(clock.monotonic()).toBe(0);
  });

  test('[EDIT12] a stop that gives up on the store says that they may be saved', async () => {
    const node = application();
    const { edits, store, documents } = node;
    await edits.edit(NOTES, type('a'));
    store.appendError = new CoscribeError('store-unavailable');
    const under = code(edits.edit(NOTES, type('b')));
    await settle();
    const stopping = documents.stop();
    documents.abandon();
    await pass(node, 3_000);
    await stopping;
    expect(await under).toBe('store-unavailable');
  });

  test('[EDIT8] wait for a document that the application prepares, and are refused if it cannot', async () => {
    let answer: () => Promise<undefined> = () => Promise.reject(new Error('not now'));
    const node = application({ hooks: { onLoad: () => answer() } });
    const { edits } = node;
    const late = code(edits.edit(NOTES, type('never'), { timeoutMs: 2_000 }));
    await settle();
    await pass(node, 2_000);
    expect(await late).toBe('document-not-ready');
    const waits = edits.edit(NOTES, type('a'));
    answer = () => Promise.resolve(undefined);
    await pass(node, 1_500);
    expect(await waits).toBe(1);
  });
});
