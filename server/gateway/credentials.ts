import type { Credentials } from '../auth/access.js';
import type { DocumentSocket } from './socket-types.js';

/** What of a connection shows who is at its other end. */
export function credentialsOf({ request, remoteAddress }: Connection, token?: string): Credentials {
  const headers = request.headers as Credentials['headers'];
  return { headers, address: remoteAddress, ...(token !== undefined && { token }) };
}

/** An engine.io connection; `slimConnections` has left the few headers that count. */
type Connection = DocumentSocket['conn'];
