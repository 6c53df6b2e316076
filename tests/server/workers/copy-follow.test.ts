import { describe, expect, test } from '@jest/globals';
import { applyPatch } from 'rfc6902';
import * as Y from 'yjs';
import { CopiedDocument } from '../../../server/workers/copied-document.js';
import type { CopyTask, Followed, FollowedChange } from '../../../server/workers/copy-work.js';
import { hashContent } from '../../../shared/content-hash.js';
import { encodeUpdateList } from '../../../shared/frames.js';
import type { Random } from '../../../shared/time.js';
import { DeltaText } from '../../support/apply-delta.js';
import { editSomewhere } from '../../support/random-edits.js';
import { between, forSeeds } from '../../support/seeds.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** Somebody who follows something by what he is told, and nothing else. */
class Watcher {
  private readonly shownText: DeltaText | undefined;
  private json: { whole: unknown };

  constructor(
    readonly what: Followed,
    body: Uint8Array,
    public seq: number,
  ) {
    const shown = JSON.parse(text(body));
    this.json = { whole: shown };
    if (what.as === 'text')
      this.shownText = new DeltaText(shown.delta ?? (shown.text === '' ? [] : [{ insert: shown.text }]));
  }

  hear({ from, seq, json }: FollowedChange): void {
    expect(from).toBeGreaterThanOrEqual(this.seq);
    expect(seq).toBeGreaterThan(from);
    this.seq = seq;
    const operations = JSON.parse(json);
    expect(operations.length).toBeGreaterThan(0);
    if (this.shownText !== undefined) {
      this.shownText.apply(operations);
      return;
    }
    const below = operations.map((operation: { path: string }) => ({
      ...operation,
      path: `/whole${operation.path}`,
    }));
    expect(applyPatch(this.json, below)).toEqual(operations.map(() => null));
  }

  /** As anything that is told in the same form can be compared. */
  get shown(): unknown {
    return this.shownText?.show() ?? this.json.whole;
  }
}

/** A log that several people write into, each on what he has seen of it. */
class Log {
  readonly rows: Uint8Array[] = [];
  private readonly people: { readonly doc: Y.Doc; seen: number }[] = [];

  constructor(
    private readonly random: Random,
    people: number,
  ) {
    for (let left = people; left > 0; left--) {
      const doc = new Y.Doc();
      doc.on('update', (update: Uint8Array, origin: unknown) => {
        if (origin !== 'log') this.rows.push(update);
      });
      this.people.push({ doc, seen: 0 });
    }
  }

  /** Somebody reads, or writes. */
  step(): void {
    const person = this.people[between(this.random, 0, this.people.length - 1)];
    if (person === undefined) return;
    if (this.random() < 0.3) {
      const upTo = between(this.random, person.seen, this.rows.length);
      for (const row of this.rows.slice(person.seen, upTo)) Y.applyUpdate(person.doc, row, 'log');
      person.seen = upTo;
    } else editSomewhere(this.random, person.doc);
  }
}

const ALL: readonly Followed[] = [
  { as: 'json' },
  ...['text', 'rich', 'list', 'map', 'xml'].map((root) => ({ as: 'json', root }) as const),
  { as: 'text', root: 'text' },
  { as: 'text', root: 'rich' },
];

const TAKE: CopyTask = { kind: 'take' };

