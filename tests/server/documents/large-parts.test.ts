import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { checkState } from '../../../server/documents/beginning.js';
import { partsOf } from '../../../server/documents/large-parts.js';
import { CrdtThread } from '../../../server/workers/crdt-thread.js';
import { CoscribeError } from '../../../shared/errors.js';
import { systemClock } from '../../../shared/time.js';
import { splitUpdate } from '../../../shared/update-split.js';
import { inlineCrdt, LIMITS } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';

const BOUNDS = { maxBytes: 64 * 1024, maxDeleteRanges: 100 };

function updateOf(bytes: number): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, 'x'.repeat(bytes));
  return Y.encodeStateAsUpdate(doc);
}

const LARGE = updateOf(1_100_000);

/** Comparing the bytes themselves takes seconds. */
function hashes(parts: readonly Uint8Array[]): readonly string[] {
  return parts.map((part) => createHash('sha256').update(part).digest('hex'));
}

describe('an update that is cut into parts', () => {
  let thread: CrdtThread | undefined;
  afterEach(() => thread?.close());

  test('[WORK9] is cut in the thread if it is large, into the same parts', async () => {
    thread = new CrdtThread({ clock: systemClock({ unref: true }), maxDocumentBytes: 2 ** 21 });
    expect(hashes(await partsOf(LARGE, BOUNDS, thread))).toEqual(hashes(splitUpdate(LARGE, BOUNDS)));
    await expect(partsOf(LARGE.subarray(0, -1), BOUNDS, thread)).rejects.toMatchObject({
      code: 'invalid-update',
    });
  });

  test('[WORK9] is cut at once if it is small, or the thread has too much to do', async () => {
    const refuse = { split: () => Promise.reject(new CoscribeError('internal')) };
    const never = { split: () => Promise.reject(new Error('a small one is not sent there')) };
    const small = updateOf(200_000);
    expect(hashes(await partsOf(small, BOUNDS, never))).toEqual(hashes(splitUpdate(small, BOUNDS)));
    expect(hashes(await partsOf(LARGE, BOUNDS, refuse))).toEqual(hashes(splitUpdate(LARGE, BOUNDS)));
  });

  test('[WORK9] what a document begins with, too', async () => {
    let cut = 0;
    const crdt = {
      ...inlineCrdt,
      split: async (...asked: Parameters<typeof splitUpdate>) => {
        cut++;
        return splitUpdate(...asked);
      },
    };
    const limits = { ...LIMITS, maxDocumentBytes: 2 ** 21 };
    const services = { limits, crdt, clock: systemClock({ unref: true }), store: new GatedStore() };
    expect((await checkState(LARGE, services)).length).toBeGreaterThan(100);
    expect(cut).toBe(1);
  });
});
