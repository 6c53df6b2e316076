import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { Outbox } from '../../client/outbox.js';

const LIMITS = { maxUpdateBytes: 1_000, maxDeleteRanges: 100, maxAwarenessBytes: 1_000 };
const ME = 7;

function writer(): { doc: Y.Doc; outbox: Outbox; type(words: string): void } {
  const doc = new Y.Doc();
  const outbox = new Outbox();
  doc.on('update', (update: Uint8Array) => outbox.add(update, ME));
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
    outbox.add(Y.encodeStateAsUpdate(other), undefined);
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
    for (const update of [a, c]) if (update !== undefined) outbox.add(update, undefined);
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
});
