import type { JWTPayload } from 'jose';
import { parseColor, parseName } from '../../shared/presence-user.js';
import type { Identity } from './access.js';
import { AccessPatterns } from './access-patterns.js';

/** Who a token says that somebody is, and what it lets him do. */
export interface JwtIdentity extends Identity {
  readonly user: string;
  readonly expiresAt: number;
  readonly access: AccessPatterns;
}

const MAX_ID_LENGTH = 128;
/** The largest time that a `Date` can have, in seconds. */
const MAX_SECONDS = 8_640_000_000_000;

/**
 * Reads the claims of a token whose signature is checked already.
 *
 * @throws TypeError which says what is wrong with which claim, without its value
 */
export function readClaims(claims: JWTPayload): JwtIdentity {
  const { sub, jti, iat, exp, name, color, operator, access = {} } = claims;
  const tokenId = jti === undefined ? undefined : readId('jti', jti);
  const issuedAt = iat === undefined ? undefined : readTime('iat', iat);
  const shownName = readName(name);
  const shownColor = readColor(color);
  if (operator !== undefined && typeof operator !== 'boolean')
    throw new TypeError('"operator" is true or false');
  return {
    user: readId('sub', sub),
    expiresAt: readTime('exp', exp),
    access: readAccess(access),
    ...(tokenId !== undefined && { tokenId }),
    ...(issuedAt !== undefined && { issuedAt }),
    ...(shownName !== undefined && { name: shownName }),
    ...(shownColor !== undefined && { color: shownColor }),
    ...(operator === true && { operator }),
  };
}

/** Control characters and halves of characters are not told apart, or not kept at all, by every database. */
function readId(claim: string, value: unknown): string {
  if (typeof value === 'string' && value.length <= MAX_ID_LENGTH && /^[^\p{Cc}\p{Cs}]+$/u.test(value))
    return value;
  throw new TypeError(`"${claim}" is text of 1 to ${MAX_ID_LENGTH} characters, without control characters`);
}

/** In milliseconds; claims count seconds. */
function readTime(claim: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= MAX_SECONDS) return Math.floor(value * 1000);
  throw new TypeError(`"${claim}" is a time in seconds since 1970`);
}

function readName(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new TypeError('"name" is text');
  return parseName(value);
}

function readColor(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const color = parseColor(value);
  if (color === undefined) throw new TypeError('"color" is of the form #rrggbb');
  return color;
}

function readAccess(value: unknown): AccessPatterns {
  try {
    return AccessPatterns.read(value);
  } catch (error) {
    throw error instanceof TypeError ? new TypeError(`"access" ${error.message}`) : error;
  }
}
