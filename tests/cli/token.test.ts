import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Credentials } from '../../server/auth/access.js';
import { JWT_ALGORITHMS, type JwtAlgorithm } from '../../server/auth/jwt-algorithms.js';
import { jwtAuthenticator } from '../../server/auth/jwt-authenticator.js';
import { parseDocumentId } from '../../shared/ids.js';
import { systemClock } from '../../shared/time.js';
import { type CommandRun, runInProcess } from '../support/command-run.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';

const SECRET = 'what "openssl rand -base64 32" has printed';
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

let folder: TemporaryFolder;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

const token = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CommandRun> =>
  runInProcess(['token', ...args], { env: { COSCRIBE_JWT_KEY: SECRET, ...env } });

async function made(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, stdout, stderr } = await token(args, env);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  return stdout.trim();
}

/** The private key as PEM and as JWK, and the public one. */
function keysFor(
  algorithm: Exclude<JwtAlgorithm, 'HS256'>,
): readonly [pem: string, jwk: string, open: string] {
  const { privateKey, publicKey } = pairFor(algorithm);
  return [
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'the first' }),
    publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ];
}

function pairFor(algorithm: Exclude<JwtAlgorithm, 'HS256'>) {
  switch (algorithm) {
    case 'EdDSA':
      return generateKeyPairSync('ed25519');
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'ES384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' });
    default:
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
  }
}

const shown = (credentials: string): Credentials => ({ token: credentials, headers: {}, address: '' });

