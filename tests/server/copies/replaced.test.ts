import { describe, expect, test } from '@jest/globals';
import type { Change } from '../../../server/copies/copies.js';
import type { CoscribeError } from '../../../shared/errors.js';
import { asker, copiedNode } from '../../support/copied-node.js';
import { NOTES } from '../../support/document-node.js';
import { settle } from '../../support/manual-clock.js';

const ADA = asker();
const MOST = 20_000;
/** Of letters that only this text has, so that all of another one is replaced. */
const large = (letter: string): string => letter.repeat(0.9 * MOST);
const replace = (text: string): Change => ({ as: 'replace-text', root: 'text', text });
const append = (text: string): Change => ({ as: 'append-text', root: 'text', text });

/** A node with a document that is nearly full, all of it in its snapshot. */
async function full() {
  const node = copiedNode({ limits: { maxUpdateBytes: 3_000, maxDocumentBytes: MOST } });
  await node.copies.change(NOTES, ADA, replace(large('a')));
  await node.documents.compact(NOTES);
  /** What is stored is what whoever opens the document gets. */
  const stored = async (): Promise<number> => {
    const {
      head = 0,
      firstRow = 1,
      snapshotBytes = 0,
      snapshotSeq = 0,
    } = (await node.store.positions([NOTES])).get(NOTES) ?? {};
    const from = Math.max(snapshotSeq, firstRow - 1);
    const rows = await node.store.readLog(NOTES, from, head - from);
    return rows.reduce((sum, { update }) => sum + update.length, snapshotBytes);
  };
  /** Makes a change, however often it has to wait. */
  const change = async (one: Change): Promise<string> => {
    let answer: string | undefined;
    node.copies.change(NOTES, ADA, one).then(
      ({ changed }) => {
        answer = String(changed);
      },
      ({ code }: CoscribeError) => {
        answer = code;
      },
    );
    while (answer === undefined) {
      node.clock.advance(100);
      await settle();
    }
    return answer;
  };
  return { ...node, stored, change };
}

describe('a document that is nearly full', () => {
  test('[COPY20] takes a text as large as the one that it has, again and again, and stores two at most', async () => {
    const node = await full();
    for (const letter of ['b', 'c', 'd', 'e']) {
      let answer = await node.change(replace(large(letter)));
      expect(['true', 'document-busy']).toContain(answer);
      expect(await node.stored()).toBeLessThanOrEqual(2 * MOST);
      if (answer !== 'true') {
        await node.documents.compact(NOTES);
        answer = await node.change(replace(large(letter)));
      }
      expect(answer).toBe('true');
      expect(await node.see()).toBe(large(letter));
    }
    await node.documents.compact(NOTES);
    expect(await node.stored()).toBeLessThan(MOST);
  });

  test('[COPY20] takes a short text in the place of its own, and then much more', async () => {
    const node = await full();
    expect(await node.change(replace('b'.repeat(2_500)))).toBe('true');
    await node.documents.compact(NOTES);
    expect(await node.change(append('c'.repeat(10_000)))).toBe('true');
    expect(await node.see()).toBe('b'.repeat(2_500) + 'c'.repeat(10_000));
  });

  test('[COPY20] takes nothing that would be too much, in parts or in one', async () => {
    const node = await full();
    const before = await node.stored();
    for (const change of [
      append('b'.repeat(10_000)),
      append('b'.repeat(2_500)),
      replace('b'.repeat(MOST + 1)),
    ])
      expect(await node.change(change)).toBe('document-too-large');
    expect([await node.see(), await node.stored()]).toEqual([large('a'), before]);
    expect(await node.change(append('b'.repeat(100)))).toBe('true');
  });
});
