import { describe, expect, test } from '@jest/globals';
import { parseDelta, parsePatch } from '../../../server/http/parse-changes.js';

const deep = (depth: number): unknown => {
  let value: unknown = 1;
  for (let at = 0; at < depth; at++) value = [value];
  return value;
};
const refusal = (detail: string) =>
  expect.objectContaining({ code: 'bad-request', message: expect.stringContaining(detail) });

describe('a delta', () => {
  test('[API19] is taken as it is', () => {
    const delta = [
      { retain: 3 },
      { retain: 2, attributes: { bold: true, link: null } },
      { insert: 'text \u{1F600}' },
      { insert: { image: 'a.png' }, attributes: { width: 3 } },
      { delete: 1 },
    ];
    expect(parseDelta(delta)).toEqual(delta);
    expect(parseDelta([])).toEqual([]);
  });

  test.each<[unknown, string]>([
    [{}, 'array of operations'],
    [null, 'array of operations'],
    ['[]', 'array of operations'],
    [[null], 'operation 0: it is no object'],
    [[['retain', 1]], 'operation 0: it is no object'],
    [[{}], 'operation 0: it has exactly one'],
    [[{ retain: 1 }, { retain: 1, delete: 1 }], 'operation 1: it has exactly one'],
    [[{ retain: 0 }], 'from 1 on'],
    [[{ retain: 1.5 }], 'from 1 on'],
    [[{ delete: -1 }], 'from 1 on'],
    [[{ delete: '1' }], 'from 1 on'],
    [[{ retain: 2 ** 60 }], 'from 1 on'],
    [[{ insert: '' }], '"insert" is a text with something in it'],
    [[{ insert: 5 }], '"insert" is'],
    [[{ insert: ['a'] }], '"insert" is'],
    [[{ insert: null }], '"insert" is'],
    [[{ delete: 1, attributes: {} }], '"attributes" is no member'],
    [[{ retain: 1, attributes: 'bold' }], '"attributes" is an object'],
    [[{ retain: 1, attributes: null }], '"attributes" is an object'],
    [[{ insert: 'a', at: 3 }], '"at" is no member'],
    [[{ insert: 'a\ud83d' }], 'half a character'],
    [[{ insert: { '\ude00': 1 } }], 'half a character'],
    [[{ insert: { a: deep(100) } }], 'deep'],
    [[{ insert: JSON.parse('{"__proto__":{"a":1}}') }], '__proto__'],
    [JSON.parse('[{"insert":"a","attributes":{"x":{"__proto__":1}}}]'), '__proto__'],
    [Array.from({ length: 10_001 }, () => ({ retain: 1 })), 'at most 10000'],
  ])('[API19] %#: refused with a sentence', (json, detail) => {
    expect(() => parseDelta(json)).toThrow(refusal(detail));
  });
});

describe('a JSON patch', () => {
  test('[API20] is taken as it is', () => {
    const patch = [
      { op: 'test', path: '/todo/0/done', value: false },
      { op: 'add', path: '/todo/-', value: { title: 'a/b', tags: [null] } },
      { op: 'replace', path: '/m~1n/~0/', value: null },
      { op: 'remove', path: '/todo/1' },
      { op: 'move', from: '/todo/0', path: '/done/0' },
      { op: 'copy', from: '/todo/0', path: '/todo/-' },
    ];
    expect(parsePatch(patch)).toEqual(patch);
  });

  test.each<[unknown, string]>([
    [{ op: 'add' }, 'array of operations'],
    [[7], 'operation 0: it is no object'],
    [[{ path: '/a', value: 1 }], '"op" is one of add, remove'],
    [[{ op: 'increment', path: '/a', value: 1 }], '"op" is one of'],
    [[{ op: 'toString', path: '/a', value: 1 }], '"op" is one of'],
    [[{ op: 'add', path: '/a' }], 'it has no "value"'],
    [[{ op: 'move', path: '/a' }], 'it has no "from"'],
    [[{ op: 'remove' }], '"path" is a JSON pointer'],
    [[{ op: 'remove', path: '' }], '"path" is a JSON pointer'],
    [[{ op: 'remove', path: 'a' }], '"path" is a JSON pointer'],
    [[{ op: 'remove', path: '/a/~2' }], '"path" is a JSON pointer'],
    [[{ op: 'remove', path: ['a'] }], '"path" is a JSON pointer'],
    [[{ op: 'remove', path: '/a/__proto__/b' }], '"path" is a JSON pointer'],
    [[{ op: 'copy', path: '/a', from: 'b' }], '"from" is a JSON pointer'],
    [[{ op: 'remove', path: '/a', value: 1 }], '"value" is no member'],
    [[{ op: 'add', path: '/a', value: deep(70) }], 'deep'],
    [JSON.parse('[{"op":"add","path":"/a","value":{"__proto__":1}}]'), '__proto__'],
    [[{ op: 'add', path: '/a', value: '\udc00' }], 'half a character'],
  ])('[API20] %#: refused with a sentence', (json, detail) => {
    expect(() => parsePatch(json)).toThrow(refusal(detail));
  });

  test('[API20] depth is measured without depth', () => {
    const value = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
    expect(() => parsePatch([{ op: 'add', path: '/a', value }])).toThrow(refusal('deep'));
  });
});
