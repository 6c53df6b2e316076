import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { rejectedEdits } from '../../client/rejected-edits.js';
import { forSeeds } from '../support/seeds.js';

/** A document in which others have written "saved ", and what is done to it afterwards, update by update. */
function written(write: (text: Y.Text, doc: Y.Doc) => void) {
  const others = new Y.Doc();
  others.getText('text').insert(0, 'saved ');
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(others));
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  write(doc.getText('text'), doc);
  const base = new Y.Doc();
  Y.applyUpdate(base, Y.encodeStateAsUpdate(others));
  return { doc, base, updates, edits: rejectedEdits(doc, updates, updates.length) };
}

describe('rejected edits', () => {
  test('[PROV36] what goes on where the last piece ended belongs to it, in the order of writing', () => {
    const { edits } = written((text) => {
      for (const [index, letter] of [...'word'].entries()) text.insert(6 + index, letter);
      text.insert(0, 'First: ');
      text.insert(7 + 10, 's');
      text.insert(9, '🙂');
    });
    expect(edits.inserted).toEqual(['word', 'First: ', 's', '🙂']);
    expect(edits.text).toBe('First: sa🙂ved words');
    expect(edits.changes).toBe(7);
  });

  test('[PROV36] what was deleted again is not in them, and who corrects himself writes one piece', () => {
    const { edits } = written((text) => {
      text.insert(6, 'helo');
      text.delete(9, 1);
      text.insert(9, 'lo');
      text.insert(0, 'gone');
      text.delete(0, 4);
      text.insert(6, 'abcdef');
      text.delete(8, 2);
    });
    expect(edits.inserted).toEqual(['hello', 'abef']);
    expect(edits.text).toBe('saved abefhello');
  });

  test('[PROV36] deletions alone are edits too', () => {
    const { base, edits } = written((text) => text.delete(0, 3));
    expect(edits).toMatchObject({ inserted: [], text: 'ed ', changes: 1 });
    Y.applyUpdate(base, edits.update);
    expect(base.getText('text').toString()).toBe('ed ');
  });

  test('[PROV36] text in other roots and inside is there, what is no text is not', () => {
    const { edits } = written((_text, doc) => {
      doc.getText('notes').insert(0, 'a note');
      doc.getMap('map').set('key', 'value');
      const inside = new Y.Text('inside');
      doc.getArray('list').push([inside, 7]);
      doc.getText('notes').format(0, 2, { bold: true });
    });
    expect(edits.inserted).toEqual(['a note', 'inside']);
    expect(edits.text).toBe('saved ');
  });

  test('[PROV36] the root of the text keeps whatever type the application gives it', () => {
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    doc.getMap('other').set('key', 1);
    expect(rejectedEdits(doc, updates, 1)).toMatchObject({ text: '', inserted: [] });
    expect(doc.share.has('text')).toBe(false);
    doc.getXmlFragment('text').insert(0, [new Y.XmlText('words')]);
    expect(rejectedEdits(doc, updates, 2)).toMatchObject({ text: '', inserted: ['words'] });
  });

  test('[PROV36] random edits: the update makes the saved text the copy, and the pieces are what is left of them', () => {
    forSeeds(20, 'tests/client/rejected-edits.test.ts', (random) => {
      const whole = (most: number): number => Math.floor(random() * (most + 1));
      const { doc, base, updates, edits } = written((text) => {
        for (let n = 0; n < 400; n++) {
          const at = whole(text.length);
          if (random() < 0.7) text.insert(at, 'ABCDEFGH'.slice(0, 1 + whole(7)));
          else text.delete(at, Math.min(whole(5), text.length - at));
        }
      });
      Y.applyUpdate(base, edits.update);
      expect(base.getText('text').toString()).toBe(doc.getText('text').toString());
      expect(edits.text).toBe(doc.getText('text').toString());
      const letters = (words: string): string => [...words.replace(/[^A-H]/g, '')].sort().join('');
      expect(letters(edits.inserted.join(''))).toBe(letters(edits.text));
      expect(edits.inserted.join('')).not.toMatch(/[^A-H]/);
      expect(updates.length).toBeGreaterThan(300);
    });
  });

  test('[PROV36] ten thousand changes are one piece and one update', () => {
    const { base, edits } = written((text) => {
      for (let n = 0; n < 10_000; n++) text.insert(6 + n, 'x');
    });
    expect(edits).toMatchObject({ inserted: ['x'.repeat(10_000)], changes: 10_000 });
    Y.applyUpdate(base, edits.update);
    expect(base.getText('text').toString()).toBe(edits.text);
  });
});
