import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { Admission } from '../../../server/documents/admitted.js';
import { CoscribeError } from '../../../shared/errors.js';
import { documentNode, LIMITS, NOTES, Person } from '../../support/document-node.js';

const ADA: Admission = { grant: { identity: { user: 'ada' }, role: 'editor' }, revision: 0, at: 0 };

function stateOf(text: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, text);
  return Y.encodeStateAsUpdate(doc);
}

const refusal = (code: string) => expect.objectContaining({ code });

describe('Documents.fill', () => {
  test('[BEGIN1] writes all of a state at once, in parts that each fit, in the name of whoever brings it', async () => {
    const { documents, store } = documentNode();
    await store.create(NOTES, 1);
    const text = Array.from({ length: 6_000 }, (_, at) => `word ${at}`).join(' ');
    await documents.fill(NOTES, await documents.checkState(stateOf(text)), ADA);
    const rows = await store.readLog(NOTES, 0, 100);
    expect(rows.length).toBeGreaterThan(3);
    expect(
      rows.every(({ update, author }) => update.length <= LIMITS.maxUpdateBytes && author === 'user:ada'),
    ).toBe(true);
    expect(store.appends).toBe(1);
    const person = new Person();
    await person.join(documents);
    expect(person.text).toBe(text);
  });

  test('[BEGIN1] is seen at once by whoever has the document open', async () => {
    const { documents, store } = documentNode();
    await store.create(NOTES, 1);
    const person = new Person();
    await person.join(documents);
    await documents.fill(NOTES, await documents.checkState(stateOf('Hello')), ADA);
    person.catchUp();
    expect(person.text).toBe('Hello');
    expect(await person.type('!')).toBe(2);
  });

  test('[BEGIN2] does nothing to a document in which anything was ever written, nor to one that is not there', async () => {
    const { documents, store } = documentNode();
    const checked = await documents.checkState(stateOf('theirs'));
    await expect(documents.fill(NOTES, checked, ADA)).rejects.toEqual(refusal('no-access'));
    const person = new Person();
    await person.join(documents);
    await person.type('mine');
    await expect(documents.fill(NOTES, checked, ADA)).rejects.toEqual(refusal('document-exists'));
    expect(await store.readLog(NOTES, 0, 9)).toHaveLength(1);
  });

  test('[BEGIN2] of two who begin a document at once, one does', async () => {
    const { documents, store } = documentNode();
    await store.create(NOTES, 1);
    const states = await Promise.all(['one', 'two'].map((text) => documents.checkState(stateOf(text))));
    store.hold();
    const both = Promise.allSettled(states.map((state) => documents.fill(NOTES, state, ADA)));
    while (store.appends < 2) await new Promise((resolve) => setImmediate(resolve));
    store.release();
    expect((await both).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await store.readLog(NOTES, 0, 9)).toHaveLength(1);
  });

  test('[BEGIN3] a document that is brought is not also given what the application begins documents with', async () => {
    const committed: number[] = [];
    const hooks = {
      onLoad: () => stateOf('a template'),
      onCommit: ({ from }: { readonly from: number }) => {
        committed.push(from);
      },
    };
    const { documents, store } = documentNode({ hooks });
    await store.create(NOTES, 1);
    await documents.fill(NOTES, await documents.checkState(stateOf('brought')), ADA);
    const person = new Person();
    await person.join(documents);
    expect(person.text).toBe('brought');
  });

  test('[BEGIN3] a seed that comes too late is not written', async () => {
    let seed = (_state: Uint8Array): void => {};
    const hooks = { onLoad: () => new Promise<Uint8Array>((resolve) => (seed = resolve)) };
    const { documents, store } = documentNode({ hooks });
    await store.create(NOTES, 1);
    const person = new Person();
    const joining = person.join(documents);
    while (store.opens < 1) await new Promise((resolve) => setImmediate(resolve));
    const filling = documents.fill(NOTES, await documents.checkState(stateOf('brought')), ADA);
    while (store.appends < 1) await new Promise((resolve) => setImmediate(resolve));
    seed(stateOf('a template'));
    await Promise.all([joining, filling]);
    person.catchUp();
    expect(person.text).toBe('brought');
  });
});

describe('Documents.checkState', () => {
  const gap = new Y.Doc();
  gap.getText('text').insert(0, 'a');
  const before = Y.encodeStateVector(gap);
  gap.getText('text').insert(1, 'b');

  test.each([
    ['invalid-update', new Uint8Array([1, 2, 3])],
    ['missing-dependencies', Y.encodeStateAsUpdate(gap, before)],
    ['document-too-large', new Uint8Array(LIMITS.maxDocumentBytes + 1)],
  ])('[BEGIN4] refuses with %s what a document would not take', async (code, state) => {
    const { documents } = documentNode();
    await expect(documents.checkState(state)).rejects.toEqual(refusal(code));
  });

  test('[BEGIN4] refuses more clientIDs than a document may have', async () => {
    const { documents } = documentNode({ limits: { maxClientIds: 2 } });
    const states = ['a', 'b', 'c'].map(stateOf);
    await expect(documents.checkState(Y.mergeUpdates(states))).rejects.toEqual(refusal('document-too-large'));
    expect(await documents.checkState(Y.mergeUpdates(states.slice(1)))).toHaveLength(1);
  });

  test('[BEGIN4] while the store is away nothing is written', async () => {
    const { documents, store } = documentNode();
    await store.create(NOTES, 1);
    store.appendError = new CoscribeError('store-unavailable');
    const checked = await documents.checkState(stateOf('x'));
    await expect(documents.fill(NOTES, checked, ADA)).rejects.toEqual(refusal('store-unavailable'));
    expect((await store.find(NOTES))?.head).toBe(0);
  });
});
