import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { Author, BEGINNING } from '../../../../load/generator/author/author.js';
import { encodeUpdate } from '../../../../load/generator/author/encode-update.js';
import { copyIn } from '../../../../load/generator/check/copy.js';
import { PROSE } from '../../../../load/generator/text/prose.js';
import { WrittenText } from '../../../../load/generator/text/written-text.js';
import { KnownSets } from '../../../../load/generator/view/deletion-set.js';
import type { Random } from '../../../../shared/time.js';
import { between, forSeeds } from '../../../support/seeds.js';

const TEXT = new WrittenText(PROSE, true);
const RERUN = 'tests/load/generator/author/author';

/** Types, pastes, deletes and goes about, anywhere in the text. */
function edit(author: Author, random: Random): void {
  const { text } = author;
  if (random() < 0.3) text.moveTo(between(random, 0, text.length));
  const lot = random();
  if (lot < 0.6) author.insert(1);
  else if (lot < 0.7) author.insert(between(random, 2, 200));
  else if (lot < 0.95) author.deleteBefore(between(random, 1, 30));
  else if (lot < 0.98) {
    author.deleteBefore(5);
    author.insert(3);
  } else {
    text.moveTo(text.length);
    author.deleteBefore(text.length);
  }
  author.commit(0);
}

/** What the author believes his text to be. */
function believed(author: Author): string {
  return Array.from(author.text.clocks(), (clock) => TEXT.charAt(author.clientId, clock)).join('');
}

describe('an author without a Y.Doc', () => {
  test('[LOADGEN1] real documents show the text that he believes to have, in whatever portions his updates are sent', () => {
    forSeeds(8, RERUN, (random) => {
      const author = new Author(between(random, 1, 2 ** 32 - 1), new KnownSets());
      const doc = new Y.Doc();
      let sent = BEGINNING;
      for (let i = 0; i < 800; i++) {
        edit(author, random);
        if (random() < 0.5) continue;
        const { mark } = author;
        Y.applyUpdate(doc, encodeUpdate([author.between(sent, mark)], TEXT));
        sent = mark;
        if (random() < 0.3) author.acknowledge(mark);
        expect(doc.getText('text').toString()).toBe(believed(author));
      }
      const { by, pending } = copyIn(doc, TEXT);
      const one = by.get(author.clientId);
      expect(pending).toBe(false);
      expect(one?.clock).toBe(sent.clock);
      expect(one?.strangeAt).toBeUndefined();
    });
  });

  test('[LOADGEN1] several authors in one document each keep their own text, also where an update comes again', () => {
    forSeeds(5, RERUN, (random) => {
      const authors = [7, 2 ** 31, 2 ** 32 - 1].map((id) => new Author(id, new KnownSets()));
      const docs = [new Y.Doc(), new Y.Doc()];
      const sent = authors.map(() => BEGINNING);
      const updates: Uint8Array[] = [];
      for (let i = 0; i < 300; i++) {
        const who = between(random, 0, 2);
        const author = authors[who];
        if (author === undefined) continue;
        edit(author, random);
        const { mark } = author;
        updates.push(encodeUpdate([author.between(sent[who] ?? BEGINNING, mark)], TEXT));
        sent[who] = mark;
      }
      for (const doc of docs) for (const update of updates) Y.applyUpdate(doc, update);
      for (let i = 0; i < 20; i++)
        Y.applyUpdate(docs[1] ?? new Y.Doc(), updates[between(random, 0, 299)] ?? new Uint8Array());
      const [copy, again] = docs.map((doc) => copyIn(doc, TEXT));
      expect(again?.order).toBe(copy?.order);
      for (const author of authors) {
        expect(copy?.by.get(author.clientId)?.live).toEqual([...author.text.clocks()]);
        expect(copy?.by.get(author.clientId)?.deleted.equals(author.deleted)).toBe(true);
      }
    });
  });

  test('[LOADGEN2] what is acknowledged is what was in the updates that were acknowledged', () => {
    const author = new Author(5, new KnownSets());
    author.insert(10);
    author.commit(1);
    const first = author.mark;
    author.deleteBefore(4);
    author.commit(2);
    author.insert(2);
    author.commit(3);
    expect(author.unacked).toBe(3);
    author.acknowledge(first);
    expect(author.unacked).toBe(2);
    expect(author.ackedDeleted.count).toBe(0);
    expect(author.between(author.acked, author.mark)).toMatchObject({ from: 10, to: 12, deleted: [6, 4] });
    author.acknowledge(author.mark);
    expect(author.unacked).toBe(0);
    expect(author.ackedDeleted.ranges()).toEqual([6, 4]);
    // An answer that comes late changes nothing.
    author.acknowledge(first);
    expect(author.acked.clock).toBe(12);
  });
});
