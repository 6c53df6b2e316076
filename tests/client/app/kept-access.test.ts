import { expect, test } from '@jest/globals';
import { forget, type KeptAccess, keep, listKept, readKept } from '../../../client/app/kept-access.js';
import { keepSignIn, readSignIn } from '../../../client/app/sign-in.js';
import { isVisible, keepVisible } from '../../../client/app/visibility.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { forbiddenStorage, memoryStorage } from '../../support/page-storage.js';

const ONE = parseDocumentId('team/one');
const TWO = parseDocumentId('team/two');
const access = (token: string, openedAt = 1): KeptAccess => ({ token, role: 'editor', openedAt });

test('[PAGE18] [PAGE27] what is kept for a document is there until it is forgotten, the last first', () => {
  const storage = memoryStorage();
  expect(readKept(storage, ONE)).toBeUndefined();
  expect(keep(storage, ONE, access('a', 1))).toBe(true);
  expect(keep(storage, TWO, access('b', 2))).toBe(true);
  expect(readKept(storage, ONE)).toEqual(access('a', 1));
  expect(listKept(storage).map(({ id }) => id)).toEqual([TWO, ONE]);
  forget(storage, TWO);
  expect(listKept(storage)).toEqual([{ id: ONE, ...access('a', 1) }]);
});

test('[PAGE18] what something else has written is left out', () => {
  const storage = memoryStorage();
  const entries = [
    '',
    '{',
    'null',
    '7',
    '{"token":""}',
    '{"token":"a","role":"king","openedAt":1}',
    '{"token":"a","role":"owner"}',
  ];
  for (const [index, entry] of entries.entries()) storage.setItem(`coscribe.access.team/x${index}`, entry);
  storage.setItem('coscribe.name', 'Ada');
  expect(listKept(storage)).toEqual([]);
  keep(storage, ONE, access('a'));
  storage.setItem('coscribe.access.<b>', JSON.stringify(access('b')));
  expect(listKept(storage).map(({ token }) => token)).toEqual(['a']);
});

test.each([
  ['forbidden', forbiddenStorage],
  ['missing', undefined],
])('[PAGE18] [PAGE29] a %s storage does no harm', (_, storage) => {
  expect(keep(storage, ONE, access('a'))).toBe(false);
  expect(readKept(storage, ONE)).toBeUndefined();
  expect(listKept(storage)).toEqual([]);
  forget(storage, ONE);
  expect(keepSignIn(storage, 'a')).toBe(false);
  expect(readSignIn(storage)).toBeUndefined();
  keepVisible(storage, false);
  expect(isVisible(storage)).toBe(true);
});

test('[PAGE28] a tab stays signed in until it is not', () => {
  const storage = memoryStorage();
  expect(keepSignIn(storage, 'a')).toBe(true);
  expect(readSignIn(storage)).toBe('a');
  keepSignIn(storage, undefined);
  expect(readSignIn(storage)).toBeUndefined();
});

test('[PAGE29] everybody is seen until he says otherwise, and that is kept', () => {
  const storage = memoryStorage();
  expect(isVisible(storage)).toBe(true);
  keepVisible(storage, false);
  expect(isVisible(storage)).toBe(false);
  keepVisible(storage, true);
  expect(isVisible(storage)).toBe(true);
});
