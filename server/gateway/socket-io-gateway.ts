import type { Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import { CoscribeError } from '../../shared/errors.js';
import { parseDocumentNamespace } from '../../shared/ids.js';
import { PROTOCOL_VERSION } from '../../shared/protocol.js';
import type { Documents } from '../documents/documents.js';
import type { SessionIdentity } from '../documents/session.js';
import type { Log } from '../telemetry/log.js';
import { writeDirectly } from './direct-writes.js';
import { DocumentConnection } from './document-connection.js';
import { takeTurns } from './fair-turns.js';
import { nameConnections } from './name-connections.js';
import { noRooms } from './no-rooms.js';
import { meterQueue } from './outgoing-queue.js';
import { slimConnections } from './slim-connections.js';
import { codedParser } from './socket-io-parser.js';
import type { CoscribeIo, DocumentSocket } from './socket-types.js';

/** Documents that one connection may have open. */
const MAX_DOCUMENTS_PER_CONNECTION = 100;
/** Room for the frame around an update, in bytes, and for the base64 of the polling transport. */
const FRAME_OVERHEAD_BYTES = 16 * 1024;
const BASE64_FACTOR = 4 / 3;
/** What may wait for one connection beside the answers to joins, in bytes. */
const MAX_QUEUED_BYTES = 4 * 1024 * 1024;

export interface SocketIoGatewayOptions {
  readonly http: HttpServer;
  readonly documents: Documents;
  readonly log: Log;
  readonly maxUpdateBytes: number;
  readonly maxDocumentBytes: number;
}

/** Our own protocol: one Socket.IO namespace per document, `/docs/{workspace}/{name}`. */
export function serveSocketIo(options: SocketIoGatewayOptions): CoscribeIo {
  const { http, documents, log, maxUpdateBytes, maxDocumentBytes } = options;
  const maxRequestBytes = Math.ceil(maxUpdateBytes * BASE64_FACTOR) + FRAME_OVERHEAD_BYTES;
  const io: CoscribeIo = new Server(http, {
    serveClient: false,
    parser: codedParser,
    adapter: noRooms,
    cleanupEmptyChildNamespaces: true,
    maxHttpBufferSize: maxRequestBytes,
    pingInterval: 15_000,
    pingTimeout: 15_000,
    connectTimeout: 10_000,
  });
  nameConnections(io);
  io.engine.on('connection', (connection) => {
    meterQueue(connection, MAX_QUEUED_BYTES + 2 * maxDocumentBytes);
    writeDirectly(connection);
  });
  takeTurns(io, maxRequestBytes);
  slimConnections(io, http);
  // Nothing is served in the root namespace, and its socket would outlive every refusal.
  io.use((_socket, next) => next(refusal(new CoscribeError('invalid-document-id', 'no document is named'))));
  // A name is checked before a namespace exists.
  const namespaces = io.of((name, _auth, next) => next(null, parseDocumentNamespace(name) !== undefined));
  namespaces.use((socket, next) => {
    try {
      checkConnection(socket, documents);
      next();
    } catch (error) {
      next(refusal(error));
    }
  });
  namespaces.on('connection', (socket) => {
    forgetHandshake(socket);
    const id = parseDocumentNamespace(socket.nsp.name);
    if (id === undefined) {
      socket.disconnect();
      return;
    }
    const connection = new DocumentConnection(socket, id, EDITOR, documents, log);
    socket.on('disconnect', () => {
      connection.leave();
      openDocuments.set(socket.conn, (openDocuments.get(socket.conn) ?? 1) - 1);
    });
  });
  return io;
}

/** Who everybody is as long as nobody is asked. */
const EDITOR: SessionIdentity = { role: 'editor' };

/** What the checks before a connection have read, a token perhaps, is not kept for as long as the session lasts. */
function forgetHandshake(socket: { handshake: unknown }): void {
  socket.handshake = undefined;
}

/** Open documents by connection; entries go with the connection. */
const openDocuments = new WeakMap<object, number>();

function checkConnection(socket: DocumentSocket, documents: Documents): void {
  if (documents.stopping) throw new CoscribeError('shutting-down');
  const { protocol } = socket.handshake.auth;
  if (protocol !== PROTOCOL_VERSION) {
    throw new CoscribeError('protocol-mismatch', `this server speaks version ${PROTOCOL_VERSION}`);
  }
  const open = openDocuments.get(socket.conn) ?? 0;
  if (open >= MAX_DOCUMENTS_PER_CONNECTION) throw new CoscribeError('too-many-documents');
  openDocuments.set(socket.conn, open + 1);
}

/** Socket.IO sends `message` and `data` of an error as `connect_error`. */
function refusal(thrown: unknown): Error {
  const error =
    thrown instanceof CoscribeError ? thrown : new CoscribeError('internal', undefined, { cause: thrown });
  return Object.assign(new Error(error.message), { data: error.toWire() });
}
