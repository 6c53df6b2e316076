import type { IncomingMessage } from 'node:http';
import type { Credentials } from '../auth/access.js';
import type { Edge } from '../edge/edge.js';
import { handshakeHeaders } from './handshake-headers.js';
import type { DocumentSocket } from './socket-types.js';

/** An engine.io connection. */
type Connection = DocumentSocket['conn'];

/** What of a connection shows who is at its other end. May throw a `CoscribeError` at one that must not be there. */
export type CredentialsOf = (connection: Connection, token?: string) => Credentials;

/** Of a connection that the edge has looked at: `guardEngine` has its address, `slimConnections` the headers that count. */
export const ownCredentials: CredentialsOf = ({ request, remoteAddress }, token) => {
  const headers = request.headers as Credentials['headers'];
  return { headers, address: remoteAddress, ...(token !== undefined && { token }) };
};

/** Of a connection to somebody else's Socket.IO server, which nobody has looked at for us. */
export function guestCredentials(edge: Edge): CredentialsOf {
  /** @throws CoscribeError `origin-refused` */
  return ({ request }, token) => {
    const { client, source } = edge.visit(request as IncomingMessage);
    const { cookie, ...others } = handshakeHeaders(request.headers);
    // With `*` any page may come, but not with the cookies of whoever looks at it.
    const headers = source === 'any' || cookie === undefined ? others : { ...others, cookie };
    return { headers, address: client.address, ...(token !== undefined && { token }) };
  };
}
