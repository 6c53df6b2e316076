import { describe, expect, test } from '@jest/globals';
import { checkKinds, type OptionKinds } from '../../shared/option-kinds.js';

interface Options {
  readonly name?: string;
  readonly undo?: boolean | object;
}
const KINDS: OptionKinds<Options> = { name: 'string', undo: 'boolean or object' };
const THERE = 'its options are {"name":"string","undo":"boolean or object"}.';

describe('options that nothing has checked', () => {
  test.each([
    [{}],
    [{ name: 'a', undo: false }],
    [{ undo: {} }],
    [{ name: undefined }],
    [Object.create(null)],
  ])('[EMBED11] %j is right', (given) => expect(() => checkKinds('open()', given, KINDS)).not.toThrow());

  test.each([
    [{ nmae: 'a' }, `open() has no option "nmae" of type string; ${THERE}`],
    [{ nmae: undefined }, `open() has no option "nmae" of type undefined; ${THERE}`],
    [{ toString: 'a' }, `open() has no option "toString" of type string; ${THERE}`],
    [{ name: 5 }, `open() has no option "name" of type number; ${THERE}`],
    [{ undo: 'no' }, `open() has no option "undo" of type string; ${THERE}`],
    [{ undo: null }, `open() has no option "undo" of type null; ${THERE}`],
    [null, 'open() takes an object with options.'],
    ['a', 'open() takes an object with options.'],
    [undefined, 'open() takes an object with options.'],
  ])('[EMBED11] %j is told in a sentence', (given, sentence) => {
    expect(() => checkKinds('open()', given, KINDS)).toThrow(new TypeError(sentence));
  });
});
