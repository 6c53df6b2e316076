import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JWT_ALGORITHMS, type JwtAlgorithm } from '../../../server/auth/jwt-algorithms.js';
import { type JwtOptions, jwtAuthenticator } from '../../../server/auth/jwt-authenticator.js';
import { ConfigError } from '../../../server/config/load-config.js';
import { selfSigned } from '../../support/certificate.js';
import { collectLog } from '../../support/collect-log.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';
import { keyPair, publicJwk, publicPem, SECRET, signToken } from '../../support/jwt-issuer.js';
import { ManualClock } from '../../support/manual-clock.js';

const clock = new ManualClock();
const PUBLIC = JWT_ALGORITHMS.filter((algorithm) => algorithm !== 'HS256');

function start(jwtAlgorithm: JwtOptions['jwtAlgorithm'], jwtKey: string) {
  const options = { jwtAlgorithm, jwtKey, jwtJwksUrl: '', jwtIssuer: '', jwtAudience: '' };
  return jwtAuthenticator(options, { clock, log: collectLog() });
}

/** Whether a server with this key takes what an application signs. */
async function takes(
  algorithm: JwtAlgorithm,
  key: string,
  signing: KeyObject | string = algorithm === 'HS256' ? SECRET : keyPair(algorithm).privateKey,
): Promise<void> {
  const token = await signToken(algorithm, signing, { sub: 'ann', exp: clock.wall() / 1000 + 60 });
  const authenticator = await start(algorithm, key);
  expect(await authenticator.authenticate({ token, headers: {}, address: '' })).toMatchObject({
    user: 'ann',
  });
}

async function problem(algorithm: JwtOptions['jwtAlgorithm'], key: string): Promise<string> {
  try {
    await start(algorithm, key);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join(' ');
    throw error;
  }
  return 'taken';
}

let folder: TemporaryFolder;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

let files = 0;
function inFile(text: string): string {
  const path = folder.file(`key-${files++}`);
  writeFileSync(path, text);
  return `file:${path}`;
}

describe.each(PUBLIC)('a key for %s', (algorithm) => {
  test('[AUTH12] is PEM or JWK, as text or in a file', async () => {
    const pem = publicPem(keyPair(algorithm));
    const jwk = JSON.stringify(
      await publicJwk(keyPair(algorithm), { alg: algorithm, use: 'sig', kid: 'one' }),
    );
    const inOneLine = pem.replaceAll('\n', '\\n');
    for (const key of [pem, pem.trim(), pem.replaceAll('\n', '\r\n'), inOneLine, jwk]) {
      await takes(algorithm, key);
      await takes(algorithm, inFile(key));
      await takes(algorithm, inFile(`${key}\n`));
    }
  });

  test('[AUTH13] that is private, of another kind, or no key at all keeps the server from starting', async () => {
    const { privateKey } = keyPair(algorithm);
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const jwk = JSON.stringify(privateKey.export({ format: 'jwk' }));
    for (const key of [pem, jwk, inFile(pem)])
      expect(await problem(algorithm, key)).toContain('must be the public key');
    for (const key of [
      SECRET,
      '-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----',
      '{"kty":"EC"}',
      '{',
      '[]',
    ]) {
      expect(await problem(algorithm, key)).toContain('must be a public key as PEM');
    }
    const others = PUBLIC.filter((other) => keyPair(other) !== keyPair(algorithm));
    for (const other of others) {
      expect(await problem(algorithm, publicPem(keyPair(other)))).toMatch(
        new RegExp(`^COSCRIBE_JWT_KEY must be an? .* for ${algorithm}\\.$`),
      );
    }
    const foreign = JSON.stringify(await publicJwk(keyPair(algorithm), { alg: 'RS512' }));
    expect(await problem(algorithm, foreign)).toContain(`is a key for another algorithm than ${algorithm}`);
  });
});

describe('keys', () => {
  test('[AUTH12] a certificate holds a key, too', async () => {
    const { certificate, key } = selfSigned();
    await takes('ES256', certificate, createPrivateKey(key));
  });

  test('[AUTH12] a secret is text, as it is, or in a file that may end with a line end', async () => {
    await takes('HS256', SECRET);
    await takes('HS256', inFile(SECRET));
    await takes('HS256', inFile(`${SECRET}\n`));
    expect(await problem('HS256', 'ü'.repeat(16))).toBe('taken');
  });

  test('[AUTH13] a secret that is short, or known to everybody, keeps the server from starting', async () => {
    for (const secret of ['', 'secret', SECRET.slice(1)]) {
      expect(await problem('HS256', secret)).toMatch(/at least 32 bytes for HS256/);
    }
    // The line end does not make it longer.
    expect(await problem('HS256', inFile(`${SECRET.slice(1)}\n`))).toMatch(/at least 32 bytes/);
    const pair = keyPair('RS256');
    for (const key of [publicPem(pair), JSON.stringify(await publicJwk(pair)), inFile(publicPem(pair))]) {
      expect(await problem('HS256', key)).toContain(
        'must be a secret for HS256: plain text, and no PEM or JWK',
      );
    }
  });

  test('[AUTH13] RSA keys are long enough, and of the plain kind', async () => {
    const pem = (pair: {
      publicKey: { export(options: { type: 'spki'; format: 'pem' }): string | Buffer };
    }) => pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const short = pem(generateKeyPairSync('rsa', { modulusLength: 1024 }));
    expect(await problem('RS256', short)).toContain('an RSA key of at least 2048 bits for RS256');
    expect(await problem('PS256', pem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 })))).toContain(
      'an RSA key',
    );
    expect(await problem('EdDSA', pem(generateKeyPairSync('ed448')))).toContain('an Ed25519 key');
  });

  test('[AUTH13] no message repeats a key; one that cannot be read is named by its file', async () => {
    const short = 'hunter2';
    expect(await problem('HS256', short)).not.toContain(short);
    expect(await problem('RS256', short)).not.toContain(short);
    const missing = folder.file('missing');
    expect(await problem('RS256', `file:${missing}`)).toBe(
      `COSCRIBE_JWT_KEY names the file ${missing}, which cannot be read (ENOENT).`,
    );
    expect(await problem('HS256', `file:${folder.path}`)).toContain('(EISDIR)');
    expect(await problem('', SECRET)).toBe('COSCRIBE_JWT_ALGORITHM must say how tokens are signed.');
  });
});
