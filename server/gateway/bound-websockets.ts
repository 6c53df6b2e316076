import type { Server as HttpServer } from 'node:http';
import type { WebSocket } from 'ws';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import type { CoscribeIo } from './socket-types.js';
import { limitedWebSockets } from './websocket/limited-web-socket.js';

/** The server of the package `ws` (read in 8.21) that engine.io makes, and makes anew when HTTP begins to listen. */
interface WebSocketServer {
  readonly options: { closeTimeout: number; maxPayload: number; WebSocket: typeof WebSocket };
}

/** Which connection is closed by the server and does not answer that within so long is cut, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;

interface Bounds {
  /** Largest message, in bytes. That of the polling transport, `maxHttpBufferSize`, may be smaller. */
  readonly maxPayload: number;
  readonly counters: Pick<Counters, 'refuse'>;
  readonly log: Pick<Log, 'warn'>;
}

/**
 * What engine.io has no options for: for half a minute `ws` waits for the other side to agree to the end, and a message of one
 * of its transports is as large as of the other.
 */
export function boundWebSockets(
  io: CoscribeIo,
  http: HttpServer,
  { maxPayload, counters, log }: Bounds,
): void {
  const LimitedWebSocket = limitedWebSockets({ counters, log }, () => ({ facts: { protocol: 'socket.io' } }));
  const bound = (): void => {
    const { options } = (io.engine as unknown as { readonly ws: WebSocketServer }).ws;
    options.closeTimeout = CLOSE_TIMEOUT_MS;
    options.maxPayload = maxPayload;
    options.WebSocket = LimitedWebSocket;
  };
  bound();
  // After engine.io's own listener.
  http.on('listening', bound);
}
