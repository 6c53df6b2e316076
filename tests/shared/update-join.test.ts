import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { deletesOf, withoutDeletes } from '../../shared/delete-ranges.js';
import { decodeStateVector } from '../../shared/state-vector.js';
import { joinUpdates } from '../../shared/update-join.js';
import { docOf } from '../support/edit-swarm.js';
import { editSomewhere, rootsOf } from '../support/random-edits.js';
import { between, forSeeds } from '../support/seeds.js';

/** What people write in one document, in an order in which each update follows from those before it. */
function history(random: () => number, edits: number): { doc: Y.Doc; rows: Uint8Array[] } {
  const log = new Y.Doc();
  const rows: Uint8Array[] = [];
  const people = [0, 1, 2].map((at) => {
    const doc = new Y.Doc();
    doc.clientID = between(random, 1, 2 ** 32 - 1) - at;
    return doc;
  });
  for (let left = edits; left > 0; left--) {
    const doc = people[between(random, 0, people.length - 1)] as Y.Doc;
    if (random() < 0.3) Y.applyUpdate(doc, Y.encodeStateAsUpdate(log));
    const before = Y.encodeStateVector(doc);
    const made: Uint8Array[] = [];
    const keep = (update: Uint8Array, origin: unknown): void => {
      if (origin !== 'log') made.push(update);
    };
    doc.on('update', keep);
    doc.transact(() => editSomewhere(random, doc));
    doc.off('update', keep);
    expect(before).toBeDefined();
    for (const update of made) {
      rows.push(update);
      Y.applyUpdate(log, update, 'log');
    }
  }
  return { doc: log, rows };
}

/**
 * That both hold the same. To be compared with a copy that got as much at a time: Yjs drops formats which it takes for
 * superfluous in each copy for itself, after each update (`cleanupYTextAfterTransaction`).
 */
function expectSame(actual: Y.Doc, expected: Y.Doc): void {
  const contentOf = (doc: Y.Doc): unknown =>
    rootsOf(doc).map((root) => (root instanceof Y.Text ? root.toDelta() : root.toJSON()));
  expect(actual.store.pendingStructs).toBeNull();
  expect(actual.store.pendingDs).toBeNull();
  expect(contentOf(actual)).toEqual(contentOf(expected));
  expect(Y.equalSnapshots(Y.snapshot(actual), Y.snapshot(expected))).toBe(true);
}

test('[PEER1] updates that follow from one another are put together to one, with what they give one by one', () => {
  forSeeds(60, 'tests/shared/update-join.test.ts', (random) => {
    const { rows } = history(random, between(random, 1, 40));
    expectSame(docOf(joinUpdates(rows)), docOf(Y.mergeUpdates(rows)));
  });
});

test('[PEER1] of what somebody has already, nothing is in it, also where he has only the beginning', () => {
  forSeeds(60, 'tests/shared/update-join.test.ts', (random) => {
    const { rows } = history(random, between(random, 2, 40));
    const at = between(random, 0, rows.length);
    const copy = docOf(...rows.slice(0, at));
    const clocks = decodeStateVector(Y.encodeStateVector(copy));
    const from = between(random, 0, at);
    const known = { clock: (client: number) => clocks.get(client) ?? 0 };
    const rest = joinUpdates(rows.slice(from), known);
    for (const struct of Y.decodeUpdate(rest).structs)
      expect(struct.id.clock).toBeGreaterThanOrEqual(known.clock(struct.id.client));
    Y.applyUpdate(copy, rest);
    expectSame(copy, docOf(...rows.slice(0, at), Y.mergeUpdates(rows)));
  });
});

test('[PEER1] updates between which something is missing are not put together', () => {
  const doc = new Y.Doc();
  const rows: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => rows.push(update));
  for (const word of ['one', 'two', 'three']) doc.getText('text').insert(0, word);
  expect(() => joinUpdates([rows[0], rows[2]] as Uint8Array[])).toThrow('is missing');
});

test('[PEER2] deletions that are known are taken out of an update, and no others', () => {
  forSeeds(60, 'tests/shared/update-join.test.ts', (random) => {
    const { doc, rows } = history(random, between(random, 2, 40));
    const at = between(random, 0, rows.length);
    const known = deletesOf(rows.slice(0, at));
    const whole = Y.encodeStateAsUpdate(doc);
    const news = withoutDeletes(whole, known);
    const clocksOf = (update: Uint8Array): Set<string> => {
      const all = new Set<string>();
      for (const [client, ranges] of Y.decodeUpdate(update).ds.clients)
        for (const { clock, len } of ranges)
          for (let one = clock; one < clock + len; one++) all.add(`${client} ${one}`);
      return all;
    };
    const before = new Set(rows.slice(0, at).flatMap((row) => [...clocksOf(row)]));
    expect(clocksOf(news)).toEqual(new Set([...clocksOf(whole)].filter((clock) => !before.has(clock))));
    expectSame(docOf(...rows.slice(0, at), news), docOf(...rows.slice(0, at), whole));
  });
});
