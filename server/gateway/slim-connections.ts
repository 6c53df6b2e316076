import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handshakeHeaders } from './handshake-headers.js';
import type { CoscribeIo } from './socket-types.js';

/** What Socket.IO reads of a request when a client connects to a namespace. */
interface KeptRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly url: string;
  readonly connection: { readonly encrypted: boolean };
  readonly _query: Readonly<Record<string, string>>;
}

interface CloseListener {
  (): void;
  /** Of a listener that was added with `once`: what was added. */
  readonly listener?: () => void;
}

const UNENCRYPTED = { encrypted: false };
const NO_QUERY = {};

/**
 * Lets go of what engine.io keeps of the HTTP request for as long as its connection lives: 2 KB, and more with the
 * headers of a browser. A handshake still has the address and the headers that say who it is.
 */
export function slimConnections(io: CoscribeIo, http: HttpServer): void {
  io.engine.on('connection', (connection: { request: IncomingMessage | KeptRequest }) => {
    connection.request = kept(connection.request.headers);
  });
  // After engine.io's own listener.
  http.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    if (request.url?.startsWith(io.path())) forgetStandIn(socket);
  });
}

function kept(headers: IncomingMessage['headers'] | KeptRequest['headers']): KeptRequest {
  return { headers: handshakeHeaders(headers), url: '', connection: UNENCRYPTED, _query: NO_QUERY };
}

/**
 * For the sake of HTTP middlewares, of which we have none, engine.io makes a stand-in for the response to an upgrade
 * (`WebSocketResponse` in its server.js). It has the request, and the socket has it: as a listener to its end.
 */
function forgetStandIn(socket: Duplex): void {
  for (const listener of socket.rawListeners('close') as CloseListener[]) {
    // The only one that was added with `once`.
    if (listener.listener !== undefined) socket.off('close', listener);
  }
}
