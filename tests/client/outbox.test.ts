import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { type Change, Outbox } from '../../client/outbox.js';

const LIMITS = { maxUpdateBytes: 1_000, maxDeleteRanges: 100, maxAwarenessBytes: 1_000 };
const ME = 7;

function change(update: Uint8Array, madeBy: number | undefined, shared = false): Change {
  return { update, madeBy, count: 1, shared };
}

function writer(): { doc: Y.Doc; outbox: Outbox; type(words: string): void } {
  const doc = new Y.Doc();
  doc.clientID = ME;
  const outbox = new Outbox();
  doc.on('update', (update: Uint8Array) => outbox.add(change(update, ME)));
  return { doc, outbox, type: (words) => doc.getText('text').insert(doc.getText('text').length, words) };
}

function read(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc.getText('text').toString();
}

describe('the outbox', () => {
  test('[PROV4] the first change goes at once; what comes while it is under way goes merged, as one', () => {
    const { outbox, type } = writer();
    type('a');
    const first = outbox.next(ME, LIMITS);
    for (const letter of 'bcdef') type(letter);
    expect(outbox.next(ME, LIMITS)).toBeUndefined();
    expect(outbox.changes).toBe(6);
    outbox.confirmed();
    expect(outbox.changes).toBe(5);
    const second = outbox.next(ME, LIMITS);
    outbox.confirmed();
    expect(outbox.changes).toBe(0);
    expect(outbox.next(ME, LIMITS)).toBeUndefined();
    expect(read([first?.update ?? new Uint8Array(), second?.update ?? new Uint8Array()])).toBe('abcdef');
  });

  test('[PROV5] what was under way when the connection broke is sent again, and before anything newer', () => {
    const { outbox, type } = writer();
    type('a');
    const first = outbox.next(ME, LIMITS);
    type('b');
    outbox.returned();
    expect(outbox.next(ME, LIMITS)?.update).toEqual(first?.update);
  });

  test('[PROV6] a paste that is larger than an update may be goes in parts, and counts until the last is confirmed', () => {
    const { outbox, type } = writer();
    const pasted = 'Ünïcödé 👩‍👩‍👧 '.repeat(500);
    type(pasted);
    const parts: Uint8Array[] = [];
    for (let message = outbox.next(ME, LIMITS); message !== undefined; message = outbox.next(ME, LIMITS)) {
      expect(message.update.length).toBeLessThanOrEqual(LIMITS.maxUpdateBytes);
      expect(outbox.changes).toBe(1);
      parts.push(message.update);
      outbox.confirmed();
    }
    expect(parts.length).toBeGreaterThan(10);
    expect(outbox.changes).toBe(0);
    expect(read(parts)).toBe(pasted);
  });

  test('[PROV7] what this document made is live; what it has from elsewhere, or made under another clientID, is catch-up', () => {
    const { outbox, type } = writer();
    type('a');
    expect(outbox.next(ME, LIMITS)?.kind).toBe('live');
    outbox.confirmed();
    type('b');
    expect(outbox.next(ME + 1, LIMITS)?.kind).toBe('catch-up');
    outbox.confirmed();
    const other = new Y.Doc();
    other.getText('text').insert(0, 'elsewhere');
    outbox.add(change(Y.encodeStateAsUpdate(other), undefined));
    type('c');
    expect(outbox.next(ME, LIMITS)?.kind).toBe('catch-up');
    outbox.confirmed();
    expect(outbox.next(ME, LIMITS)?.kind).toBe('live');
  });

  test('what comes from elsewhere is not merged, as others may lie in between that came from the server', () => {
    const author = new Y.Doc();
    const updates: Uint8Array[] = [];
    author.on('update', (update: Uint8Array) => updates.push(update));
    for (const letter of 'abc') author.getText('text').insert(0, letter);
    const [a, , c] = updates;
    const outbox = new Outbox();
    for (const update of [a, c]) if (update !== undefined) outbox.add(change(update, undefined));
    const sent: unknown[] = [];
    for (let message = outbox.next(ME, LIMITS); message !== undefined; message = outbox.next(ME, LIMITS)) {
      sent.push(message.update);
      outbox.confirmed();
    }
    expect(sent).toEqual([a, c]);
  });

  test('[PROV8] ten thousand changes made offline go out in messages within the limits, in order', () => {
    const { doc, outbox, type } = writer();
    for (let n = 0; n < 10_000; n++) type(String.fromCharCode(97 + (n % 26)));
    const parts: Uint8Array[] = [];
    for (let message = outbox.next(ME, LIMITS); message !== undefined; message = outbox.next(ME, LIMITS)) {
      parts.push(message.update);
      outbox.confirmed();
    }
    expect(parts.every(({ length }) => length <= LIMITS.maxUpdateBytes)).toBe(true);
    expect(parts.length).toBeLessThan(500);
    expect(read(parts)).toBe(doc.getText('text').toString());
  });

  /** What is sent, and what becomes of each message. */
  function sendAll(outbox: Outbox, taken: (update: Uint8Array) => boolean): (string | undefined)[] {
    const ways: (string | undefined)[] = [];
    for (let message = outbox.next(ME, LIMITS); message !== undefined; message = outbox.next(ME, LIMITS)) {
      if (taken(message.update)) {
        outbox.confirmed();
        ways.push('taken');
        continue;
      }
      const way = outbox.giveWay();
      ways.push(way);
      if (way !== 'next') break;
    }
    return ways;
  }

  /** A gate that takes what it can apply whole. */
  function gate(): { text(): string; takes(update: Uint8Array): boolean } {
    const doc = new Y.Doc();
    return {
      text: () => doc.getText('text').toString(),
      takes(update) {
        const trial = new Y.Doc();
        for (const part of [Y.encodeStateAsUpdate(doc), update]) Y.applyUpdate(trial, part);
        if (trial.store.pendingStructs !== null || trial.store.pendingDs !== null) return false;
        Y.applyUpdate(doc, update);
        return true;
      },
    };
  }

  /** Two who answer one another, letter by letter. */
  function dialogue(letters: string): Uint8Array[][] {
    const docs = [new Y.Doc(), new Y.Doc()] as const;
    docs[0].clientID = 1;
    docs[1].clientID = 2;
    const made: Uint8Array[][] = [[], []];
    [...letters].forEach((letter, n) => {
      const author = docs[n % 2] ?? docs[0];
      const before = Y.encodeStateVector(author);
      author.getText('text').insert(n, letter);
      const update = Y.encodeStateAsUpdate(author, before);
      made[n % 2]?.push(update);
      for (const doc of docs) Y.applyUpdate(doc, update);
    });
    return made;
  }

  test('[PROV50] what several copies made, in whatever order it is there, goes out without a pause', () => {
    const [first = [], second = []] = dialogue('abcdefghij');
    for (const updates of [
      [...first, ...second],
      [...second, ...first],
      [...second].reverse().concat(first),
    ]) {
      const outbox = new Outbox();
      const { takes, text } = gate();
      for (const update of updates) outbox.add(change(update, first.includes(update) ? 1 : 2, true));
      expect(sendAll(outbox, takes)).not.toContain('pause');
      expect(text()).toBe('abcdefghij');
      expect(outbox.changes).toBe(0);
    }
  });

  test('[PROV50] what can’t be sent yet lets the rest pass, and is tried again after a pause, however often', () => {
    const [first = [], second = []] = dialogue('abcd');
    const { outbox, type } = writer();
    const { takes, text } = gate();
    for (const update of second) outbox.add(change(update, 2, true));
    type('own');
    expect(sendAll(outbox, takes).at(-1)).toBe('pause');
    expect(text()).toBe('own');
    expect(sendAll(outbox, takes).at(-1)).toBe('pause');
    for (const update of first) {
      expect(takes(update)).toBe(true);
      sendAll(outbox, takes);
    }
    expect(outbox.changes).toBe(0);
    expect(text()).toContain('abcd');
  });

  test('[PROV50] without another copy a refusal is the connection’s affair', () => {
    const { outbox, type } = writer();
    type('own');
    outbox.next(ME, LIMITS);
    expect(outbox.giveWay()).toBeUndefined();
    expect(outbox.changes).toBe(1);
  });
});
