import { describe, expect, test } from '@jest/globals';
import { readMode } from '../../../client/app/page-mode.js';
import { linkAddress, tokenInHash } from '../../../client/app/page-token.js';
import { parseDocumentId } from '../../../shared/ids.js';

const LINK = `link_${'Az09_-x'.repeat(6)}A`;
const isPlace = (name: string) => name === 'editor';

describe('the token in an address', () => {
  test.each([
    [`#${LINK}`, LINK],
    ['#eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln'],
    ['#a%2Bb%2F~.c%3D%3D', 'a+b/~.c=='],
    ['', undefined],
    ['#', undefined],
    ['#editor', undefined],
    ['#%', undefined],
    ['#two words', undefined],
    ['#<img src=x onerror=alert(1)>', undefined],
    ['#tök', undefined],
    [`#${'x'.repeat(8192)}`, 'x'.repeat(8192)],
    [`#${'x'.repeat(8193)}`, undefined],
  ])('[PAGE18] %j is read', (hash, token) => {
    expect(tokenInHash(hash, isPlace)).toBe(token);
  });

  test('[PAGE18] it comes back out of the address that it was put into', () => {
    const id = parseDocumentId('team/notes');
    const address = linkAddress('https://example.com', id, 'a+b/c==');
    expect(address).toBe('https://example.com/d/team/notes#a%2Bb%2Fc%3D%3D');
    expect(tokenInHash(new URL(address).hash, isPlace)).toBe('a+b/c==');
    expect(linkAddress('https://example.com', id)).toBe('https://example.com/d/team/notes');
  });
});

test.each([
  ['links', 'links'],
  ['tokens', 'tokens'],
  ['open', 'open'],
  ['{{mode}}', 'open'],
  [undefined, 'open'],
])('[PAGE27] [PAGE28] a page of the mode %j is shown for %s', (mode, shown) => {
  expect(readMode({ dataset: mode === undefined ? {} : { mode } })).toBe(shown);
});
