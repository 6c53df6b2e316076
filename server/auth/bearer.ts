import type { Credentials } from './access.js';

/** The token of an `Authorization: Bearer` header (RFC 6750): HTTP's way of giving one, where the protocol has no other. */
export function bearerOf({ headers }: Pick<Credentials, 'headers'>): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}
