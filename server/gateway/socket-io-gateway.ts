import type { Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import { parseDocumentNamespace } from '../../shared/ids.js';
import type { Clock } from '../../shared/time.js';
import type { Admission } from '../documents/admitted.js';
import type { Documents } from '../documents/documents.js';
import type { MeterLimits } from '../documents/meter.js';
import type { Edge } from '../edge/edge.js';
import { refuseOtherUpgrades } from '../edge/upgrades.js';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import { boundWebSockets } from './bound-websockets.js';
import { Deadlines } from './deadlines.js';
import { writeDirectly } from './direct-writes.js';
import { DocumentConnection } from './document-connection.js';
import { Entrance } from './entrance.js';
import { FairTurns } from './fair-turns.js';
import { guardEngine } from './guard-engine.js';
import { nameConnections } from './name-connections.js';
import { noRooms } from './no-rooms.js';
import { meterQueue } from './outgoing-queue.js';
import { paceLimits } from './pace.js';
import { slimConnections } from './slim-connections.js';
import { codedParser } from './socket-io-parser.js';
import type { CoscribeIo, DocumentSocket } from './socket-types.js';

/** Room for the frame around an update, in bytes, and for the base64 of the polling transport. */
const FRAME_OVERHEAD_BYTES = 16 * 1024;
const BASE64_FACTOR = 4 / 3;
/** What may wait for one connection beside the answers to joins, in bytes. */
const MAX_QUEUED_BYTES = 4 * 1024 * 1024;

/** Sizes in bytes, times in milliseconds. */
export interface GatewayLimits extends MeterLimits {
  readonly maxUpdateBytes: number;
  readonly maxDocumentBytes: number;
  readonly maxDocumentsPerConnection: number;
  /** From the connection to its first document. */
  readonly handshakeTimeoutMs: number;
  /** From the connection to a document to the join. */
  readonly joinTimeoutMs: number;
}

export interface SocketIoGatewayOptions {
  readonly http: HttpServer;
  readonly documents: Documents;
  readonly edge: Edge;
  readonly limits: GatewayLimits;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly log: Log;
}

/** Our own protocol: one Socket.IO namespace per document, `/docs/{workspace}/{name}`. */
export function serveSocketIo(options: SocketIoGatewayOptions): CoscribeIo {
  const { http, documents, edge, limits, clock, counters, log } = options;
  const { maxUpdateBytes, maxDocumentBytes, handshakeTimeoutMs } = limits;
  const maxRequestBytes = Math.ceil(maxUpdateBytes * BASE64_FACTOR) + FRAME_OVERHEAD_BYTES;
  const io: CoscribeIo = new Server(http, {
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
  refuseOtherUpgrades(http, [io.path()]);
  boundWebSockets(io, http);
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
  // A name is checked before a namespace exists.
  const namespaces = io.of((name, _auth, next) => next(null, parseDocumentNamespace(name) !== undefined));
  const entrance = new Entrance(io, { documents, counts: edge.counts, limits, clock, counters });
  const unjoined = new Deadlines<DocumentConnection>(clock, limits.joinTimeoutMs, (connection) => {
    counters.count('never-joined');
    connection.dismiss();
  });
  const shared = { documents, log, unjoined };
  const admissions = new WeakMap<DocumentSocket, Admission>();
  namespaces.use((socket, next) => {
    entrance.admit(socket).then(
      (admission) => {
        admissions.set(socket, admission);
        next();
      },
      (error: unknown) => {
        const known = toCoscribeError(error);
        if (known.code === 'internal') log.error({ err: known.cause ?? known }, 'nobody could be let in');
        next(refusal(known));
      },
    );
  });
  namespaces.on('connection', (socket) => {
    forgetHandshake(socket);
    const id = parseDocumentNamespace(socket.nsp.name);
    const admission = admissions.get(socket);
    if (id === undefined || admission === undefined) {
      socket.disconnect();
      return;
    }
    const connection = new DocumentConnection(socket, id, admission, entrance.meterOf(socket.conn), shared);
    socket.on('disconnect', () => {
      connection.leave();
      entrance.release(socket);
    });
  });
  return io;
}

/** What the checks before a connection have read, a token perhaps, is not kept for as long as the session lasts. */
function forgetHandshake(socket: { handshake: unknown }): void {
  socket.handshake = undefined;
}

/** Socket.IO sends `message` and `data` of an error as `connect_error`. */
function refusal(error: CoscribeError): Error {
  return Object.assign(new Error(error.message), { data: error.toWire() });
}
