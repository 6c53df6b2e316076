import { describe, expect, test } from '@jest/globals';
import { nearest } from '../../../tools/command-line/nearest.js';
import type { OptionHelp } from '../../../tools/command-line/option-help.js';
import { readArguments } from '../../../tools/command-line/read-arguments.js';
import { UsageError } from '../../../tools/usage-error.js';

const OPTIONS = [
  { name: 'user', short: 'u', value: 'USER', help: '' },
  { name: 'access', value: 'PATTERN', multiple: true, help: '' },
  { name: 'json', value: 'FILE', optional: true, help: '' },
  { name: 'role', value: 'ROLE', choices: ['viewer', 'editor'], help: '' },
  { name: 'force', short: 'f', help: '' },
] as const satisfies readonly OptionHelp[];

const NOTHING = { user: undefined, access: [], json: undefined, role: undefined, force: false };

function problemOf(...argv: string[]): string {
  try {
    readArguments(OPTIONS, argv, { name: 'FILE', min: 1, max: 2 });
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error(`nothing is wrong with ${argv.join(' ')}`);
}

describe('options', () => {
  test.each([
    ['nothing', [], {}, []],
    ['values', ['--user', 'ann', '--role=editor'], { user: 'ann', role: 'editor' }, []],
    ['a letter', ['-u', 'ann', '-f'], { user: 'ann', force: true }, []],
    ['the last of several', ['--user', 'ann', '--user', 'bob'], { user: 'bob' }, []],
    ['all of several', ['--access', 'a', 'x', '--access=b=c'], { access: ['a', 'b=c'] }, ['x']],
    ['a value left out', ['--json', 'x'], { json: '' }, ['x']],
    ['a value not left out', ['--json=x'], { json: 'x' }, []],
    ['a dash', ['-', '--user', '-'], { user: '-' }, ['-']],
    ['a value that begins with a dash', ['--user=--odd'], { user: '--odd' }, []],
    ['a negative number', ['--user', '-1'], { user: '-1' }, []],
    ['what is no option', ['--', '--user', '-f'], {}, ['--user', '-f']],
  ])('[CLI3] %s', (_, argv, values, operands) => {
    const read = readArguments(OPTIONS, argv, { name: 'FILE', max: 2 });
    expect(read).toEqual({ values: { ...NOTHING, ...values }, operands });
  });

  test.each([
    [['--usre', 'x'], '--usre is no option of it; did you mean --user?'],
    [['--us', 'x'], '--us is no option of it; did you mean --user?'],
    [['--hepl'], '--hepl is no option of it; did you mean --help?'],
    [['--something', 'x'], '--something is no option of it.'],
    [['-x'], '-x is no option of it.'],
    [['x', '--user'], '--user needs a value: --user USER.'],
    [['x', '--user='], '--user needs a value: --user USER.'],
    [['x', '--user', '--force'], '--user needs a value: --user USER.'],
    [['x', '--force=yes'], '--force takes no value.'],
    [['x', '--role', 'edtor'], '--role is one of viewer, editor, not "edtor"; did you mean editor?'],
    [['x', '--role', 'boss'], '--role is one of viewer, editor, not "boss".'],
    [[], 'FILE is missing.'],
    [['a', 'b', 'c'], '"c" is too much: it takes at most 2 FILE.'],
  ])('[CLI3] %j is refused with a sentence', (argv, sentence) => {
    expect(problemOf(...argv)).toBe(sentence);
  });

  test('[CLI3] what takes no operands says so', () => {
    expect(() => readArguments(OPTIONS, ['x'])).toThrow('"x" is too much: it takes options only.');
  });

  test.each([
    ['strat', 'start'],
    ['satrt', 'start'],
    ['st', 'start'],
    ['tokn', 'token'],
    ['tokens', 'token'],
    ['x', undefined],
    ['serve', undefined],
    ['', undefined],
  ])('[CLI3] "%s" is nearest to %s', (given, word) => {
    expect(nearest(given, ['start', 'token', 'restore'])).toBe(word);
  });
});
