import { beforeEach, describe, expect, test } from '@jest/globals';
import { JWT_ALGORITHMS, type JwtAlgorithm } from '../../../server/auth/jwt-algorithms.js';
import { JwtGate } from '../../support/jwt-gate.js';
import { forgeToken, keyPair, publicJwk, publicPem, SECRET, signToken } from '../../support/jwt-issuer.js';

let gate = new JwtGate();
beforeEach(() => {
  gate = new JwtGate();
});

const WRONG_SIGNATURE = 'unauthenticated: the signature is not valid';
const WRONG_ALGORITHM = 'unauthenticated: the token is signed in another way than this server takes';
const UNREADABLE = 'unauthenticated: it is no JSON Web Token that this server can read';

describe.each(JWT_ALGORITHMS)('with %s', (algorithm: JwtAlgorithm) => {
  const isSecret = algorithm === 'HS256';
  const key = isSecret ? SECRET : publicPem(keyPair(algorithm));
  const options = { jwtAlgorithm: algorithm, jwtKey: key };
  const signing = isSecret ? SECRET : keyPair(algorithm).privateKey;

  test('[AUTH4] a token that was signed with the key is taken', async () => {
    const token = await signToken(algorithm, signing, gate.claims());
    expect(await gate.authenticate(options, token)).toMatchObject({ user: 'ann' });
    expect(gate.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('[AUTH4] a token that was signed with another key, or changed, is refused', async () => {
    const other = isSecret ? SECRET.toUpperCase() : keyPair(algorithm, 2).privateKey;
    expect(await gate.refusal(options, await signToken(algorithm, other, gate.claims()))).toBe(
      WRONG_SIGNATURE,
    );

    const [header, , signature] = (await signToken(algorithm, signing, gate.claims())).split('.');
    const payload = Buffer.from(JSON.stringify(gate.claims({ sub: 'bob' }))).toString('base64url');
    expect(await gate.refusal(options, [header, payload, signature].join('.'))).toBe(WRONG_SIGNATURE);
    expect(await gate.refusal(options, [header, payload, ''].join('.'))).toBe(WRONG_SIGNATURE);
  });

  test('[AUTH5] a token that says it is signed in any other way is refused', async () => {
    for (const other of JWT_ALGORITHMS.filter((one) => one !== algorithm)) {
      const foreign = other === 'HS256' ? SECRET : keyPair(other).privateKey;
      expect(await gate.refusal(options, await signToken(other, foreign, gate.claims()))).toBe(
        WRONG_ALGORITHM,
      );
    }
    for (const alg of ['none', 'None', 'NONE', '', 'HS512', 'Ed25519', algorithm.toLowerCase()]) {
      const forged = forgeToken({ alg }, gate.claims(), SECRET);
      expect(await gate.refusal(options, forged)).toBe(alg === '' ? UNREADABLE : WRONG_ALGORITHM);
      expect(await gate.refusal(options, forged.slice(0, forged.lastIndexOf('.') + 1))).not.toBe('let in');
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
          const forged = forgeToken({ alg }, gate.claims(), secret);
          expect(await gate.refusal(options, forged)).toBe(
            alg === 'HS256' ? WRONG_ALGORITHM : WRONG_SIGNATURE,
          );
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
      const token = await signToken('ES256', mine.privateKey, gate.claims(), header);
      expect(await gate.refusal(options, token)).toBe(WRONG_SIGNATURE);
    }
    const critical = forgeToken({ alg: 'HS256', crit: ['exp'], exp: 1 }, gate.claims(), SECRET);
    expect(await gate.refusal({}, critical)).toBe(UNREADABLE);
    const unencoded = forgeToken({ alg: 'HS256', crit: ['b64'], b64: false }, gate.claims(), SECRET);
    expect(await gate.refusal({}, unencoded)).not.toBe('let in');
  });
});

describe('where a token comes from', () => {
  test('[AUTH6] it is the token of the connection, or a bearer token of the request', async () => {
    const token = await signToken('HS256', SECRET, gate.claims());
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      expect(await gate.authenticate({}, { headers: { authorization: `${scheme} ${token}` } })).toMatchObject(
        {
          user: 'ann',
        },
      );
    }
    const both = { token, headers: { authorization: 'Bearer nonsense' } };
    expect(await gate.authenticate({}, both)).toMatchObject({ user: 'ann' });
  });

  test('[AUTH6] without one nobody is let in', async () => {
    const token = await signToken('HS256', SECRET, gate.claims());
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
      expect(await gate.refusal({}, { headers })).toBe('unauthenticated: there is no token');
      expect(await gate.refusal({}, { token: '', headers })).toBe('unauthenticated: there is no token');
    }
    const elsewhere = { cookie: `token=${token}`, 'x-authorization': `Bearer ${token}` };
    expect(await gate.refusal({}, { headers: elsewhere })).toBe('unauthenticated: there is no token');
  });

  test('[AUTH7] what is no token is refused, and nothing of it is told or logged', async () => {
    const good = await signToken('HS256', SECRET, gate.claims());
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
        forgeToken([], gate.claims(), SECRET),
        forgeToken(null, gate.claims(), SECRET),
      ],
      ...[forgeToken({}, gate.claims(), SECRET), forgeToken({ alg: ['HS256'] }, gate.claims(), SECRET)],
      ...[[], 'text', null, 7].map((claims) => forgeToken({ alg: 'HS256' }, claims, SECRET)),
    ];
    for (const text of texts) expect(await gate.refusal({}, text)).toMatch(/^unauthenticated: /);
    expect(JSON.stringify(gate.log.entries)).not.toContain(payload);
  });

  test('[AUTH7] a token of more than 8 KB is refused before anything is done with it', async () => {
    const token = await signToken('HS256', SECRET, gate.claims({ pad: 'x'.repeat(6000) }));
    expect(token.length).toBeGreaterThan(8000);
    expect(token.length).toBeLessThanOrEqual(8192);
    expect(await gate.authenticate({}, token)).toMatchObject({ user: 'ann' });
    const more = await signToken('HS256', SECRET, gate.claims({ pad: 'x'.repeat(6200) }));
    expect(await gate.refusal({}, more)).toBe('unauthenticated: the token has more than 8192 characters');
    const huge = 'x'.repeat(50_000_000);
    const before = performance.now();
    expect(await gate.refusal({}, huge)).toBe('unauthenticated: the token has more than 8192 characters');
    expect(await gate.refusal({}, { headers: { authorization: `Bearer ${'x'.repeat(9000)}` } })).toContain(
      '8192',
    );
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test('[AUTH7] tokens with anything changed anywhere are refused with a coded error', async () => {
    const token = await signToken('HS256', SECRET, gate.claims());
    const decoded = (text: string): string[] =>
      text.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));
    let count = 0;
    for (let at = 0; at < token.length; at++) {
      for (const char of ['A', 'w', '_', '.', '=', '\u0000', 'é', '']) {
        const changed = token.slice(0, at) + char + token.slice(at + 1);
        // Of the last character of a part some bits mean nothing.
        if (decoded(changed).join() === decoded(token).join() && /^[\w.-]*$/.test(changed)) continue;
        expect([changed, await gate.refusal({}, changed)]).not.toEqual([changed, 'let in']);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(500);
  });
});
