import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { Author, BEGINNING, type Mark } from '../../../../load/generator/author/author.js';
import { encodeUpdate } from '../../../../load/generator/author/encode-update.js';
import { copyIn } from '../../../../load/generator/check/copy.js';
import { Problems } from '../../../../load/generator/problems.js';
import { PROSE } from '../../../../load/generator/text/prose.js';
import { WrittenText } from '../../../../load/generator/text/written-text.js';
import { DeletionSet, KnownSets, NONE_DELETED } from '../../../../load/generator/view/deletion-set.js';
import { LoadDocument } from '../../../../load/generator/view/load-document.js';
import { View } from '../../../../load/generator/view/view.js';
import { Durations } from '../../../../load/histogram.js';
import { between, forSeeds } from '../../../support/seeds.js';

const TEXT = new WrittenText(PROSE, true);
const RERUN = 'tests/load/generator/view/view';

function documentOf(typists: number, problems = new Problems()): LoadDocument {
  const plan = { name: 'load/one', clientsInAll: 8, clients: [0, 1], typists };
  return new LoadDocument({ plan, seed: 1, text: TEXT, problems });
}

describe("a client's view", () => {
  test('[LOADGEN5] it is what a Y.Doc has that got the same, early, late, twice, or as one snapshot', () => {
    forSeeds(6, RERUN, (random) => {
      const problems = new Problems();
      const document = documentOf(3, problems);
      const authors = [0, 1, 2].map((number) => {
        const writer = document.writer(document.ids.idOf({ number, life: 0 }));
        const author = new Author(writer?.clientId ?? 0, new KnownSets());
        if (writer !== undefined) writer.author = author;
        return author;
      });
      const sent: Mark[] = authors.map(() => BEGINNING);
      const updates: Uint8Array[] = [];
      for (let i = 0; i < 400; i++) {
        const who = between(random, 0, 2);
        const author = authors[who];
        if (author === undefined) continue;
        if (random() < 0.3) author.text.moveTo(between(random, 0, author.text.length));
        if (random() < 0.6) author.insert(between(random, 1, 5));
        else author.deleteBefore(between(random, 1, 8));
        if (!author.commit(i)) continue;
        updates.push(encodeUpdate([author.between(sent[who] ?? BEGINNING, author.mark)], TEXT));
        sent[who] = author.mark;
      }
      const doc = new Y.Doc();
      const view = new View();
      const take = (update: Uint8Array): void => {
        Y.applyUpdate(doc, update);
        view.take(document.arrivals([update], 'somebody'), undefined, undefined, 0);
      };
      const equal = (): void => {
        const copy = copyIn(doc, TEXT);
        for (const author of authors) {
          const writer = document.writer(author.clientId);
          const one = copy.by.get(author.clientId);
          if (writer === undefined) throw new Error('no writer');
          expect(view.clockOf(writer)).toBe(one?.clock ?? 0);
          if (one?.clock === author.clock) expect(one.places?.hash).toBe(author.runs.hash);
        }
      };
      // A few come late, so that others wait for them; some come twice.
      const late: Uint8Array[] = [];
      for (const update of updates) {
        if (random() < 0.05) late.push(update);
        else take(update);
        if (random() < 0.1) take(updates[between(random, 0, updates.length - 1)] ?? update);
        if (random() < 0.2) equal();
      }
      for (const update of late) take(update);
      equal();
      expect(view.waits).toBe(false);
      const fresh = new View();
      fresh.take(document.arrivals([Y.encodeStateAsUpdate(doc)], 'somebody'), undefined, undefined, 0);
      for (const author of authors) {
        const writer = document.writer(author.clientId);
        if (writer === undefined) throw new Error('no writer');
        for (const one of [view, fresh]) {
          expect(one.clockOf(writer)).toBe(author.clock);
          expect(one.deletedOf(writer).equals(author.deleted)).toBe(true);
        }
      }
      expect(problems.list()).toEqual([]);
    });
  });

  test('[LOADGEN6] each edit counts once at each client, with the time since it was due', () => {
    const document = documentOf(1);
    const writer = document.writer(document.ids.idOf({ number: 0, life: 0 }));
    if (writer === undefined) throw new Error('no writer');
    const author = new Author(writer.clientId, writer.known);
    writer.author = author;
    author.insert(1);
    author.commit(100);
    author.insert(50);
    author.commit(200);
    author.deleteBefore(3);
    author.commit(300);
    const update = encodeUpdate([author.between(BEGINNING, author.mark)], TEXT);
    const arrivals = document.arrivals([update], 'somebody');
    const counts = { delivered: 0, shown: new Durations() };
    const view = new View();
    view.take(arrivals, undefined, counts, 400);
    expect(counts.delivered).toBe(3);
    expect(counts.shown.quantiles().max).toBeCloseTo(300, 0);
    expect(counts.shown.quantiles().count).toBe(3);
    view.take(arrivals, undefined, counts, 500);
    view.take(arrivals, writer, counts, 500);
    expect(counts.delivered).toBe(3);
  });

  test.each([
    ['another text', 'text'],
    ['a clientID that nobody has', 'clientID'],
    ['more than its author has written', 'beyond'],
    ["somebody else's text", 'origin'],
    ['no text at all', 'map'],
    ['a text of another name', 'root'],
    ['its text in another place', 'place'],
  ])('[LOADGEN7] %s is nothing that anybody has typed', (_, kind) => {
    const problems = new Problems();
    const document = documentOf(2, problems);
    const [one, other] = [0, 1].map((number) => document.writer(document.ids.idOf({ number, life: 0 })));
    if (one === undefined || other === undefined) throw new Error('no writers');
    for (const writer of [one, other]) {
      writer.author = new Author(writer.clientId, writer.known);
      writer.author.insert(kind === 'beyond' ? 2 : 6);
    }
    const doc = new Y.Doc();
    const text = doc.getText(kind === 'root' ? 'txet' : 'text');
    doc.clientID = kind === 'clientID' ? document.ids.idOf({ number: 5, life: 0 }) : one.clientId;
    const right = TEXT.slice(doc.clientID, 0, 6);
    if (kind === 'map') doc.getMap('map').set('key', 1);
    else if (kind === 'text') text.insert(0, `${right.slice(0, 5)}#`);
    else if (kind === 'place') {
      text.insert(0, right.slice(0, 3));
      text.insert(1, right.slice(3));
    } else text.insert(0, right);
    if (kind === 'origin') {
      doc.clientID = other.clientId;
      text.insert(3, TEXT.slice(other.clientId, 0, 1));
    }
    document.arrivals([Y.encodeStateAsUpdate(doc)], 'client 1');
    expect(problems.list()).toMatchObject([{ kind: 'not-typed', document: 'load/one' }]);
    expect(problems.list()[0]?.message).toContain('What client 1 got in load/one');
  });
});

describe('sets of what is deleted', () => {
  test('[LOADGEN8] they are sets, and clients that know the same have one in common', () => {
    forSeeds(10, RERUN, (random) => {
      const known = new KnownSets();
      const plain = new Set<number>();
      let one = NONE_DELETED;
      let other = NONE_DELETED;
      for (let i = 0; i < 60; i++) {
        const clock = between(random, 0, 4_000);
        const length = between(random, 1, 40);
        for (let at = clock; at < clock + length; at++) plain.add(at);
        one = one.with(clock, length, known);
        // The same in other portions, and some of it again.
        other = other.with(clock, Math.ceil(length / 2), known).with(clock, length, known);
        expect(other).toBe(one);
      }
      expect(one.count).toBe(plain.size);
      for (let i = 0; i < 200; i++) {
        const clock = between(random, 0, 4_100);
        expect(one.has(clock)).toBe(plain.has(clock));
      }
      const ranges = one.ranges();
      expect(DeletionSet.of(ranges).equals(one)).toBe(true);
      const fewer = DeletionSet.of(ranges.slice(2));
      expect(one.without(fewer)).toBe(ranges[1]);
      expect(fewer.without(one)).toBe(0);
      expect(fewer.equals(one)).toBe(false);
    });
  });
});
