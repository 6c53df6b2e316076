import { randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { readClaims } from '../../server/auth/jwt-claims.js';
import { ROLES } from '../../shared/protocol.js';
import { suggestion } from '../../tools/command-line/nearest.js';
import { UsageError } from '../../tools/usage-error.js';
import { signingKey, type TokenSettings } from './keys.js';

export interface WantedToken {
  readonly user: string;
  /** `acme/*=editor`, or a role alone. */
  readonly access: readonly string[];
  readonly operator: boolean;
  readonly expiresInMs: number;
  readonly name?: string | undefined;
  readonly color?: string | undefined;
  readonly id?: string | undefined;
}

/**
 * Makes a token that a server with these settings takes.
 *
 * @param now milliseconds since the Unix epoch
 * @throws UsageError, ConfigError
 */
export async function makeToken(wanted: WantedToken, settings: TokenSettings, now: number): Promise<string> {
  const { key, kid } = signingKey(settings);
  const { jwtAlgorithm: alg, jwtIssuer: iss, jwtAudience: aud } = settings;
  const issued = Math.floor(now / 1000);
  const claims: JWTPayload = {
    sub: wanted.user,
    jti: wanted.id ?? randomUUID(),
    iat: issued,
    exp: issued + Math.ceil(wanted.expiresInMs / 1000),
    access: Object.fromEntries(wanted.access.map(readAccess)),
    ...(wanted.operator && { operator: true }),
    ...(wanted.name !== undefined && { name: wanted.name }),
    ...(wanted.color !== undefined && { color: wanted.color }),
    ...(iss !== '' && { iss }),
    ...(aud !== '' && { aud }),
  };
  check(claims);
  return new SignJWT(claims).setProtectedHeader({ alg, ...(kid !== undefined && { kid }) }).sign(key);
}

function readAccess(raw: string): readonly [pattern: string, role: string] {
  const at = raw.lastIndexOf('=');
  const role = raw.slice(at + 1);
  if (at === 0 || !ROLES.some((known) => known === role))
    throw new UsageError(
      `--access is PATTERN=ROLE, such as acme/*=editor, and the role one of ${ROLES.join(', ')}, not "${raw}"${suggestion(role, ROLES) || '.'}`,
    );
  return [at === -1 ? '*' : raw.slice(0, at), role];
}

/** As the server will. */
function check(claims: JWTPayload): void {
  try {
    readClaims(claims);
  } catch (error) {
    if (error instanceof TypeError)
      throw new UsageError(`The server would refuse this token: ${error.message}.`);
    throw error;
  }
}
