import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { JWT_ALGORITHMS, type JwtAlgorithm } from '../../server/auth/jwt-algorithms.js';
import { readJwtKey, readKeyText } from '../../server/auth/jwt-key.js';
import { OPTIONS } from '../../server/config/options.js';
import { UsageError } from '../../tools/usage-error.js';
import type { CommandIo } from '../command.js';

const { jwtKey: KEY, jwtAlgorithm: ALGORITHM, jwtIssuer: ISSUER, jwtAudience: AUDIENCE } = OPTIONS;
const { jwtJwksUrl: JWKS_URL } = OPTIONS;

/** The server's settings about tokens. Empty text stands for "not set". */
export interface TokenSettings {
  readonly jwtAlgorithm: JwtAlgorithm;
  readonly jwtKey: string;
  readonly jwtJwksUrl: string;
  readonly jwtIssuer: string;
  readonly jwtAudience: string;
}

/** Options of the command that are the server's, too. */
export interface GivenSettings {
  readonly 'jwt-key': string | undefined;
  readonly 'jwt-algorithm': string | undefined;
  readonly 'jwt-issuer': string | undefined;
  readonly 'jwt-audience': string | undefined;
}

/** From options first, then from the variables that the server reads. @throws UsageError */
export function settingsOf(given: GivenSettings, env: CommandIo['env']): TokenSettings {
  const algorithm = given['jwt-algorithm'] ?? (env[ALGORITHM.env] || 'HS256');
  const known = JWT_ALGORITHMS.find((one) => one === algorithm);
  if (known === undefined)
    throw new UsageError(`${ALGORITHM.env} is one of ${JWT_ALGORITHMS.join(', ')}, not "${algorithm}".`);
  return {
    jwtAlgorithm: known,
    jwtKey: given['jwt-key'] ?? env[KEY.env] ?? '',
    // A key that is given is meant.
    jwtJwksUrl: given['jwt-key'] === undefined ? (env[JWKS_URL.env] ?? '') : '',
    jwtIssuer: given['jwt-issuer'] ?? env[ISSUER.env] ?? '',
    jwtAudience: given['jwt-audience'] ?? env[AUDIENCE.env] ?? '',
  };
}

export interface SigningKey {
  readonly key: KeyObject | Uint8Array;
  /** How the key is called among others, if it says so. */
  readonly kid?: string;
}

/** @throws UsageError, ConfigError if there is no key, or none that can sign */
export function signingKey({ jwtAlgorithm: algorithm, jwtKey: given }: TokenSettings): SigningKey {
  if (given === '')
    throw new UsageError(
      `There is no key to sign with: set ${KEY.env}, as for the server, or give --${KEY.flag}; "openssl rand -base64 32" makes a secret for HS256.`,
    );
  if (algorithm === 'HS256') return { key: readJwtKey(algorithm, given) };
  const text = readKeyText(given);
  const { key, kid } = readPrivateKey(text, algorithm);
  // The server's own check: the kind of the key, and its length.
  readJwtKey(algorithm, publicPem(key));
  return { key, ...(kid !== undefined && { kid }) };
}

/** The key that the server would check with, also where the private one is given. @throws ConfigError */
export function checkingKey({ jwtAlgorithm: algorithm, jwtKey: given }: TokenSettings): string {
  if (algorithm === 'HS256' || given === '') return given;
  const text = readKeyText(given);
  return isPrivate(text) ? publicPem(readPrivateKey(text, algorithm).key) : text;
}

function readPrivateKey(
  text: string,
  algorithm: JwtAlgorithm,
): { readonly key: KeyObject; readonly kid?: string } {
  if (!isPrivate(text))
    throw new UsageError(
      `For ${algorithm} the private key signs, and this is none; give it with --${KEY.flag} file:PATH. The server needs the public one only.`,
    );
  try {
    if (!text.trimStart().startsWith('{')) return { key: createPrivateKey(text.replaceAll('\\n', '\n')) };
    const jwk = JSON.parse(text) as Record<string, unknown>;
    const key = createPrivateKey({ key: jwk, format: 'jwk' });
    return typeof jwk.kid === 'string' ? { key, kid: jwk.kid } : { key };
  } catch {
    throw new UsageError(`The key to sign with must be a private key as PEM or as JWK, for ${algorithm}.`);
  }
}

function isPrivate(text: string): boolean {
  return text.includes('PRIVATE KEY-----') || /^\s*\{[\s\S]*"d"\s*:/.test(text);
}

function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}
