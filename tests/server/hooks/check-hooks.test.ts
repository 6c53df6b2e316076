import { describe, expect, test } from '@jest/globals';
import { hookProblems } from '../../../server/hooks/check-hooks.js';

class OfClass {
  readonly database = {};
  onCommit(): void {}
  toText(): string {
    return '';
  }
}
class Misspelled extends OfClass {
  onComit(): void {}
}

const THERE = 'there are onLoad, onJoin, onLeave, onCommit, onStateless.';

describe('hooks that nothing has checked', () => {
  test.each([
    ['none', undefined],
    ['an empty object', {}],
    ['some', { onCommit() {}, onJoin: undefined }],
    ['an object of a class', new OfClass()],
    ['an object without a prototype', Object.assign(Object.create(null), { onLoad() {} })],
  ])('[EMBED11] %s are right', (_, hooks) => expect(hookProblems(hooks)).toEqual([]));

  test.each([
    [
      { onComit() {}, onCommit: 5 },
      [`"onComit" is no hook; ${THERE}`, 'The hook onCommit must be a function, not number.'],
    ],
    [{ commit() {} }, [`"commit" is no hook; ${THERE}`]],
    [new Misspelled(), [`"onComit" is no hook; ${THERE}`]],
    [() => {}, ['hooks must be an object with functions, not function.']],
    [null, ['hooks must be an object with functions, not null.']],
  ])('[EMBED11] %p are told in sentences', (hooks, problems) => {
    expect(hookProblems(hooks)).toEqual(problems);
  });
});
