import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { verifyDocument } from '../../../server/admin/verify-document.js';
import type { DocumentPosition, LogRow, Snapshot } from '../../../server/storage/store.js';
import { verifyUpdates } from '../../../server/workers/verify-updates.js';
import { CoscribeError } from '../../../shared/errors.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';

const crdt = { verify: async (document: Parameters<typeof verifyUpdates>[0]) => verifyUpdates(document) };

/** A document with a snapshot up to row 3 and two rows after it, in the memory of a node, too. */
async function world() {
  const node = documentNode();
  const ann = new Person();
  await ann.join(node.documents);
  for (const words of ['a', 'b', 'c']) await ann.type(words);
  await node.documents.compact(NOTES);
  for (const words of ['d', 'e']) await ann.type(words);
  const { store } = node;
  /** What the store answers, where it is not the truth. */
  const lies: {
    position?: Partial<DocumentPosition>;
    rows?: (rows: readonly LogRow[]) => readonly LogRow[];
    snapshot?: (snapshot: Snapshot | undefined) => Snapshot | undefined;
  } = {};
  let looks = 0;
  const told: Parameters<typeof verifyDocument>[1]['store'] = {
    async positions(ids) {
      looks++;
      const positions = await store.positions(ids);
      return new Map([...positions].map(([id, one]) => [id, { ...one, ...lies.position }]));
    },
    readLog: async (...asked) => (lies.rows ?? ((rows) => rows))(await store.readLog(...asked)),
    readSnapshot: async (...asked) => (lies.snapshot ?? ((one) => one))(await store.readSnapshot(...asked)),
  };
  const parts = { store: told, crdt, loaded: () => node.documents.loaded() };
  return { ...node, ann, lies, looks: () => looks, verify: () => verifyDocument(NOTES, parts), parts };
}

test('[ADMIN11] of a document that is whole nothing is said but how much there is', async () => {
  const { verify, store } = await world();
  const position = (await store.positions([NOTES])).get(NOTES);
  expect(position).toMatchObject({ head: 5, snapshotSeq: 3, firstRow: 1 });
  expect(await verify()).toEqual({ ok: true, problems: [], rows: 5, bytes: expect.any(Number) });
});

test('[ADMIN11] a row that is missing, at the end or in between, is named', async () => {
  const { verify, lies } = await world();
  lies.rows = (rows) => rows.filter(({ seq }) => seq !== 4);
  expect(await verify()).toMatchObject({
    ok: false,
    problems: ['Row 4 is missing: row 5 comes after row 3.'],
    rows: 3,
  });
  lies.rows = (rows) => rows.filter(({ seq }) => seq <= 4);
  expect((await verify()).problems).toEqual(['The log ends at row 4, and should go on to row 5.']);
  delete lies.rows;
  lies.position = { firstRow: 5 };
  expect((await verify()).problems).toEqual(['Rows 4 to 4 are missing between the snapshot and the log.']);
});

test('[ADMIN11] what the store finds damaged is a problem, what it cannot say at the moment is none', async () => {
  const { verify, lies } = await world();
  lies.rows = () => {
    throw new CoscribeError('document-unreadable', 'row 2 has another checksum');
  };
  expect((await verify()).problems).toEqual([
    expect.stringMatching(/^The log cannot be read after row 0: .*row 2 has another checksum/),
  ]);
  delete lies.rows;
  lies.snapshot = () => {
    throw new CoscribeError('document-unreadable', 'piece 1');
  };
  expect((await verify()).problems).toEqual([
    expect.stringMatching(/^The snapshot cannot be read: .*piece 1/),
  ]);
  lies.snapshot = () => {
    throw new CoscribeError('store-unavailable');
  };
  await expect(verify()).rejects.toMatchObject({ code: 'store-unavailable' });
});

test('[ADMIN11] a snapshot that is missing, older, does not load or lacks rows that it should have is named', async () => {
  const { verify, lies } = await world();
  lies.snapshot = () => undefined;
  expect((await verify()).problems).toEqual(['The snapshot is missing.']);
  lies.snapshot = (one) => one && { ...one, seq: 2 };
  expect((await verify()).problems).toEqual(['The snapshot is of row 2, and should be of row 3.']);
  lies.snapshot = (one) => one && { ...one, state: Uint8Array.of(1, 2, 3) };
  expect((await verify()).problems).toEqual([expect.stringMatching(/^The snapshot does not load: /)]);
  const empty = Y.encodeStateAsUpdate(new Y.Doc());
  lies.snapshot = (one) => one && { ...one, state: empty };
  expect((await verify()).problems.join(' ')).toMatch(/Snapshot and log contradict each other/);
});

test('[ADMIN11] a row that is another one in the memory of the node is named', async () => {
  const { parts, documents } = await world();
  const [document] = documents.loaded();
  if (document === undefined) throw new Error('no document');
  const held = { id: NOTES, generation: document.generation, compareWithStore: async () => ({ wrong: 5 }) };
  const older = { ...held, generation: 'an earlier one', compareWithStore: async () => ({ wrong: 1 }) };
  expect((await verifyDocument(NOTES, { ...parts, loaded: () => [older, held] })).problems).toEqual([
    'Row 5 is another one in the memory of this node than in the store.',
  ]);
});

test('[ADMIN11] a log that is trimmed meanwhile is looked at again; one that always is makes it wait', async () => {
  const { verify, lies, store, documents, parts, looks } = await world();
  let trims = 1;
  lies.rows = (rows) => {
    if (trims-- > 0) lies.position = { firstRow: 2 };
    else lies.position = {};
    if (trims === 0) throw new CoscribeError('internal', 'rows were trimmed');
    return rows;
  };
  expect(await verify()).toMatchObject({ ok: true });
  expect(looks()).toBe(4);
  let first = 1;
  lies.rows = () => {
    lies.position = { firstRow: (first % 3) + 1 };
    first++;
    throw new CoscribeError('internal', 'rows were trimmed');
  };
  await expect(verify()).rejects.toMatchObject({ code: 'server-busy' });
  expect(parts.store).not.toBe(store);
  expect(documents.openCount).toBe(1);
});

test('[ADMIN11] there is nothing to be said of a document that is not there', async () => {
  const { parts } = await world();
  const nothing = 'acme/nothing' as typeof NOTES;
  await expect(verifyDocument(nothing, parts)).rejects.toMatchObject({ code: 'no-access' });
});
