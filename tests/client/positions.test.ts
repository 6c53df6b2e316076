import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { resolvePosition } from '../../client/positions.js';

function setup() {
  const doc = new Y.Doc();
  const text = doc.getText('text');
  text.insert(0, 'hello');
  return { doc, text };
}

test('[CARET5] a position of this text is an index', () => {
  const { text } = setup();
  expect(resolvePosition(Y.createRelativePositionFromTypeIndex(text, 2), text)).toBe(2);
  expect(resolvePosition(Y.createRelativePositionFromTypeIndex(text, 5), text)).toBe(5);
});

test('[CARET5] a position elsewhere is none, and creates nothing', () => {
  const { doc, text } = setup();
  const other = doc.getText('other');
  expect(resolvePosition(Y.createRelativePositionFromTypeIndex(other, 0), text)).toBe('elsewhere');
  expect(resolvePosition(new Y.RelativePosition(null, 'never-heard-of', null), text)).toBe('elsewhere');
  expect([...doc.share.keys()]).toEqual(['text', 'other']);
});

test('[CARET5] a position at something that has not arrived is unknown', () => {
  const { doc, text } = setup();
  expect(resolvePosition(new Y.RelativePosition(null, null, Y.createID(doc.clientID, 99)), text)).toBe(
    'unknown',
  );
  expect(resolvePosition(new Y.RelativePosition(Y.createID(7, 1), null, null), text)).toBe('unknown');
});
