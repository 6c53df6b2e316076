import { beforeEach, describe, expect, test } from '@jest/globals';
import { JWT_ALGORITHMS, type JwtAlgorithm } from '../../../server/auth/jwt-algorithms.js';
import { type JwtOptions, jwtAuthenticator } from '../../../server/auth/jwt-authenticator.js';
import type { JwtIdentity } from '../../../server/auth/jwt-claims.js';
import { CoscribeError } from '../../../shared/errors.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { collectLog } from '../../support/collect-log.js';
import { forgeToken, keyPair, publicJwk, publicPem, SECRET, signToken } from '../../support/jwt-issuer.js';
import { ManualClock } from '../../support/manual-clock.js';

const BARE: JwtOptions = {
  jwtAlgorithm: 'HS256',
  jwtKey: SECRET,
  jwtJwksUrl: '',
  jwtIssuer: '',
  jwtAudience: '',
};

let clock = new ManualClock();
let log = collectLog();
beforeEach(() => {
  clock = new ManualClock();
  log = collectLog();
});

const seconds = (): number => clock.wall() / 1000;

/** What a token needs, and nothing more. */
function claims(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { sub: 'ann', exp: seconds() + 600, ...more };
}

interface Shown {
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

async function authenticate(options: Partial<JwtOptions>, shown: string | Shown): Promise<JwtIdentity> {
  const authenticator = await jwtAuthenticator({ ...BARE, ...options }, { clock, log });
  const credentials = typeof shown === 'string' ? { token: shown } : shown;
  return authenticator.authenticate({ headers: {}, address: '127.0.0.1', ...credentials });
}

/** The refusal, as `code: detail`. */
async function refusal(options: Partial<JwtOptions>, shown: string | Shown): Promise<string> {
  try {
    await authenticate(options, shown);
  } catch (error) {
    if (!(error instanceof CoscribeError)) throw error;
    return `${error.code}: ${/\((.*)\)$/s.exec(error.message)?.[1] ?? ''}`;
  }
  return 'let in';
}

const WRONG_SIGNATURE = 'unauthenticated: the signature is not valid';
const WRONG_ALGORITHM = 'unauthenticated: the token is signed in another way than this server takes';
const UNREADABLE = 'unauthenticated: it is no JSON Web Token that this server can read';

describe.each(JWT_ALGORITHMS)('with %s', (algorithm: JwtAlgorithm) => {
  const isSecret = algorithm === 'HS256';
  const key = isSecret ? SECRET : publicPem(keyPair(algorithm));
  const options = { jwtAlgorithm: algorithm, jwtKey: key };
  const signing = isSecret ? SECRET : keyPair(algorithm).privateKey;

  test('[AUTH4] a token that was signed with the key is taken', async () => {
    const token = await signToken(algorithm, signing, claims());
    expect(await authenticate(options, token)).toMatchObject({ user: 'ann' });
    expect(log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('[AUTH4] a token that was signed with another key, or changed, is refused', async () => {
    const other = isSecret ? SECRET.toUpperCase() : keyPair(algorithm, 2).privateKey;
    expect(await refusal(options, await signToken(algorithm, other, claims()))).toBe(WRONG_SIGNATURE);

    const [header, , signature] = (await signToken(algorithm, signing, claims())).split('.');
    const payload = Buffer.from(JSON.stringify(claims({ sub: 'bob' }))).toString('base64url');
    expect(await refusal(options, [header, payload, signature].join('.'))).toBe(WRONG_SIGNATURE);
    expect(await refusal(options, [header, payload, ''].join('.'))).toBe(WRONG_SIGNATURE);
  });

  test('[AUTH5] a token that says it is signed in any other way is refused', async () => {
    for (const other of JWT_ALGORITHMS.filter((one) => one !== algorithm)) {
      const foreign = other === 'HS256' ? SECRET : keyPair(other).privateKey;
      expect(await refusal(options, await signToken(other, foreign, claims()))).toBe(WRONG_ALGORITHM);
    }
    for (const alg of ['none', 'None', 'NONE', '', 'HS512', 'Ed25519', algorithm.toLowerCase()]) {
      const forged = forgeToken({ alg }, claims(), SECRET);
      expect(await refusal(options, forged)).toBe(alg === '' ? UNREADABLE : WRONG_ALGORITHM);
      expect(await refusal(options, forged.slice(0, forged.lastIndexOf('.') + 1))).not.toBe('let in');
    }
  });
});

describe('keys', () => {
  test.each(JWT_ALGORITHMS.filter((algorithm) => algorithm !== 'HS256'))(
    '[AUTH5] the public key of %s is no secret: nobody signs with it',
    async (algorithm) => {
      const pair = keyPair(algorithm);
      const options = { jwtAlgorithm: algorithm, jwtKey: publicPem(pair) };
      const forms = [publicPem(pair), publicPem(pair).trim(), JSON.stringify(await publicJwk(pair))];
      const der = pair.publicKey.export({ type: 'spki', format: 'der' });
      for (const alg of ['HS256', algorithm]) {
        for (const secret of [...forms, der]) {
          const forged = forgeToken({ alg }, claims(), secret);
          expect(await refusal(options, forged)).toBe(alg === 'HS256' ? WRONG_ALGORITHM : WRONG_SIGNATURE);
        }
      }
    },
  );

  test('[AUTH5] a key that a token brings along, or names, does not count', async () => {
    const mine = keyPair('ES256', 2);
    const jwk = await publicJwk(mine);
    const options = { jwtAlgorithm: 'ES256', jwtKey: publicPem(keyPair('ES256')) } as const;
    for (const header of [
      { jwk },
      { jku: 'http://127.0.0.1:1/' },
      { x5u: 'http://127.0.0.1:1/' },
      { kid: '../key' },
    ]) {
      const token = await signToken('ES256', mine.privateKey, claims(), header);
      expect(await refusal(options, token)).toBe(WRONG_SIGNATURE);
    }
    const critical = forgeToken({ alg: 'HS256', crit: ['exp'], exp: 1 }, claims(), SECRET);
    expect(await refusal({}, critical)).toBe(UNREADABLE);
    const unencoded = forgeToken({ alg: 'HS256', crit: ['b64'], b64: false }, claims(), SECRET);
    expect(await refusal({}, unencoded)).not.toBe('let in');
  });
});

describe('where a token comes from', () => {
  test('[AUTH6] it is the token of the connection, or a bearer token of the request', async () => {
    const token = await signToken('HS256', SECRET, claims());
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      expect(await authenticate({}, { headers: { authorization: `${scheme} ${token}` } })).toMatchObject({
        user: 'ann',
      });
    }
    const both = { token, headers: { authorization: 'Bearer nonsense' } };
    expect(await authenticate({}, both)).toMatchObject({ user: 'ann' });
  });

  test('[AUTH6] without one nobody is let in', async () => {
    const token = await signToken('HS256', SECRET, claims());
    for (const authorization of [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      token,
      `Basic ${token}`,
      `Bearer ${token} x`,
    ]) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      expect(await refusal({}, { headers })).toBe('unauthenticated: there is no token');
      expect(await refusal({}, { token: '', headers })).toBe('unauthenticated: there is no token');
    }
    const elsewhere = { cookie: `token=${token}`, 'x-authorization': `Bearer ${token}` };
    expect(await refusal({}, { headers: elsewhere })).toBe('unauthenticated: there is no token');
  });

  test('[AUTH7] what is no token is refused, and nothing of it is told or logged', async () => {
    const good = await signToken('HS256', SECRET, claims());
    const [header = '', payload = ''] = good.split('.');
    const texts = [
      ...['x', '.', '..', '...', '....', '{}', 'null', 'link_abc', 'ü.ü.ü', '\u0000', ' ', header],
      ...[
        `${header}.${payload}`,
        `${good}.`,
        `.${good}`,
        ` ${good}`,
        `${good} `,
        `${good}\n`,
        good.replace('.', '..'),
      ],
      ...[
        `${good}.${payload}.${payload}`,
        forgeToken([], claims(), SECRET),
        forgeToken(null, claims(), SECRET),
      ],
      ...[forgeToken({}, claims(), SECRET), forgeToken({ alg: ['HS256'] }, claims(), SECRET)],
      ...[[], 'text', null, 7].map((claims) => forgeToken({ alg: 'HS256' }, claims, SECRET)),
    ];
    for (const text of texts) expect(await refusal({}, text)).toMatch(/^unauthenticated: /);
    expect(JSON.stringify(log.entries)).not.toContain(payload);
  });

  test('[AUTH7] a token of more than 8 KB is refused before anything is done with it', async () => {
    const token = await signToken('HS256', SECRET, claims({ pad: 'x'.repeat(6000) }));
    expect(token.length).toBeGreaterThan(8000);
    expect(token.length).toBeLessThanOrEqual(8192);
    expect(await authenticate({}, token)).toMatchObject({ user: 'ann' });
    const more = await signToken('HS256', SECRET, claims({ pad: 'x'.repeat(6200) }));
    expect(await refusal({}, more)).toBe('unauthenticated: the token has more than 8192 characters');
    const huge = 'x'.repeat(50_000_000);
    const before = performance.now();
    expect(await refusal({}, huge)).toBe('unauthenticated: the token has more than 8192 characters');
    expect(await refusal({}, { headers: { authorization: `Bearer ${'x'.repeat(9000)}` } })).toContain('8192');
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test('[AUTH7] tokens with anything changed anywhere are refused with a coded error', async () => {
    const token = await signToken('HS256', SECRET, claims());
    const decoded = (text: string): string[] =>
      text.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));
    let count = 0;
    for (let at = 0; at < token.length; at++) {
      for (const char of ['A', 'w', '_', '.', '=', '\u0000', 'é', '']) {
        const changed = token.slice(0, at) + char + token.slice(at + 1);
        // Of the last character of a part some bits mean nothing.
        if (decoded(changed).join() === decoded(token).join() && /^[\w.-]*$/.test(changed)) continue;
        expect([changed, await refusal({}, changed)]).not.toEqual([changed, 'let in']);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(500);
  });
});

describe('claims', () => {
  const issue = (more: Record<string, unknown>): Promise<string> => signToken('HS256', SECRET, claims(more));

  test('[AUTH8] they say who somebody is, until when, and what he may do', async () => {
    const exp = seconds() + 60;
    const token = await issue({
      ...{ sub: 'user-1', exp, iat: seconds() - 5, jti: 'token-1', operator: true },
      ...{ name: '  Ann\u202e\n Example  ', color: '#AABBCC' },
      access: { 'acme/*': 'editor', 'acme/handbook': 'viewer' },
    });
    const authenticator = await jwtAuthenticator(BARE, { clock, log });
    const identity = await authenticator.authenticate({ token, headers: {}, address: '' });
    expect(identity).toMatchObject({
      ...{ user: 'user-1', tokenId: 'token-1', operator: true, name: 'Ann Example', color: '#aabbcc' },
      ...{ expiresAt: exp * 1000, issuedAt: (seconds() - 5) * 1000 },
    });
    const may = (id: string) => authenticator.authorize(identity, parseDocumentId(id));
    expect([may('acme/notes'), may('acme/handbook'), may('other/notes')]).toEqual([
      'editor',
      'viewer',
      'none',
    ]);
  });

  test('[AUTH8] of what a token does not say nothing is assumed', async () => {
    const identity = await authenticate({}, await issue({ operator: false }));
    expect(Object.keys(identity).sort()).toEqual(['access', 'expiresAt', 'user']);
    expect(identity.access.accessTo(parseDocumentId('acme/notes'))).toBe('none');
  });

  test('[AUTH8] times may have fractions of seconds', async () => {
    const identity = await authenticate({}, await issue({ exp: seconds() + 1.5009, iat: seconds() - 0.25 }));
    expect(identity).toMatchObject({ expiresAt: clock.wall() + 1500, issuedAt: clock.wall() - 250 });
  });

  test.each([
    [{ sub: undefined }, 'the token has no "sub"'],
    ...[7, null, '', 'x'.repeat(129), 'a\u0000b', 'a\nb', '\ud800', ['ann']].map(
      (sub) => [{ sub }, '"sub" is text of 1 to 128 characters, without control characters'] as const,
    ),
    [{ jti: 7 }, '"jti" is text of 1 to 128 characters, without control characters'],
    [{ jti: 'x'.repeat(129) }, '"jti" is text of 1 to 128 characters, without control characters'],
    [{ exp: undefined }, 'the token has no "exp"'],
    [{ exp: '2099-01-01' }, '"exp" has not the form that it must have'],
    [{ exp: null }, '"exp" has not the form that it must have'],
    [{ exp: 1e300 }, '"exp" is a time in seconds since 1970'],
    [{ exp: Date.now() * 1e6 }, '"exp" is a time in seconds since 1970'],
    [{ nbf: '1' }, '"nbf" has not the form that it must have'],
    [{ iat: '1' }, '"iat" has not the form that it must have'],
    [{ iat: -1 }, '"iat" is a time in seconds since 1970'],
    [{ iat: 1e12 }, '"iat" is in the future'],
    [{ name: 7 }, '"name" is text'],
    [{ name: null }, '"name" is text'],
    [{ color: 'red' }, '"color" is of the form #rrggbb'],
    [{ color: '#fff' }, '"color" is of the form #rrggbb'],
    [{ operator: 'true' }, '"operator" is true or false'],
    [{ operator: 1 }, '"operator" is true or false'],
    [{ access: ['*'] }, '"access" is an object with a role for each document or pattern'],
    [{ access: null }, '"access" is an object with a role for each document or pattern'],
    [{ access: { '*': 'admin' } }, '"access" has a role other than viewer, editor, owner (entry 1)'],
    [
      { access: { '*': 'viewer', 'a/b/c': 'viewer' } },
      '"access" has a pattern that is no document, "workspace/*", "workspace/start*" or "*" (entry 2)',
    ],
  ])('[AUTH9] %j refuses the whole token, and says which claim is wrong', async (more, detail) => {
    expect(await refusal({}, await issue(more))).toBe(`unauthenticated: ${detail}`);
  });

  test('[AUTH9] keys of all objects are claims like others', async () => {
    const token = forgeToken(
      { alg: 'HS256' },
      JSON.parse(`{"__proto__":{"operator":true,"sub":"root"},"exp":${seconds() + 60}}`),
      SECRET,
    );
    expect(await refusal({}, token)).toBe('unauthenticated: the token has no "sub"');
    const access = JSON.parse('{"__proto__":"owner","constructor":"viewer"}') as unknown;
    const identity = await authenticate({}, await issue({ access }));
    expect(identity.access.accessTo(parseDocumentId('constructor'))).toBe('viewer');
    expect(identity.access.accessTo(parseDocumentId('toString'))).toBe('none');
  });
});

describe('time', () => {
  test('[AUTH10] a token counts until its "exp" and not a moment longer', async () => {
    const token = await signToken('HS256', SECRET, claims({ exp: seconds() + 10 }));
    clock.advance(9_999);
    expect(await authenticate({}, token)).toMatchObject({ expiresAt: clock.wall() + 1 });
    clock.advance(1);
    expect(await refusal({}, token)).toBe('token-expired: ');
    clock.advance(60_000);
    expect(await refusal({}, token)).toBe('token-expired: ');
  });

  test('[AUTH10] it counts from its "nbf" on; half a minute of difference between clocks is no reason to refuse it', async () => {
    const later = await signToken('HS256', SECRET, claims({ nbf: seconds() + 31, iat: seconds() }));
    expect(await refusal({}, later)).toBe('unauthenticated: the token is not valid yet');
    clock.advance(1000);
    expect(await authenticate({}, later)).toMatchObject({ user: 'ann' });
    const ahead = await signToken('HS256', SECRET, claims({ nbf: seconds() + 30, iat: seconds() + 30 }));
    expect(await authenticate({}, ahead)).toMatchObject({ user: 'ann' });
    const tooFar = await signToken('HS256', SECRET, claims({ iat: seconds() + 31 }));
    expect(await refusal({}, tooFar)).toBe('unauthenticated: "iat" is in the future');
  });
});

describe('issuer and audience', () => {
  const issue = (more: Record<string, unknown>): Promise<string> => signToken('HS256', SECRET, claims(more));
  const options = { jwtIssuer: 'https://id.example/', jwtAudience: 'coscribe' };
  const right = { iss: 'https://id.example/', aud: 'coscribe' };

  test('[AUTH11] where they are set, a token must have them', async () => {
    expect(await authenticate(options, await issue(right))).toMatchObject({ user: 'ann' });
    expect(await authenticate(options, await issue({ ...right, aud: ['other', 'coscribe'] }))).toMatchObject({
      user: 'ann',
    });
  });

  test.each([
    [{ aud: 'other' }, '"aud" is not the one that this server takes'],
    [{ aud: ['other'] }, '"aud" is not the one that this server takes'],
    [{ aud: [] }, '"aud" is not the one that this server takes'],
    [{ aud: 'coscribe ' }, '"aud" is not the one that this server takes'],
    [{ aud: { 0: 'coscribe' } }, '"aud" is not the one that this server takes'],
    [{ aud: undefined }, 'the token has no "aud"'],
    [{ iss: 'https://id.example' }, '"iss" is not the one that this server takes'],
    [{ iss: ['https://id.example/'] }, '"iss" is not the one that this server takes'],
    [{ iss: undefined }, 'the token has no "iss"'],
  ])('[AUTH11] %j is refused', async (wrong, detail) => {
    expect(await refusal(options, await issue({ ...right, ...wrong }))).toBe(`unauthenticated: ${detail}`);
  });

  test('[AUTH11] where they are not set any will do, and of the audience the operator is warned', async () => {
    expect(await authenticate({}, await issue({ iss: 'x', aud: 'y' }))).toMatchObject({ user: 'ann' });
    expect(log.entries).toEqual([
      expect.objectContaining({
        level: 'warn',
        message: expect.stringContaining('COSCRIBE_JWT_AUDIENCE is not set'),
      }),
    ]);
    const quiet = collectLog();
    await jwtAuthenticator({ ...BARE, jwtAudience: 'coscribe' }, { clock, log: quiet });
    expect(quiet.entries).toEqual([]);
  });
});
