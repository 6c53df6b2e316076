import type { Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import { CoscribeError } from '../../shared/errors.js';
import { boundWebSockets } from './bound-websockets.js';
import { ownCredentials } from './credentials.js';
import { writeDirectly } from './direct-writes.js';
import { serveDocumentNamespaces } from './document-namespaces.js';
import { FairTurns } from './fair-turns.js';
import type { GatewayServices } from './gateway-services.js';
import { guardEngine } from './guard-engine.js';
import { nameConnections } from './name-connections.js';
import { refusal } from './namespaces.js';
import { noRooms } from './no-rooms.js';
import { meterQueue } from './outgoing-queue.js';
import { paceLimits } from './pace.js';
import { slimConnections } from './slim-connections.js';
import { codedParser } from './socket-io-parser.js';
import type { CoscribeIo } from './socket-types.js';
import { largestMessage } from './websocket/limited-web-socket.js';

/** Room for the frame around an update, in bytes, and for the base64 of the polling transport. */
const FRAME_OVERHEAD_BYTES = 16 * 1024;
const BASE64_FACTOR = 4 / 3;
/** What may wait for one connection beside the answers to joins, in bytes. */
const MAX_QUEUED_BYTES = 4 * 1024 * 1024;

export interface SocketIoGatewayOptions extends GatewayServices {
  readonly http: HttpServer;
  /** Path of the Socket.IO server; `/socket.io` unless given. */
  readonly path?: string;
}

/** The largest message that a client may have to send, in bytes. */
export function largestRequest(maxUpdateBytes: number): number {
  return Math.ceil(maxUpdateBytes * BASE64_FACTOR) + FRAME_OVERHEAD_BYTES;
}

/** Our own protocol: one Socket.IO namespace per document, `/docs/{workspace}/{name}`. */
export function serveSocketIo(options: SocketIoGatewayOptions): CoscribeIo {
  const { http, path = '/socket.io', edge, limits, clock, counters, log } = options;
  const { maxUpdateBytes, maxDocumentBytes, handshakeTimeoutMs } = limits;
  const maxRequestBytes = largestRequest(maxUpdateBytes);
  const io: CoscribeIo = new Server(http, {
    path,
    serveClient: false,
    parser: codedParser,
    adapter: noRooms,
    cleanupEmptyChildNamespaces: true,
    maxHttpBufferSize: maxRequestBytes,
    pingInterval: 15_000,
    pingTimeout: 15_000,
    connectTimeout: handshakeTimeoutMs,
    upgradeTimeout: handshakeTimeoutMs,
    // To compress costs more than it takes to ask for it, and most bytes of a document are read once.
    perMessageDeflate: false,
    httpCompression: false,
    destroyUpgrade: false,
  });
  // Clients of y-socket.io, which cannot split what they send, have WebSockets only.
  boundWebSockets(io, http, { maxPayload: largestMessage(limits), counters, log });
  nameConnections(io);
  const turns = new FairTurns(io, { maxRequestBytes, pace: paceLimits(limits), clock, counters });
  guardEngine(io, { edge, turns, clock, counters });
  io.engine.on('connection', (connection) => {
    meterQueue(connection, MAX_QUEUED_BYTES + 2 * maxDocumentBytes);
    writeDirectly(connection);
  });
  slimConnections(io, http);
  // Nothing is served in the root namespace, and its socket would outlive every refusal.
  io.use((_socket, next) => next(refusal(new CoscribeError('invalid-document-id', 'no document is named'))));
  serveDocumentNamespaces(io, { ...options, credentialsOf: ownCredentials, ownsConnections: true });
  return io;
}
