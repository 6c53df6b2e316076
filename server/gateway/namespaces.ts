import { type CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { Admission } from '../documents/admitted.js';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import type { Entrance } from './entrance.js';
import type { NamespaceProtocol } from './namespace-protocol.js';
import type { CoscribeIo, DocumentSocket } from './socket-types.js';

interface NamespacesOptions {
  readonly entrance: Entrance;
  readonly log: Log;
  readonly counters: Counters;
  /** Whether the Socket.IO server is ours, its connections there for documents only. */
  readonly ownsConnections: boolean;
}

type IsOurs = (name: string, auth: unknown, next: (error: Error | null, isOurs: boolean) => void) => void;

/** Serves documents as namespaces of a Socket.IO server, until what it gives is called. */
export function serveNamespaces(
  io: CoscribeIo,
  protocol: NamespaceProtocol,
  { entrance, log, counters, ownsConnections }: NamespacesOptions,
): () => void {
  // A name is checked before a namespace exists.
  const isOurs: IsOurs = (name, _auth, next) => next(null, protocol.documentOf(name) !== undefined);
  const namespaces = io.of(isOurs);
  const admissions = new WeakMap<DocumentSocket, Admission>();
  namespaces.use((socket, next) => {
    entrance.admit(socket, protocol).then(
      (admission) => {
        admissions.set(socket, admission);
        next();
      },
      (error: unknown) => {
        const known = toCoscribeError(error);
        counters.refuse('connection', known.code);
        if (known.code === 'internal') log.error({ err: known.cause ?? known }, 'nobody could be let in');
        next(refusal(known));
      },
    );
  });
  namespaces.on('connection', (socket) => {
    if (ownsConnections) forgetHandshake(socket);
    const id = protocol.documentOf(socket.nsp.name);
    const admission = admissions.get(socket);
    if (id === undefined || admission === undefined) {
      socket.disconnect();
      return;
    }
    const connected = protocol.connect(socket, id, admission, entrance.meterOf(socket.conn));
    socket.on('disconnect', () => {
      connected.leave();
      entrance.release(socket);
    });
  });
  return () => {
    // Socket.IO has no way back from `of`, and would go on asking.
    (io as unknown as { readonly parentNsps: Map<IsOurs, unknown> }).parentNsps.delete(isOurs);
    // Who is in a document was told to leave it; who has not joined yet is still there.
    for (const [name, { sockets }] of io._nsps)
      if (protocol.documentOf(name) !== undefined) for (const socket of sockets.values()) socket.disconnect();
  };
}

/** What the checks before a connection have read, a token perhaps, is not kept for as long as the session lasts. */
function forgetHandshake(socket: { handshake: unknown }): void {
  socket.handshake = undefined;
}

/** Socket.IO sends `message` and `data` of an error as `connect_error`. */
export function refusal(error: CoscribeError): Error {
  return Object.assign(new Error(error.message), { data: error.toWire() });
}
