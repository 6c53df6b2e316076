import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { ContentHasher, hashContent, isComparableHash } from '../../shared/content-hash.js';
import type { Random } from '../../shared/time.js';
import { editSomewhere, rootsOf, type SharedType } from '../support/random-edits.js';
import { between, forSeeds } from '../support/seeds.js';
import { visibleContent } from '../support/visible-content.js';
import { crossedOrigins } from '../support/wrong-copies.js';

const RERUN = 'tests/shared/content-hash.test.ts';

function filled(fill: (doc: Y.Doc) => void): Y.Doc {
  const doc = new Y.Doc();
  doc.transact(() => fill(doc));
  return doc;
}

function hashOf(fill: (doc: Y.Doc) => void): string {
  return hashContent(filled(fill));
}

function loaded(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
  return doc;
}

/** Three copies that edit, undo, and hear of one another at random moments; in the end everybody has everything. */
function threeCopies(random: Random, look: (doc: Y.Doc) => void): { docs: Y.Doc[]; log: Uint8Array[] } {
  const log: { by: number; update: Uint8Array }[] = [];
  const copies = [0, 1, 2].map((by) => {
    const doc = new Y.Doc({ gc: by !== 2 });
    doc.clientID = by + 1 + between(random, 0, 1_000) * 3;
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'remote') log.push({ by, update });
    });
    const undo = new Y.UndoManager(rootsOf(doc), { trackedOrigins: new Set(['here']), captureTimeout: 0 });
    return { by, doc, undo, has: 0 };
  });
  const catchUp = (copy: (typeof copies)[number], upTo: number): void => {
    for (const { by, update } of log.slice(copy.has, upTo))
      if (by !== copy.by) Y.applyUpdate(copy.doc, update, 'remote');
    copy.has = upTo;
  };
  for (let step = 0; step < 80; step++) {
    const copy = copies[between(random, 0, 2)];
    if (copy === undefined) continue;
    const chance = random();
    if (chance < 0.6) editSomewhere(random, copy.doc);
    else if (chance < 0.65) copy.undo.undo();
    else if (chance < 0.7) copy.undo.redo();
    else catchUp(copy, between(random, copy.has, log.length));
    if (step % 8 === 0) look(copy.doc);
  }
  // Copies that tidy up formats tell the others.
  while (copies.some(({ has }) => has < log.length)) for (const copy of copies) catchUp(copy, log.length);
  return { docs: copies.map(({ doc }) => doc), log: log.map(({ update }) => update) };
}

