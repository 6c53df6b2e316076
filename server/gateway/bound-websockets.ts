import type { Server as HttpServer } from 'node:http';
import type { CoscribeIo } from './socket-types.js';

/** The server of the package `ws` (read in 8.21) that engine.io makes, and makes anew when HTTP begins to listen. */
interface WebSocketServer {
  readonly options: { closeTimeout: number };
}

/** Which connection is closed by the server and does not answer that within so long is cut, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;

/** For half a minute `ws` waits for the other side to agree to the end; engine.io has no option for that. */
export function boundWebSockets(io: CoscribeIo, http: HttpServer): void {
  const bound = (): void => {
    const { options } = (io.engine as unknown as { readonly ws: WebSocketServer }).ws;
    options.closeTimeout = CLOSE_TIMEOUT_MS;
  };
  bound();
  // After engine.io's own listener.
  http.on('listening', bound);
}