describe('what is followed', () => {
  test('[COPY8] [COPY9] changes one after the other give what is there, of formatted texts and nested types, whoever writes', () => {
    forSeeds(25, 'tests/server/workers/copy-follow', (random) => {
      const log = new Log(random, 3);
      let copy = new CopiedDocument();
      let fed = 0;
      const watchers = new Map<number, Watcher>();
      const feed = (): void => {
        const rows = log.rows.slice(fed);
        fed = log.rows.length;
        if (rows.length > 0) copy.perform({ list: encodeUpdateList(rows), seq: fed }, TAKE);
      };
      const begin = (what: Followed): void => {
        const number = watchers.size;
        const { body, seq } = copy.perform(undefined, { kind: 'follow', number, what });
        watchers.set(number, new Watcher(what, body, seq));
      };
      for (let step = 0; step < 60; step++) {
        log.step();
        if (random() < 0.3) {
          try {
            feed();
          } catch (error) {
            // What was nothing but XML is a list: another copy takes its place, and everybody begins anew.
            if (!/different constructor/.test(String(error))) throw error;
            fed = 0;
            copy = new CopiedDocument();
            watchers.clear();
            feed();
          }
          for (const news of copy.takeNews()) {
            if ('failure' in news) throw new Error(news.failure.code);
            watchers.get(news.number)?.hear(news.change);
          }
        }
        const next = ALL[watchers.size];
        if (next !== undefined && random() < 0.3) begin(next);
      }
      const fresh = new CopiedDocument();
      fresh.perform({ list: encodeUpdateList(log.rows.slice(0, fed)), seq: fed }, TAKE);
      for (const [number, watcher] of watchers) {
        const { what } = watcher;
        const { body } = copy.perform(undefined, { kind: 'look', number });
        const other = fresh.perform(undefined, { kind: 'follow', number, what });
        // Whoever begins now sees the same, and so does whoever begins on another node.
        expect(new Watcher(what, body, 0).shown).toEqual(watcher.shown);
        expect(new Watcher(what, other.body, 0).shown).toEqual(watcher.shown);
      }
    });
  });

  test('[COPY8] halves of characters that somebody cut are told as what Yjs makes of them', () => {
    const ann = new Y.Doc();
    const rows: Uint8Array[] = [];
    ann.on('update', (update: Uint8Array) => rows.push(update));
    const words = ann.getText('text');
    words.insert(0, 'a\u{1f600}b\u{1f600}', { bold: true });
    const copy = new CopiedDocument();
    copy.perform({ list: encodeUpdateList(rows), seq: 1 }, TAKE);
    copy.perform(undefined, { kind: 'follow', number: 1, what: { as: 'text', root: 'text' } });
    const told = (): unknown => {
      copy.perform({ list: encodeUpdateList(rows.slice(-1)), seq: rows.length }, TAKE);
      return copy.takeNews().map((news) => 'change' in news && JSON.parse(news.change.json));
    };
    const half = { insert: '\ufffd', attributes: { bold: true } };
    words.insert(2, 'x');
    expect(told()).toEqual([
      [{ retain: 1 }, half, { delete: 1 }, { insert: 'x', attributes: { bold: true } }, half, { delete: 1 }],
    ]);
    words.delete(6, 1);
    expect(told()).toEqual([[{ retain: 5 }, half, { delete: 1 }, { delete: 1 }]]);
    words.insert(6, '!');
    expect(told()).toEqual([[{ retain: 6 }, { insert: '!', attributes: { bold: true } }]]);
  });

  test('[COPY8] whoever cuts characters, with whatever in between, the deltas make the text', () => {
    forSeeds(20, 'tests/server/workers/copy-follow', (random) => {
      const rows: Uint8Array[] = [];
      const people = [new Y.Doc(), new Y.Doc()];
      for (const doc of people)
        doc.on('update', (update: Uint8Array, origin: unknown) => {
          if (origin !== 'log') rows.push(update);
        });
      const copy = new CopiedDocument();
      copy.perform(undefined, { kind: 'follow', number: 1, what: { as: 'text', root: 'text' } });
      const watcher = new Watcher({ as: 'text', root: 'text' }, Buffer.from('{"text":""}'), 0);
      let fed = 0;
      for (let step = 0; step < 30; step++) {
        for (const doc of people) {
          const words = doc.getText('text');
          const at = between(random, 0, words.length);
          const length = Math.min(words.length - at, between(random, 0, 3));
          const choice = random();
          if (choice < 0.5) words.insert(at, random() < 0.7 ? '\u{1f600}\u{1f601}' : 'x\ufffd');
          else if (choice < 0.7 && length > 0) words.format(at, length, { bold: random() < 0.5 || null });
          else if (length > 0) words.delete(at, length);
        }
        if (random() < 0.5) for (const doc of people) for (const row of rows) Y.applyUpdate(doc, row, 'log');
        if (random() < 0.3 || rows.length === fed) continue;
        copy.perform({ list: encodeUpdateList(rows.slice(fed)), seq: rows.length }, TAKE);
        fed = rows.length;
        for (const news of copy.takeNews()) if ('change' in news) watcher.hear(news.change);
        const { body } = copy.perform(undefined, { kind: 'look', number: 1 });
        expect(watcher.shown).toEqual(new Watcher(watcher.what, body, 0).shown);
      }
    });
  });

  test('[COPY10] knows the last thousand changes, or fewer if they are large', () => {
    const begun = (rows: readonly Uint8Array[]) => {
      const feed = { list: encodeUpdateList(rows), seq: rows.length };
      const what = { as: 'text', root: 'text' } as const;
      return new CopiedDocument().perform(feed, { kind: 'follow', number: 1, what });
    };
    const written = (words: readonly string[]): Uint8Array[] => {
      const doc = new Y.Doc();
      const rows: Uint8Array[] = [];
      doc.on('update', (update: Uint8Array) => rows.push(update));
      for (const word of words) doc.getText('text').insert(0, word);
      return rows;
    };
    const many = begun(written(Array.from({ length: 1_100 }, () => 'x')));
    expect([many.since, many.seq, many.before.length, many.before[0]?.from]).toEqual([
      100, 1_100, 1_000, 100,
    ]);
    const large = begun(written(['x', 'y'.repeat(200_000), 'z'.repeat(200_000)]));
    expect([large.since, large.before.length]).toEqual([2, 1]);
  });

  test('[COPY12] a copy that shows something else than the document, or lacks something, is used no more', () => {
    const doc = new Y.Doc();
    doc.getText('text').insert(0, 'x');
    const rows = [Y.encodeStateAsUpdate(doc)];
    const loaded = (): CopiedDocument => {
      const copy = new CopiedDocument();
      copy.perform({ list: encodeUpdateList(rows), seq: 1 }, TAKE);
      return copy;
    };
    loaded().perform(undefined, { kind: 'check', seq: 1, hash: hashContent(doc) });
    // It has got on meanwhile.
    loaded().perform(undefined, { kind: 'check', seq: 2, hash: 'another' });
    expect(() => loaded().perform(undefined, { kind: 'check', seq: 1, hash: 'another' })).toThrow(RangeError);
    doc.getText('text').insert(1, 'y');
    const lost = Y.encodeStateVector(doc);
    doc.getText('text').insert(2, 'z');
    const gap = encodeUpdateList([Y.encodeStateAsUpdate(doc, lost)]);
    const copy = loaded();
    expect(() => copy.perform({ list: gap, seq: 3 }, TAKE)).toThrow(RangeError);
    expect(copy.broken).toBe(true);
  });
});
