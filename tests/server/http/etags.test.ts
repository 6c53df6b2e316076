import { describe, expect, test } from '@jest/globals';
import { isKnown, matches, parseIfMatch, tagOf } from '../../../server/http/etags.js';

const here = { generation: 'g-1', seq: 7 };
const tag = tagOf(here);

test('[API17] an entity tag is a strong one, of the position and the generation', () => {
  expect(tag).toBe('"7-g-1"');
});

describe('If-Match', () => {
  test.each<[string | undefined, boolean, boolean]>([
    // Header, fits the document, fits one that is not there.
    [undefined, true, true],
    ['*', true, false],
    [' * ', true, false],
    [tag, true, false],
    [`"1-x", ${tag}`, true, false],
    [`${tag} , "1-x"`, true, false],
    [`"a,b",${tag},`, true, false],
    [`W/${tag}`, false, false],
    [`W/${tag}, "6-g-1"`, false, false],
    ['"7-g-2"', false, false],
    ['"07-g-1"', false, false],
    ['"anything"', false, false],
    ['""', false, false],
    ['', false, false],
  ])('[API17] %j', (header, fits, fitsNothing) => {
    expect(matches(parseIfMatch(header), here)).toBe(fits);
    expect(matches(parseIfMatch(header), undefined)).toBe(fitsNothing);
  });

  test.each(['7-g-1', '"7-g-1', '"a" "b"', 'w/"a"', '*, "a"', '"a\u0000b"', '"a b"'])(
    '[API17] %j is none',
    (header) => {
      expect(() => parseIfMatch(header)).toThrow(expect.objectContaining({ code: 'bad-request' }));
    },
  );
});

describe('If-None-Match', () => {
  test.each<[string | undefined, boolean]>([
    [undefined, false],
    ['*', true],
    [tag, true],
    [`W/${tag}`, true],
    [`"1-x", W/${tag}`, true],
    ['"6-g-1"', false],
    ['', false],
  ])('[API17] %j', (header, known) => {
    expect(isKnown(header, here)).toBe(known);
  });

  test('[API17] what has not the form is refused', () => {
    expect(() => isKnown('7-g-1', here)).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });
});
