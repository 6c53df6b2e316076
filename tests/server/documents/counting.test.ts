import { beforeEach, describe, expect, test } from '@jest/globals';
import { NodeCounters } from '../../../server/telemetry/node-counters.js';
import type { Census } from '../../../server/telemetry/node-sources.js';
import { CoscribeError } from '../../../shared/errors.js';
import { documentNode, inlineCrdt, Person } from '../../support/document-node.js';
import { settle } from '../../support/manual-clock.js';

let counters: NodeCounters;

beforeEach(() => {
  counters = new NodeCounters();
});

describe('what passes a document', () => {
  test('[METRIC2] joins, edits, their bytes, and whom they were sent to', async () => {
    const { documents } = documentNode({ counters });
    const people = [new Person(), new Person(), new Person()];
    for (const person of people) await person.join(documents);
    const [ann, bob] = people as [Person, Person];
    const update = ann.edit((text) => text.insert(0, 'hello'));
    await ann.submit(update);
    expect(counters.amounts).toMatchObject({
      joins: 3,
      edits: 1,
      'edit-bytes': update.length,
      deliveries: 2,
    });
    expect(documents.census()).toMatchObject({ documents: 1, sessions: { coscribe: 3, events: 0 } });
    // Two authors in one frame, which all three get: each edit goes to two others.
    await Promise.all([ann.type('a'), bob.type('b')]);
    expect(counters.amounts).toMatchObject({ edits: 3, deliveries: 6 });
    const { commit, 'commit-rows': rows, 'commit-documents': inOne, ack } = counters.measures;
    expect([commit.count, rows.buckets().sum, inOne.buckets().sum, ack.count]).toEqual([2, 3, 2, 3]);
  });

  test('[METRIC2] how long an edit waited for its confirmation, and a join for its answer', async () => {
    const { documents, store, clock } = documentNode({ counters });
    const ann = new Person();
    await ann.join(documents);
    store.hold();
    const saved = ann.type('x');
    await settle();
    expect(documents.census()).toMatchObject({ waitingEdits: 1 });
    expect(documents.census().waitingBytes).toBeGreaterThan(0);
    const bob = new Person();
    const joined = bob.join(documents);
    await settle();
    clock.advance(40);
    store.release();
    await Promise.all([saved, joined]);
    expect(counters.measures.ack.buckets().sum).toBe(40);
    expect(counters.measures.commit.buckets().sum).toBe(40);
    expect(counters.measures.join.buckets().sum).toBe(40);
    expect(documents.census()).toMatchObject({ waitingEdits: 0, waitingBytes: 0 });
  });

  test('[METRIC3] a refused join and a refused edit count once, by their code', async () => {
    const { documents } = documentNode({ counters, limits: { maxSessions: 1, maxUpdateBytes: 100 } });
    const ann = new Person();
    await ann.join(documents);
    await expect(new Person().join(documents)).rejects.toMatchObject({ code: 'document-full' });
    await expect(ann.type('x'.repeat(200))).resolves.toMatchObject({ code: 'update-too-large' });
    const { refusals } = counters;
    expect([...refusals.join]).toEqual([['document-full', 1]]);
    expect([...refusals.update]).toEqual([['update-too-large', 1]]);
    expect(refusals.connection.size + refusals.request.size).toBe(0);
  });
});

test('[METRIC6] attempts to save that fail are counted, and what waits until they do not', async () => {
  const { documents, store, clock } = documentNode({ counters });
  const ann = new Person();
  await ann.join(documents);
  store.appendError = new CoscribeError('store-unavailable');
  const saved = ann.type('x');
  await settle();
  expect([documents.saving, counters.amounts['commit-failures']]).toEqual([false, 1]);
  expect(documents.census().waitingEdits).toBe(1);
  clock.advance(200);
  await settle();
  expect(counters.amounts['commit-failures']).toBe(2);
  store.appendError = undefined;
  clock.advance(1_000);
  await saved;
  expect(documents.saving).toBe(true);
  expect(documents.census().waitingEdits).toBe(0);
  // The edit waited for all of it; the commit that succeeded did not.
  expect(counters.measures.ack.buckets().sum).toBe(1_200);
  expect(counters.measures.commit.buckets()).toMatchObject({ sum: 0 });
  expect(counters.measures.commit.count).toBe(1);
});

test('[METRIC7] who takes too little is counted when he misses something, is told to come back, and is ended', async () => {
  const { documents, clock } = documentNode({ counters });
  const ann = new Person();
  const bob = new Person();
  await ann.join(documents);
  await bob.join(documents);
  const behind = (): Census['behind'] => documents.census().behind;
  bob.transport.queued = 300 * 1024;
  ann.show({ name: 'Ann' });
  clock.advance(50);
  expect(counters.amounts).toMatchObject({ 'presence-dropped': 1, 'sessions-slow': 0, resyncs: 0 });
  bob.transport.queued = 0;
  clock.advance(250);
  expect(counters.amounts).toMatchObject({ resyncs: 1 });
  await bob.joinAgain();
  bob.transport.queued = 2 * 1024 * 1024;
  await ann.type('x');
  expect(counters.amounts).toMatchObject({ 'sessions-slow': 1, deliveries: 0 });
  expect(behind()).toBe(1);
  clock.advance(11_000);
  expect(counters.amounts).toMatchObject({ 'sessions-cut': 1, resyncs: 1 });
  expect(behind()).toBe(0);
});

test('[METRIC9] compactions are counted and timed, and those that fail', async () => {
  let isBroken = false;
  const crdt = {
    ...inlineCrdt,
    compact: (job: Parameters<typeof inlineCrdt.compact>[0]) =>
      isBroken ? Promise.reject(new CoscribeError('internal')) : inlineCrdt.compact(job),
  };
  const { documents, clock } = documentNode({ counters, crdt });
  const ann = new Person();
  await ann.join(documents);
  const typeMany = async (): Promise<void> => {
    for (let n = 0; n < 500; n++) await ann.type('x');
    await settle();
  };
  await typeMany();
  expect([counters.measures.compaction.count, counters.amounts['compaction-failures']]).toEqual([1, 0]);
  isBroken = true;
  clock.advance(6_000);
  await typeMany();
  expect([counters.measures.compaction.count, counters.amounts['compaction-failures']]).toEqual([1, 1]);
});
