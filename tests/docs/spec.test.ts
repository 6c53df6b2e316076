import { describe, expect, test } from '@jest/globals';
import { readFiles, readProjectFile } from '../support/project-files.js';
import { checkSpec } from '../support/spec.js';

const SPEC = '# Promises\n\n- [A1] One.\n- [A2] Two.\n- [B10] Ten.\n';
const HELD = `test('[A1] [A2] x', f); describe('b', () => it.each([1])(\`[B10] \${n} y\`, f));`;

function check(spec: string, text: string): string[] {
  return checkSpec(spec, new Map([['tests/x.test.ts', text]]));
}

describe('docs/SPEC.md', () => {
  test('[HOUSE3] every promise has a test that carries its number, and no test carries another number', () => {
    expect(checkSpec(readProjectFile('docs/SPEC.md'), readFiles(['tests', 'contracts'], '.ts'))).toEqual([]);
  });

  test.each([
    ['strings, templates and each', HELD],
    ['a tagged each', `${HELD} test.each\`a\`('[A1] $a', () => {});`],
    ['a concatenation', `${HELD} test('[A1] a ' + b, () => {});`],
    ['a contract', `export function contract() { ${HELD} }`],
    ['names without a number', `${HELD} test('plain', () => {}); test(name, () => {});`],
    ['numbers elsewhere', `${HELD} expect('[Z9]').toBe(1); /[Z9]/.test('[Z9] x');`],
  ])('[HOUSE3] the check reads %s', (_, text) => {
    expect(check(SPEC, text)).toEqual([]);
  });

  test.each([
    ['a promise without a test', `${SPEC}- [C1] New.\n`, HELD, 'no test holds [C1]'],
    [
      'a number that is not promised',
      SPEC,
      `${HELD} test('[C1] z', () => {});`,
      'names [C1], which is not promised',
    ],
    ['a number not promised, in a template', SPEC, `${HELD} test(\`[C1] \${z}\`, () => {});`, 'names [C1]'],
    ['a number not promised, as second', SPEC, `${HELD} test('[A1] [C1] z', () => {});`, 'names [C1]'],
    ['a number used twice', `${SPEC}- [A1] Again.\n`, HELD, '[A1] is there twice'],
    [
      'a number that is only mentioned',
      `${SPEC}- [C1] New.\n`,
      `${HELD} test('as in [C1]', f);`,
      'no test holds [C1]',
    ],
    ['a skipped test', SPEC, HELD.replace('test(', 'test.skip('), 'no test holds [A2]'],
    ['a planned test', SPEC, HELD.replace('test(', 'test.todo('), 'skips [A1] [A2] x'],
    ['a skipped describe', SPEC, HELD.replace('describe(', 'describe.skip('), 'no test holds [B10]'],
    ['a number in a comment', `${SPEC}- [C1] New.\n`, `${HELD} // test('[C1] z')`, 'no test holds [C1]'],
    ['a malformed promise', `${SPEC}* [c1] New.\n`, HELD, 'not of the form'],
  ])('[HOUSE3] the check finds %s', (_, spec, text, problem) => {
    expect(check(spec, text).join('\n')).toContain(problem);
  });
});
