import type { IncomingMessage } from 'node:http';
import type { Credentials } from '../auth/access.js';
import type { Client } from '../edge/client-address.js';
import type { Source } from '../edge/origins.js';

/** The only headers that say who somebody is. */
const NAMES = ['authorization', 'cookie', 'origin'] as const;

/** What of a request shows who sends it. A token counts in `Authorization: Bearer` only: an address is written down everywhere. */
export function credentialsOf(request: IncomingMessage, { address }: Client, source: Source): Credentials {
  const headers: Record<string, string> = {};
  for (const name of NAMES) {
    // With `*` any page may come, but not with the cookies of whoever looks at it.
    if (name === 'cookie' && source === 'any') continue;
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  return { headers, address, ...(token !== undefined && { token }) };
}
