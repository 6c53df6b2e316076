import { parseColor, parseName } from '../../shared/presence-user.js';
import { ROLES } from '../../shared/protocol.js';
import type { Access, Identity } from './access.js';

const MAX_ID_LENGTH = 128;
/** Not every database keeps them as they are. */
const UNKEPT = /[\p{Cc}\p{Cs}]/u;

/**
 * An authenticator's answer, with a name and a colour that can be shown. Everything else in it stays as it is.
 *
 * @throws TypeError for an answer that is none: the mistake is the authenticator's, not the client's
 */
export function checkIdentity<I extends Identity>(answer: I): I {
  if (typeof answer !== 'object' || answer === null) throw new TypeError('an identity is an object');
  const { user, tokenId, expiresAt, issuedAt, name, color } = answer;
  checkId('user', user);
  checkId('tokenId', tokenId);
  checkTime('expiresAt', expiresAt);
  checkTime('issuedAt', issuedAt);
  const shown: { name?: string; color?: string } = {};
  if (name !== undefined) {
    if (typeof name !== 'string') throw new TypeError('the name of an identity is a string');
    shown.name = parseName(name);
  }
  if (color !== undefined) {
    const clean = parseColor(color);
    if (clean === undefined) throw new TypeError('the color of an identity is #rrggbb');
    shown.color = clean;
  }
  return { ...answer, ...shown };
}

/** @throws TypeError as `checkIdentity` */
export function checkAccess(answer: Access): Access {
  if (answer === 'none' || ROLES.includes(answer)) return answer;
  throw new TypeError(`access is "none" or one of ${ROLES.join(', ')}`);
}

function checkId(name: string, value: unknown): void {
  if (value === undefined) return;
  const fits = typeof value === 'string' && value.length > 0 && value.length <= MAX_ID_LENGTH;
  if (fits && !UNKEPT.test(value)) return;
  throw new TypeError(`the ${name} of an identity is a string of 1 to ${MAX_ID_LENGTH} visible characters`);
}

function checkTime(name: string, value: unknown): void {
  if (value !== undefined && !Number.isSafeInteger(value))
    throw new TypeError(`the ${name} of an identity is a whole number of milliseconds`);
}
