import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import { CoscribeError } from '../../shared/errors.js';
import type { Clock } from '../../shared/time.js';
import { ConfigError } from '../config/config-error.js';
import type { Log } from '../telemetry/log.js';
import type { Authenticator, Credentials } from './access.js';
import { bearerOf } from './bearer.js';
import type { JwtAlgorithm } from './jwt-algorithms.js';
import { type JwtIdentity, readClaims } from './jwt-claims.js';
import { readJwtKey } from './jwt-key.js';
import { RemoteKeys } from './remote-keys.js';

/** How tokens are checked. Empty text stands for "not set", as in the server's settings. */
export interface JwtOptions {
  /** The only one that counts, whatever a token says of itself. */
  readonly jwtAlgorithm: JwtAlgorithm | '';
  /** A secret (HS256), a public key as PEM or JWK, or `file:PATH`. */
  readonly jwtKey: string;
  /** Where a JWK Set with public keys is, instead of `jwtKey`. */
  readonly jwtJwksUrl: string;
  /** What `iss` must be. */
  readonly jwtIssuer: string;
  /** What `aud` must be, or hold. */
  readonly jwtAudience: string;
}

interface Services {
  readonly clock: Clock;
  readonly log: Log;
}

const UNREADABLE = 'it is no JSON Web Token that this server can read';
/** Longer tokens are not even looked at. */
const MAX_TOKEN_LENGTH = 8192;
/** Header, claims, signature (RFC 7519, 7.1). jose itself overlooks white space. */
const FORM = /^[\w-]+\.[\w-]+\.[\w-]*$/;
/** By how much the clock of whoever makes tokens may be ahead of this one, in seconds. */
const CLOCK_TOLERANCE = 30;

/**
 * Knows people by JSON Web Tokens (RFC 7519) that the application signs. Claims: `sub` and `exp`, which a token must have; `name`,
 * `color`, `access` (a role for each document or pattern), `operator`, `jti`, `iat`, `nbf`.
 *
 * @throws ConfigError if the key will not do
 */
export async function jwtAuthenticator(
  options: JwtOptions,
  { clock, log }: Services,
): Promise<Authenticator<JwtIdentity>> {
  const { jwtAlgorithm: algorithm, jwtIssuer: issuer, jwtAudience: audience } = options;
  if (algorithm === '') throw new ConfigError(['COSCRIBE_JWT_ALGORITHM must say how tokens are signed.']);
  const key = chooseKey(algorithm, options, { clock, log });
  if (audience === '') {
    log.warn(
      {},
      'COSCRIBE_JWT_AUDIENCE is not set: tokens that the same key signed for other servers are taken, too',
    );
  }
  const rules: JWTVerifyOptions = {
    algorithms: [algorithm],
    requiredClaims: ['sub', 'exp'],
    clockTolerance: CLOCK_TOLERANCE,
    ...(issuer !== '' && { issuer }),
    ...(audience !== '' && { audience }),
  };
  return {
    async authenticate(credentials) {
      const token = tokenOf(credentials);
      if (token === undefined) throw new CoscribeError('unauthenticated', 'there is no token');
      if (token.length > MAX_TOKEN_LENGTH)
        throw refusal(`the token has more than ${MAX_TOKEN_LENGTH} characters`);
      if (!FORM.test(token)) throw refusal(UNREADABLE);
      const now = clock.wall();
      const identity = identityOf(await verify(token, key, { ...rules, currentDate: new Date(now) }));
      // Somebody's clock being ahead is no reason to let him in for longer.
      if (identity.expiresAt <= now) throw new CoscribeError('token-expired');
      // It would outlive its own revocation, which voids what was made before.
      if ((identity.issuedAt ?? 0) > now + CLOCK_TOLERANCE * 1000) throw refusal('"iat" is in the future');
      return identity;
    },
    authorize: ({ access }, document) => access.accessTo(document),
  };
}

function chooseKey(
  algorithm: JwtAlgorithm,
  { jwtKey, jwtJwksUrl }: JwtOptions,
  services: Services,
): JWTVerifyGetKey {
  if (jwtJwksUrl === '') {
    const key = readJwtKey(algorithm, jwtKey);
    return () => key;
  }
  const url = new URL(jwtJwksUrl);
  if (url.protocol === 'http:') {
    services.log.warn(
      { host: url.host },
      'COSCRIBE_JWT_JWKS_URL is not https: whoever is on the way there can put in keys of his own',
    );
  }
  const keys = new RemoteKeys(url, services);
  keys.prepare();
  return keys.find;
}

async function verify(token: string, key: JWTVerifyGetKey, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, key, options)).payload;
  } catch (error) {
    if (error instanceof CoscribeError) throw error;
    if (error instanceof errors.JWTExpired) throw new CoscribeError('token-expired');
    throw refusal(reason(error));
  }
}

/** Without what is in the token: the message goes back to whoever sent it, and may be logged on the way. */
function reason(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim, reason } = error;
    if (claim === 'nbf' && reason === 'check_failed') return 'the token is not valid yet';
    if (reason === 'missing') return `the token has no "${claim}"`;
    return reason === 'check_failed'
      ? `"${claim}" is not the one that this server takes`
      : `"${claim}" has not the form that it must have`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return 'the token is signed in another way than this server takes';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature is not valid';
  if (error instanceof errors.JWKSNoMatchingKey)
    return 'the token was signed with a key that this server does not know';
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return 'the token does not name its key ("kid"), and there are several';
  return UNREADABLE;
}

function identityOf(claims: JWTPayload): JwtIdentity {
  try {
    return readClaims(claims);
  } catch (error) {
    if (error instanceof TypeError) throw refusal(error.message);
    throw error;
  }
}

function refusal(detail: string): CoscribeError {
  return new CoscribeError('unauthenticated', detail);
}

function tokenOf(credentials: Credentials): string | undefined {
  return credentials.token || bearerOf(credentials);
}
