import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import type { JwtAlgorithm } from '../../server/auth/jwt-algorithms.js';

/** A secret of 32 bytes, the least there may be. */
export const SECRET = 'a secret of exactly 32 bytes....';

/** A private key of the kind that an algorithm needs; made once for each kind, as RSA takes a while. */
export function keyPair(algorithm: Exclude<JwtAlgorithm, 'HS256'>, which = 1): KeyPair {
  const kind = algorithm === 'PS256' ? 'RS256' : algorithm;
  const known = PAIRS.get(`${kind} ${which}`);
  if (known !== undefined) return known;
  const pair = makePair(kind);
  PAIRS.set(`${kind} ${which}`, pair);
  return pair;
}

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const PAIRS = new Map<string, KeyPair>();

function makePair(kind: string): KeyPair {
  if (kind === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  if (kind === 'EdDSA') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('ec', { namedCurve: kind === 'ES256' ? 'P-256' : 'P-384' });
}

export function publicPem(pair: KeyPair): string {
  return pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

export async function publicJwk(pair: KeyPair, fields: Partial<JWK> = {}): Promise<JWK> {
  return { ...(await exportJWK(pair.publicKey)), ...fields };
}

/** A token as an application makes one; `header` adds to `alg`. */
export function signToken(
  algorithm: JwtAlgorithm,
  key: KeyObject | string,
  claims: Readonly<Record<string, unknown>>,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const secret = typeof key === 'string' ? new TextEncoder().encode(key) : key;
  return new SignJWT({ ...claims }).setProtectedHeader({ ...header, alg: algorithm }).sign(secret);
}

/** A token of any header and any payload, signed by HMAC with any bytes: what no library would make. */
export function forgeToken(header: unknown, payload: unknown, secret: string | Uint8Array = ''): string {
  const signed = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = secret === '' ? '' : createHmac('sha256', secret).update(signed).digest('base64url');
  return `${signed}.${signature}`;
}
