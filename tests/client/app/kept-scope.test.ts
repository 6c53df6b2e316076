import { expect, test } from '@jest/globals';
import { isPersonal, scopeOf } from '../../../client/app/kept-scope.js';
import { forgeToken } from '../../support/jwt-issuer.js';

const ANN = forgeToken({ alg: 'HS256' }, { sub: 'änn 🦦' }, 'key');

test.each([
  ['open', undefined, ''],
  ['open', ANN, ''],
  ['links', undefined, undefined],
  ['links', 'link_abc', ''],
  ['tokens', undefined, undefined],
  ['tokens', 'link_abc', ''],
  ['tokens', ANN, 'user änn 🦦'],
  ['tokens', 'opaque', undefined],
  ['tokens', 'a.b.c', undefined],
  ['tokens', 'a..c', undefined],
  ['tokens', `${ANN}.more`, undefined],
  ['tokens', forgeToken({}, { sub: 7 }), undefined],
  ['tokens', forgeToken({}, { sub: '' }), undefined],
  ['tokens', forgeToken({}, 'text'), undefined],
  ['tokens', forgeToken({}, null), undefined],
] as const)('[PAGE35] with %s and the token %s it is kept for %s', (mode, token, scope) => {
  expect(scopeOf(mode, token)).toBe(scope);
  expect(isPersonal(scopeOf(mode, token))).toBe(scope?.startsWith('user ') === true);
});
