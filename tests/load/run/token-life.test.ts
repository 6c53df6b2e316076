import { describe, expect, test } from '@jest/globals';
import { tokenNote } from '../../../load/run/token-life.js';
import { claims, jwt } from '../../support/jwt.js';
import { loadOptions } from '../../support/load-options.js';

const NOW = 1_800_000_000_000;
const RUN = '--clients 100 --docs 1 --arrive 50/s --warm-up 3s --duration 10s';

function noted(line: string, goodForS: number | undefined): string | undefined {
  const exp = goodForS === undefined ? undefined : NOW / 1_000 + goodForS;
  return tokenNote({ ...loadOptions(line), token: jwt(claims({ exp })) }, NOW);
}

describe('a token that ends', () => {
  test('[LOAD24] before the run does is told of before it begins', () => {
    expect(noted(RUN, 14)).toBe(
      'The token expires in 0:14, and the run takes 0:15 and some seconds in which everything is compared: from then on servers may refuse everybody. Give one that lasts longer (coscribe token --expires).',
    );
    expect(noted(RUN, 17)).toMatch(/^The token expires in 0:17, and /);
    expect(noted(RUN, -1)).toMatch(/^The token has expired: /);
    expect(noted('--find p99<1s', 60)).toMatch(
      /^The token expires in 1:00, and the run takes about 3:2\d and /,
    );
  });

  test('[LOAD24] after it is not, nor is one that never ends or is no JWT', () => {
    expect(noted(RUN, 60)).toBeUndefined();
    expect(noted(RUN, undefined)).toBeUndefined();
    for (const token of ['secret', 'a.b.c', `a.${Buffer.from('7').toString('base64url')}.c`, 'a..'])
      expect(tokenNote({ ...loadOptions(RUN), token }, NOW)).toBeUndefined();
    expect(tokenNote(loadOptions(RUN), NOW)).toBeUndefined();
  });
});
