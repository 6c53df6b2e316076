import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import {
  bringsAll,
  exceeds,
  isCounted,
  readOwned,
} from '../../../../server/gateway/hocuspocus/counted-updates.js';

/** A copy in which "before" was written before the provider began to count. */
function copy(): {
  readonly doc: Y.Doc;
  readonly owned: ReturnType<typeof readOwned>;
  edit(run: (text: Y.Text) => void): Uint8Array;
} {
  const doc = new Y.Doc();
  const text = doc.getText('text');
  text.insert(0, 'before');
  return {
    doc,
    owned: readOwned(Y.encodeStateVector(doc)),
    edit(run) {
      let made: Uint8Array = new Uint8Array();
      doc.once('update', (update: Uint8Array) => {
        made = update;
      });
      run(text);
      return made;
    },
  };
}

test('[HOCUS4] an update is counted if it was made after the step 1, which what it adds shows', () => {
  const { doc, owned, edit } = copy();
  const kept = Y.encodeStateAsUpdate(doc);
  const made = edit((text) => text.insert(0, 'after'));
  const deletesNew = edit((text) => text.delete(0, 1));
  for (const mayBeKept of [true, false]) {
    expect(isCounted(kept, owned, mayBeKept)).toBe(false);
    expect(isCounted(made, owned, mayBeKept)).toBe(true);
    expect(isCounted(deletesNew, owned, mayBeKept)).toBe(true);
  }
});

test('[HOCUS4] a deletion of what was there before counts once nothing can have been kept', () => {
  const { owned, edit } = copy();
  const deletesOld = edit((text) => text.delete(0, 1));
  expect(isCounted(deletesOld, owned, true)).toBe(false);
  expect(isCounted(deletesOld, owned, false)).toBe(true);
  expect(isCounted(Uint8Array.of(255, 255, 1), owned, false)).toBe(false);
});

test('[HOCUS4] an answer that was kept since an earlier connection is known by what it does not bring', () => {
  const { doc, edit } = copy();
  const asked = Y.encodeStateVector(doc);
  const known = readOwned(asked);
  const early = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(doc));
  edit((text) => text.insert(0, 'after'));
  const owned = readOwned(Y.encodeStateVector(doc));
  const full = Y.encodeStateAsUpdate(doc);
  expect(bringsAll(early, owned, asked)).toBe(false);
  expect(bringsAll(full, owned, asked)).toBe(true);
  expect(bringsAll(early, known, asked)).toBe(true);
  expect(bringsAll(Uint8Array.of(255), owned, asked)).toBe(true);
  expect([exceeds(owned, known), exceeds(known, owned), exceeds(known, known)]).toEqual([true, false, false]);
});

test('[HOCUS4] a state vector that is none, or too long, counts as nothing', () => {
  expect(readOwned(Uint8Array.of(200)).size).toBe(0);
  expect(readOwned(new Uint8Array(1_000_000)).size).toBe(0);
});
