import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../config/config-error.js';
import type { JwtAlgorithm } from './jwt-algorithms.js';

/** RFC 7518, 3.2: a secret has at least as many bits as the hash. */
const MIN_SECRET_BYTES = 32;
/** RFC 7518, 3.3 and 3.5. */
const MIN_RSA_BITS = 2048;

/** The kind of key of each algorithm, as Node tells it, and what it is called. */
const KINDS: Readonly<
  Record<Exclude<JwtAlgorithm, 'HS256'>, { readonly is: (key: KeyObject) => boolean; readonly name: string }>
> = {
  RS256: { is: isRsa, name: `an RSA key of at least ${MIN_RSA_BITS} bits` },
  PS256: { is: isRsa, name: `an RSA key of at least ${MIN_RSA_BITS} bits` },
  ES256: { is: isCurve('prime256v1'), name: 'a key of the elliptic curve P-256' },
  ES384: { is: isCurve('secp384r1'), name: 'a key of the elliptic curve P-384' },
  EdDSA: { is: ({ asymmetricKeyType }) => asymmetricKeyType === 'ed25519', name: 'an Ed25519 key' },
};

/**
 * The key that tokens are checked with, out of what the operator gave: the key itself or `file:` and the name of a file
 * that holds it.
 *
 * @throws ConfigError if it will not do; the message says why and holds nothing of the key
 */
export function readJwtKey(algorithm: JwtAlgorithm, given: string): KeyObject | Uint8Array {
  const text = readKeyText(given);
  return algorithm === 'HS256' ? readSecret(text) : readPublicKey(algorithm, text);
}

/** The key itself, as text. @throws ConfigError if it is in a file that cannot be read */
export function readKeyText(given: string): string {
  return given.startsWith('file:') ? readKeyFile(given.slice('file:'.length)) : given;
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw problem(`names the file ${path}, which cannot be read (${code})`);
  }
}

function readSecret(text: string): Uint8Array {
  // A public key is no secret: whoever knows it could sign tokens.
  if (text.includes('-----BEGIN') || readJwk(text) !== undefined)
    throw problem('must be a secret for HS256: plain text, and no PEM or JWK');
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length < MIN_SECRET_BYTES)
    throw problem(
      `must have at least ${MIN_SECRET_BYTES} bytes for HS256; "openssl rand -base64 32" makes one`,
    );
  return bytes;
}

function readPublicKey(algorithm: Exclude<JwtAlgorithm, 'HS256'>, text: string): KeyObject {
  const jwk = readJwk(text);
  if (jwk === undefined ? text.includes('PRIVATE KEY-----') : 'd' in jwk || 'k' in jwk)
    throw problem(
      'must be the public key; whoever has the private one can sign tokens, so keep it away from here',
    );
  if (jwk?.alg !== undefined && jwk.alg !== algorithm)
    throw problem(`is a key for another algorithm than ${algorithm}`);
  const { is, name } = KINDS[algorithm];
  let key: KeyObject;
  try {
    // In files of variables, line ends are often written as "\n".
    key =
      jwk === undefined
        ? createPublicKey(text.replaceAll('\\n', '\n'))
        : createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw problem('must be a public key as PEM ("-----BEGIN PUBLIC KEY-----") or as JWK');
  }
  if (!is(key)) throw problem(`must be ${name} for ${algorithm}`);
  return key;
}

function readJwk(text: string): Record<string, unknown> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'kty' in value ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function isRsa({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS;
}

function isCurve(name: string): (key: KeyObject) => boolean {
  return ({ asymmetricKeyType, asymmetricKeyDetails }) =>
    asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === name;
}

function problem(predicate: string): ConfigError {
  return new ConfigError([`COSCRIBE_JWT_KEY ${predicate}.`]);
}
