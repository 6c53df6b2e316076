import { describe, expect, test } from '@jest/globals';
import { parseJson } from '../../../server/http/body.js';

const parse = (json: string): unknown => parseJson(Buffer.from(json));

describe('numbers in bodies of JSON', () => {
  test.each([
    '[0, -0, 1.5, -1e3, 1E+2, 0.1, 1e300, 1e-400]',
    '[9007199254740991, -9007199254740991, 9007199254740992, 18014398509481984, 1000000000000000000]',
    '{"9007199254740993":"1e400","a\\"1e400":"\\\\","b":["\\\\\\"9007199254740993"]}',
    ' 7 ',
  ])('[API30] %s is taken as it is written', (json) => {
    expect(parse(json)).toEqual(JSON.parse(json));
  });

  test.each([
    ['1e400', 'the number 1e400 is too large; send it as a text'],
    ['[{"a":-1e309}]', 'the number -1e309 is too large'],
    ['{"\\\\":[true,9007199254740993]}', 'the number 9007199254740993 would be rounded'],
    ['[-9007199254740993]', 'the number -9007199254740993 would be rounded'],
    [`[${'9'.repeat(300)}]`, `the number ${'9'.repeat(40)} would be rounded`],
    [`[${'9'.repeat(100_000)}]`, `the number ${'9'.repeat(40)} is too large`],
  ])('[API30] %# would be another number, and is refused', (json, sentence) => {
    expect(() => parse(json)).toThrow(sentence);
  });
});