describe('the hash of a content', () => {
  test('[CHECK1] copies, their reload and the replayed log hash equally, however they came together', () => {
    forSeeds(60, `${RERUN} -t CHECK1`, (random) => {
      const { docs, log } = threeCopies(random, () => undefined);
      const reloaded = docs.map((doc) => loaded([Y.encodeStateAsUpdate(doc)]));
      const hashes = [...docs, ...reloaded, loaded(log)].map(hashContent);
      expect(new Set(hashes).size).toBe(1);
    });
  });

  test('[CHECK1] [CHECK2] two states hash equally if and only if they show the same', () => {
    const hashes = new Map<string, string>();
    const contents = new Map<string, string>();
    forSeeds(30, `${RERUN} -t CHECK2`, (random) => {
      threeCopies(random, (doc) => {
        const content = visibleContent(rootsOf(doc));
        const hash = hashContent(doc);
        expect(hashes.get(content) ?? hash).toBe(hash);
        expect(contents.get(hash) ?? content).toBe(content);
        hashes.set(content, hash);
        contents.set(hash, content);
      });
    });
    expect(hashes.size).toBeGreaterThan(process.env.SEED === undefined ? 100 : 0);
  });

  test('[CHECK1] a root that is empty, or that nobody has named a class for, makes no difference', () => {
    const written = filled((doc) => {
      doc.getText('text').insert(0, 'words', { bold: true });
      doc.getMap('map').set('key', 'value');
    });
    const bytes = Y.encodeStateAsUpdate(written);
    const untyped = loaded([bytes]);
    const typed = filled((doc) => {
      doc.getText('text');
      doc.getMap('map');
      doc.getArray('nothing');
      doc.getText('typed and deleted').insert(0, 'x');
      doc.getText('typed and deleted').delete(0, 1);
    });
    Y.applyUpdate(typed, bytes);
    expect(hashContent(untyped)).toBe(hashContent(written));
    expect(hashContent(typed)).toBe(hashContent(written));
    expect(hashContent(new Y.Doc())).toBe(hashOf((doc) => doc.getText('text')));
  });

  test('[CHECK1] formats without effect make no difference', () => {
    const plain = hashOf((doc) => doc.getText('text').insert(0, 'one two'));
    const twice = filled((doc) => doc.getText('text').insert(0, 'one two'));
    // Each of the two does not know that the other has made it bold, or plain again.
    const other = loaded([Y.encodeStateAsUpdate(twice)]);
    for (const doc of [twice, other]) doc.getText('text').format(0, 3, { bold: true });
    const bold = hashContent(twice);
    expect(bold).not.toBe(plain);
    Y.applyUpdate(twice, Y.encodeStateAsUpdate(other));
    expect(hashContent(twice)).toBe(bold);
    twice.getText('text').format(0, 7, { bold: null });
    expect(hashContent(twice)).toBe(plain);
  });

  test('[CHECK2] whatever can be seen makes a difference', () => {
    const nested = (make: () => SharedType) => (doc: Y.Doc) => doc.getArray('a').insert(0, [make()]);
    const fills: ((doc: Y.Doc) => void)[] = [
      (doc) => doc.getText('a'),
      (doc) => doc.getText('a').insert(0, 'x'),
      (doc) => doc.getText('b').insert(0, 'x'),
      (doc) => doc.getText('a').insert(0, 'xx'),
      (doc) => doc.getText('a').insert(0, 'x', { b: true }),
      (doc) => doc.getText('a').insert(0, 'x', { b: 'true' }),
      (doc) => doc.getText('a').insert(0, 'x', { c: true }),
      (doc) => doc.getText('a').applyDelta([{ insert: 'x', attributes: { b: true } }, { insert: 'x' }]),
      (doc) => doc.getText('a').applyDelta([{ insert: 'x' }, { insert: 'x', attributes: { b: true } }]),
      (doc) => doc.getText('a').insert(0, 'xx', { b: true }),
      (doc) => doc.getText('a').insertEmbed(0, { image: 'x' }),
      (doc) => doc.getText('a').insertEmbed(0, { image: 'y' }),
      (doc) => doc.getArray('a').insert(0, ['x']),
      (doc) => doc.getArray('a').insert(0, ['x', 'x']),
      (doc) => doc.getArray('a').insert(0, ['xx']),
      (doc) => doc.getArray('a').insert(0, [['x', 'x']]),
      (doc) => doc.getArray('a').insert(0, [null]),
      (doc) => doc.getArray('a').insert(0, [0]),
      (doc) => doc.getArray('a').insert(0, ['0']),
      (doc) => doc.getArray('a').insert(0, [new Uint8Array([1])]),
      (doc) => doc.getArray('a').insert(0, [new Uint8Array([1, 2])]),
      nested(() => new Y.Array()),
      nested(() => new Y.Map()),
      nested(() => new Y.Text()),
      nested(() => new Y.XmlText()),
      nested(() => new Y.XmlFragment()),
      nested(() => new Y.XmlElement('p')),
      nested(() => new Y.XmlElement('q')),
      nested(() => arrayOf('x')),
      nested(() => arrayOf(new Y.Array())),
      (doc) => doc.getArray('a').insert(0, [new Y.Array(), new Y.Array()]),
      (doc) => doc.getMap('a').set('k', 'x'),
      (doc) => doc.getMap('a').set('l', 'x'),
      (doc) => doc.getMap('a').set('k', ['x']),
      (doc) => {
        doc.getMap('a').set('k', 'x');
        doc.getMap('a').set('l', 'x');
      },
      (doc) => {
        doc.getText('a').insert(0, 'x');
        doc.getText('b').insert(0, 'x');
      },
      (doc) => doc.getText('a').insert(0, 'x\u00f0'),
      (doc) => doc.getText('a').insert(0, '\u{1F600}'),
      (doc) => doc.getText('a').insert(0, '\uFFFD\uFFFD'),
      (doc) => doc.getText('a').insert(0, '\uD83D'),
      (doc) => doc.getText('a').insert(0, '\uFFFD'),
    ];
    const hashes = fills.map(hashOf);
    for (const [at, hash] of hashes.entries()) expect(hashes.indexOf(hash)).toBe(at);
  });

  test('[CHECK2] crossed origins and a clientID used twice differ, with equal state vectors', () => {
    const { updates, fresh } = crossedOrigins();
    const live = loaded(updates);
    expect(live.getText('text').toString()).not.toBe(fresh.getText('text').toString());
    expect(Y.encodeStateVector(live)).toEqual(Y.encodeStateVector(fresh));
    expect(hashContent(live)).not.toBe(hashContent(fresh));

    const [one, two] = ['one', 'two'].map((word) => {
      const doc = new Y.Doc();
      doc.clientID = 7;
      doc.getText('text').insert(0, word);
      return doc;
    });
    if (one === undefined || two === undefined) throw new Error('there are two');
    Y.applyUpdate(one, Y.encodeStateAsUpdate(two));
    expect(Y.encodeStateVector(one)).toEqual(Y.encodeStateVector(two));
    expect(hashContent(one)).not.toBe(hashContent(two));
  });

  test('[CHECK2] a pair of surrogates that one copy alone has split is a difference', () => {
    const whole = filled((doc) => doc.getText('text').insert(0, '\u{1F600}'));
    const split = loaded([Y.encodeStateAsUpdate(whole)]);
    // Undone before anybody heard of it: to the others it is nothing but a deleted letter.
    split.getText('text').insert(1, 'x');
    split.getText('text').delete(1, 1);
    expect(split.getText('text').toString()).not.toBe('\u{1F600}');
    expect(hashContent(split)).not.toBe(hashContent(whole));
  });

  test('[CHECK3] it can be computed in steps of any size', () => {
    forSeeds(10, `${RERUN} -t CHECK3`, (random) => {
      const { docs } = threeCopies(random, () => undefined);
      const doc = docs[0] ?? new Y.Doc();
      doc.getText('long').insert(0, 'é€x'.repeat(50_000), { bold: true });
      const hasher = new ContentHasher(doc);
      let hash: string | undefined;
      let steps = 0;
      for (; hash === undefined; steps++) hash = hasher.step(between(random, 1, 2_000));
      expect(hash).toBe(hashContent(doc));
      expect(steps).toBeGreaterThan(75);
    });
  });

  test('[CHECK3] a document that is too deep for the call stack is no problem', () => {
    const deep = (bottom: string) =>
      hashOf((doc) => {
        let map = doc.getMap('root');
        for (let depth = 0; depth < 20_000; depth++) map = map.set('inner', new Y.Map());
        map.set('bottom', bottom);
      });
    expect(deep('a')).toBe(deep('a'));
    expect(deep('a')).not.toBe(deep('b'));
  });

  test('[CHECK3] formats that all change between two characters cost what changes, and no more', () => {
    const doc = new Y.Doc();
    const keys = Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`k${n}`, true]));
    doc.transact(() => {
      const text = doc.getText('text');
      text.insert(0, 'x', keys);
      for (let n = 1; n < 1_000; n++) text.insert(n, 'x', { ...keys, last: n });
    });
    const hasher = new ContentHasher(doc);
    const start = performance.now();
    while (hasher.step(10_000) === undefined);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  test('[CHECK3] browsers and Node compute the same', () => {
    const inBrowsers: { digest(bytes: Uint8Array): Uint8Array } = createRequire(resolve('package.json'))(
      './node_modules/lib0/dist/sha256.cjs',
    );
    for (let length = 0; length < 300; length++) {
      const bytes = Uint8Array.from({ length }, (_, n) => n * 7);
      expect(Buffer.from(inBrowsers.digest(bytes)).toString('hex')).toBe(
        createHash('sha256').update(bytes).digest('hex'),
      );
    }
  });

  test('[CHECK3] it says by which rules it was made', () => {
    expect(isComparableHash(hashContent(new Y.Doc()))).toBe(true);
    expect(isComparableHash('2:abc')).toBe(false);
  });
});

function arrayOf(item: unknown): SharedType {
  const array = new Y.Array<unknown>();
  array.insert(0, [item]);
  return array;
}
