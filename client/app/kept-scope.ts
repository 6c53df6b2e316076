import type { PageMode } from './page-mode.js';

/** Scopes of people who sign in begin so. */
const USER = 'user ';
/** Tokens of share links begin so. */
const LINK = 'link_';

/**
 * For whom a page keeps its document on this device. Where nobody signs in, this browser is the person: it keeps share links as
 * well. Whoever signs in has what he keeps for himself, so that on a shared computer nobody sees or sends another one's.
 *
 * @returns `undefined` if nothing is kept: without a token where one is needed, or if the token does not say whose it is
 */
export function scopeOf(mode: PageMode, token: string | undefined): string | undefined {
  if (mode === 'open') return '';
  if (token === undefined) return undefined;
  if (mode === 'links' || token.startsWith(LINK)) return '';
  const subject = subjectOf(token);
  return subject === undefined ? undefined : USER + subject;
}

/** Whether it is the scope of somebody who signs in, and may come back with another token. */
export function isPersonal(scope: string | undefined): boolean {
  return scope?.startsWith(USER) === true;
}

/**
 * Whom a JSON Web Token is about (RFC 7519, 4.1.2). Unchecked: what is kept here can be read by whoever uses this browser's
 * profile anyway, and the server checks what is sent to it.
 */
function subjectOf(token: string): string | undefined {
  const [, claims, signature, ...more] = token.split('.');
  if (claims === undefined || signature === undefined || more.length > 0) return undefined;
  try {
    const bytes = Uint8Array.from(atob(claims.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
      character.charCodeAt(0),
    );
    const { sub } = Object(JSON.parse(new TextDecoder().decode(bytes))) as { readonly sub?: unknown };
    return typeof sub === 'string' && sub !== '' ? sub : undefined;
  } catch {
    return undefined;
  }
}
