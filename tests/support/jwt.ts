import { createHmac } from 'node:crypto';
import type { Role } from '../../shared/protocol.js';

/** What the servers of a test check tokens with (HS256). */
export const JWT_SECRET = 'the secret of a test, which is longer than 32 bytes';

/** Claims of a token that is valid for ten minutes, unless they say otherwise. `undefined` leaves one out. */
export function claims(more: Record<string, unknown> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1_000);
  return { sub: 'ann', iat: now, exp: now + 600, ...more };
}

/**
 * Made by hand, and not with the library that the server checks tokens with.
 *
 * @param header more of the header, or other than `{"alg":"HS256"}`
 */
export function jwt(payload: unknown, secret = JWT_SECRET, header: Record<string, unknown> = {}): string {
  const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(payload)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** A token of somebody with one role in the workspace `acme`, or with none. */
export function tokenOf(user: string, role?: Role, more: Record<string, unknown> = {}): string {
  return jwt(claims({ sub: user, ...(role !== undefined && { access: { 'acme/*': role } }), ...more }));
}

/** Flags of a server that takes these tokens. */
export const JWT_FLAGS: readonly string[] = [
  '--auth',
  'jwt',
  '--jwt-algorithm',
  'HS256',
  '--jwt-key',
  JWT_SECRET,
];
