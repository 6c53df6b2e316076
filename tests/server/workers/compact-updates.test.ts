import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { compactUpdates } from '../../../server/workers/compact-updates.js';
import { DocumentIndex } from '../../../shared/document-index.js';
import { encodeUpdateList } from '../../../shared/frames.js';

/** A document with text, structure and deletions, and the updates that made it. */
function written(): { doc: Y.Doc; updates: Uint8Array[] } {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  const text = doc.getText('text');
  for (let n = 0; n < 200; n++) {
    text.insert((n * 7) % (text.length + 1), `word${n} `);
    if (n % 3 === 0) text.delete(0, 2);
  }
  doc.getMap('facts').set('nested', new Y.Map([['a', [1, { b: 2 }]]]));
  doc.getXmlFragment('page').insert(0, [new Y.XmlElement('p')]);
  return { doc, updates };
}

/** Compacts updates without a snapshot. */
function compact(updates: readonly Uint8Array[]): ReturnType<typeof compactUpdates> {
  return compactUpdates({ state: undefined, since: encodeUpdateList(updates) });
}

describe('compaction in the worker', () => {
  test('[LOG16] the merged state has the same content, and an index that fits it', () => {
    const { doc, updates } = written();
    const { state, index } = compact(updates);
    const loaded = new Y.Doc();
    Y.applyUpdate(loaded, state);
    expect(loaded.getText('text').toString()).toBe(doc.getText('text').toString());
    expect(loaded.getMap('facts').toJSON()).toEqual(doc.getMap('facts').toJSON());
    expect(Y.encodeStateVector(loaded)).toEqual(Y.encodeStateVector(doc));
    expect(DocumentIndex.decode(index).stateVector()).toEqual(Y.encodeStateVector(loaded));
    expect(compactUpdates({ state, since: encodeUpdateList([]) }).state).toEqual(state);
    const half = compact(updates.slice(0, 100)).state;
    expect(compactUpdates({ state: half, since: encodeUpdateList(updates.slice(100)) }).state).toEqual(state);
  });

  test('[LOG16] updates that do not load, or build on what is missing, are refused', () => {
    const { updates } = written();
    expect(() => compact([new Uint8Array([1, 1, 1])])).toThrow(
      expect.objectContaining({ code: 'document-unreadable' }),
    );
    expect(() => compact(updates.slice(1))).toThrow(expect.objectContaining({ code: 'document-unreadable' }));
  });
});