describe('coscribe token', () => {
  test('[CLI10] what it makes, the server takes for what was asked for', async () => {
    const args = [
      '-u',
      'ann',
      '-a',
      'acme/*=editor',
      '-a',
      'acme/plan=owner',
      '--name',
      'Ann B.',
      '--color',
      '#00ff00',
    ];
    const env = { COSCRIBE_JWT_AUDIENCE: 'coscribe', COSCRIBE_JWT_ISSUER: 'me' };
    const before = Date.now();
    const text = await made([...args, '--expires', '10m', '--operator', '--id', 'one'], env);
    const options = {
      jwtAlgorithm: 'HS256',
      jwtKey: SECRET,
      jwtJwksUrl: '',
      jwtIssuer: 'me',
      jwtAudience: 'coscribe',
    } as const;
    const server = await jwtAuthenticator(options, { clock: systemClock(), log: SILENT });
    const identity = await server.authenticate(shown(text));
    expect(identity).toMatchObject({
      user: 'ann',
      name: 'Ann B.',
      color: '#00ff00',
      operator: true,
      tokenId: 'one',
    });
    expect(Math.abs(identity.expiresAt - before - 600_000)).toBeLessThan(5_000);
    const roles = ['acme/notes', 'acme/plan', 'other/x'].map((id) =>
      server.authorize(identity, parseDocumentId(id)),
    );
    expect(roles).toEqual(['editor', 'owner', 'none']);
  });

  test('[CLI10] a role alone is for everything; an hour, and a name of its own, unless said', async () => {
    const first = decodeJwt(await made(['--user', 'ann', '--access', 'viewer']));
    const second = decodeJwt(await made(['--user', 'ann', '--access', 'viewer']));
    expect(first).toMatchObject({ sub: 'ann', access: { '*': 'viewer' } });
    expect((first.exp ?? 0) - (first.iat ?? 0)).toBe(3600);
    expect(first.jti).not.toBe(second.jti);
    expect([first.operator, first.aud, first.iss, first.name]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('[CLI10] [CLI12] it signs in every way that a server can check, with PEM, JWK or a file', async () => {
    for (const algorithm of JWT_ALGORITHMS) {
      if (algorithm === 'HS256') continue;
      const [pem, jwk, open] = keysFor(algorithm);
      const file = folder.file(`${algorithm}.pem`);
      writeFileSync(file, pem);
      for (const key of [pem, pem.replaceAll('\n', '\\n'), jwk, `file:${file}`]) {
        const settings = { COSCRIBE_JWT_ALGORITHM: algorithm, COSCRIBE_JWT_KEY: key };
        const text = await made(['-u', 'ann', '-a', 'owner'], settings);
        expect(decodeProtectedHeader(text)).toEqual({
          alg: algorithm,
          ...(key === jwk && { kid: 'the first' }),
        });
        for (const check of [open, key]) {
          const { code, stdout } = await token(['--decode', text], { ...settings, COSCRIBE_JWT_KEY: check });
          expect([algorithm, code, stdout]).toEqual([
            algorithm,
            0,
            expect.stringContaining('\nThe server takes it.\n'),
          ]);
        }
      }
    }
  });

  test.each([
    [['--expires', '1h'], {}, 'Say whom the token is for: --user ann. See coscribe token --help.'],
    [
      ['-u', 'ann', '--expires', 'soon'],
      {},
      '--expires is a time such as 30s, 10m or 1.5h, not "soon". See coscribe token --help.',
    ],
    [
      ['-u', 'ann', '-a', 'acme/*=boss'],
      {},
      '--access is PATTERN=ROLE, such as acme/*=editor, and the role one of viewer, editor, owner, not "acme/*=boss". See coscribe token --help.',
    ],
    [
      ['-u', 'ann', '-a', '=editor'],
      {},
      '--access is PATTERN=ROLE, such as acme/*=editor, and the role one of viewer, editor, owner, not "=editor"',
    ],
    [
      ['-u', 'ann', '-a', 'a/b/c=editor'],
      {},
      'The server would refuse this token: "access" has a pattern that is no document',
    ],
    [
      ['-u', 'ann', '--color', 'red'],
      {},
      'The server would refuse this token: "color" is of the form #rrggbb. See coscribe token --help.',
    ],
    [['-u', 'a\tb'], {}, 'The server would refuse this token: "sub" is text of 1 to 128 characters'],
    [
      ['-u', 'ann'],
      { COSCRIBE_JWT_KEY: '' },
      'There is no key to sign with: set COSCRIBE_JWT_KEY, as for the server, or give --jwt-key;',
    ],
    [['-u', 'ann'], { COSCRIBE_JWT_KEY: 'short' }, 'COSCRIBE_JWT_KEY must have at least 32 bytes for HS256;'],
    [
      ['-u', 'ann', '--jwt-key', 'file:/no/such'],
      {},
      'COSCRIBE_JWT_KEY names the file /no/such, which cannot be read (ENOENT).',
    ],
    [
      ['-u', 'ann'],
      { COSCRIBE_JWT_ALGORITHM: 'none' },
      'COSCRIBE_JWT_ALGORITHM is one of HS256, RS256, PS256, ES256, ES384, EdDSA, not "none".',
    ],
    [['-u', 'ann', '--jwt-algorithm', 'ES256'], {}, 'For ES256 the private key signs, and this is none;'],
    [
      ['-u', 'ann', '--jwt-algorithm', 'ES256', '--jwt-key', '{"d":1}'],
      {},
      'The key to sign with must be a private key as PEM or as JWK, for ES256.',
    ],
  ])('[CLI11] %j %j is refused before anything is signed', async (args, env, sentence) => {
    const { code, stdout, stderr } = await token(args, env);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain(SECRET);
  });

  test('[CLI11] the public key makes no token, nor does a key of another kind', async () => {
    const [pem, , open] = keysFor('ES256');
    const attempt = (algorithm: string, key: string) =>
      token(['-u', 'ann'], { COSCRIBE_JWT_ALGORITHM: algorithm, COSCRIBE_JWT_KEY: key });
    expect((await attempt('ES256', open)).stderr).toContain(
      'For ES256 the private key signs, and this is none;',
    );
    expect((await attempt('RS256', pem)).stderr).toBe(
      'COSCRIBE_JWT_KEY must be an RSA key of at least 2048 bits for RS256.\n',
    );
  });

  test('[CLI10] one that opens nothing is made, and that is said beside it', async () => {
    const { code, stdout, stderr } = await token(['-u', 'ann']);
    expect([code, stdout.split('.').length]).toEqual([0, 3]);
    expect(stderr).toBe("This token opens nothing; add --access 'acme/*=editor', for example.\n");
  });
});

describe('coscribe token --decode', () => {
  test('[CLI12] shows what is in it, also from standard input', async () => {
    const text = await made(['-u', 'ann', '-a', 'acme/*=editor', '-a', 'viewer']);
    const { stdout } = await token(['--decode', text]);
    for (const line of [
      /^alg {8}HS256$/m,
      /^sub {8}ann$/m,
      /^access {5}acme\/\*=editor \*=viewer$/m,
      /^exp {8}\d+ \(20.*Z\)$/m,
    ])
      expect(stdout).toMatch(line);
    const piped = await runInProcess(['token', '--decode', '-'], {
      env: { COSCRIBE_JWT_KEY: SECRET },
      stdin: `${text}\n`,
    });
    expect(piped).toEqual({ code: 0, stdout, stderr: '' });
  });

  test('[CLI12] says why the server would refuse it, with exit code 1', async () => {
    const text = await made(['-u', 'ann', '-a', 'editor', '--expires', '1ms']);
    const other = { COSCRIBE_JWT_KEY: `${SECRET}, another time` };
    const cases: readonly (readonly [string, NodeJS.ProcessEnv, string])[] = [
      [text, other, 'the signature is not valid'],
      [text, { COSCRIBE_JWT_AUDIENCE: 'elsewhere' }, 'the token has no "aud"'],
      [
        text,
        { COSCRIBE_JWT_ALGORITHM: 'EdDSA', COSCRIBE_JWT_KEY: keysFor('EdDSA')[2] },
        'the token is signed in another way',
      ],
      ['abc', {}, 'It is no JSON Web Token'],
    ];
    for (const [given, env, reason] of cases) {
      const { code, stderr } = await token(['--decode', given], env);
      expect([code, stderr]).toEqual([1, expect.stringContaining(reason)]);
    }
  });

  test('[CLI12] without a key it says that nothing was checked', async () => {
    const text = await made(['-u', 'ann', '-a', 'editor']);
    const { code, stdout, stderr } = await token(['--decode', text], { COSCRIBE_JWT_KEY: '' });
    expect([code, stdout.includes('ann')]).toEqual([0, true]);
    expect(stderr).toBe('Whether it is genuine is not checked: there is no key.\n');
  });
});
