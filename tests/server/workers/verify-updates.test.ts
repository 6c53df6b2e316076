import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { compactUpdates } from '../../../server/workers/compact-updates.js';
import { verifyUpdates } from '../../../server/workers/verify-updates.js';
import { encodeUpdateList } from '../../../shared/frames.js';

/** One update for each letter. */
function updatesOf(text: string): Uint8Array[] {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  for (const [at, letter] of [...text].entries()) doc.getText('text').insert(at, letter);
  return updates;
}

function compacted(updates: readonly Uint8Array[]) {
  return compactUpdates({ state: undefined, since: encodeUpdateList(updates) });
}

test('[VERIFY16] what was written wrong is found, though every checksum is right', () => {
  const updates = updatesOf('abcdef');
  const whole = compacted(updates.slice(0, 3));
  const kinds = (...args: Parameters<typeof verifyUpdates>) => verifyUpdates(...args).map(({ kind }) => kind);
  const snapshot = { seq: 3, ...whole };
  expect(kinds({ snapshot, first: 1, updates })).toEqual([]);
  expect(kinds({ snapshot, first: 3, updates: updates.slice(2) })).toEqual([]);
  expect(kinds({ snapshot, first: 4, updates: updates.slice(3) })).toEqual([]);
  expect(kinds({ snapshot: undefined, first: 1, updates })).toEqual([]);
  expect(kinds({ snapshot: undefined, first: 1, updates: [] })).toEqual([]);

  // A row that is not there, though the numbers have no gap.
  expect(kinds({ snapshot: undefined, first: 1, updates: updates.slice(1) })).toEqual(['log-does-not-load']);
  expect(kinds({ snapshot, first: 4, updates: updates.slice(4) })).toEqual(['log-does-not-load']);
  const { index } = compacted(updates.slice(0, 2));
  expect(kinds({ snapshot: { ...snapshot, index }, first: 4, updates: updates.slice(3) })).toEqual([
    'index-wrong',
  ]);
  const lacking = { seq: 3, ...compacted(updates.slice(0, 2)) };
  expect(kinds({ snapshot: lacking, first: 3, updates: updates.slice(2, 3) })).toEqual([
    'snapshot-contradicts-log',
  ]);
  const more = { seq: 3, ...compacted(updates.slice(0, 4)) };
  expect(kinds({ snapshot: more, first: 1, updates: updates.slice(0, 3) })).toEqual([
    'snapshot-contradicts-log',
  ]);
  const broken = { ...snapshot, state: new Uint8Array([1, 1, 1, 0, 0, 0, 0]) };
  expect(kinds({ snapshot: broken, first: 4, updates: [] })).not.toEqual([]);
});
