import { expect, test } from '@jest/globals';
import { undoCommand, undoInputType } from '../../client/undo-keys.js';

const none = { key: '', code: '', ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };

test.each([
  [{ key: 'z', ctrlKey: true }, false, 'undo'],
  [{ key: 'z', metaKey: true }, true, 'undo'],
  [{ key: 'Z', ctrlKey: true, shiftKey: true }, false, 'redo'],
  [{ key: 'Z', metaKey: true, shiftKey: true }, true, 'redo'],
  [{ key: 'y', ctrlKey: true }, false, 'redo'],
  [{ key: 'y', ctrlKey: true }, true, undefined],
  [{ key: 'y', metaKey: true }, true, undefined],
  [{ key: 'я', code: 'KeyZ', ctrlKey: true }, false, 'undo'],
  [{ key: 'y', code: 'KeyZ', ctrlKey: true }, false, 'redo'],
  [{ key: 'z' }, false, undefined],
  [{ key: 'z', ctrlKey: true, altKey: true }, false, undefined],
  [{ key: 'z', ctrlKey: true, metaKey: true }, false, undefined],
  [{ key: 'Enter', code: 'Enter', ctrlKey: true }, false, undefined],
] as const)('[BIND4] %j (Apple: %s) asks for %s', (press, apple, command) => {
  expect(undoCommand({ ...none, ...press }, apple)).toBe(command);
});

test('[BIND4] menus ask with an input type', () => {
  expect([undoInputType('historyUndo'), undoInputType('historyRedo'), undoInputType('insertText')]).toEqual([
    'undo',
    'redo',
    undefined,
  ]);
});
