import type { Server } from 'socket.io';
import * as standardParser from 'socket.io-parser';
import { guestCredentials } from './credentials.js';
import { serveDocumentNamespaces } from './document-namespaces.js';
import type { GatewayServices } from './gateway-services.js';
import { meterQueue } from './outgoing-queue.js';
import { largestRequest } from './socket-io-gateway.js';
import type { CoscribeIo } from './socket-types.js';

/** What its typings call private. */
interface Settings {
  readonly opts: { readonly parser?: unknown; readonly cleanupEmptyChildNamespaces?: boolean };
  readonly eio?: { readonly opts: { readonly maxHttpBufferSize: number } };
}

/** Servers in whose namespaces documents are served. */
const taken = new WeakSet<Server>();

/**
 * Our own protocol as namespaces of a Socket.IO server that is somebody else's. Its connections, their limits and what is
 * checked before they are there are that server's affair; documents are let into and limited as everywhere. What makes a
 * crowded document cheap needs a Socket.IO server of our own, and is not to be had here.
 *
 * @returns ends it; the server and its connections go on
 * @throws TypeError with what has to be changed, if documents cannot be served there
 */
export function serveAsGuest(server: Server, services: GatewayServices): () => Promise<void> {
  demandFitness(server, services.limits.maxUpdateBytes);
  taken.add(server);
  // What its owner's types say of the events in his namespaces means nothing in ours.
  const io = server as unknown as CoscribeIo;
  const end = serveDocumentNamespaces(io, {
    ...services,
    credentialsOf: guestCredentials(services.edge),
    ownsConnections: false,
  });
  const meter = (connection: Parameters<typeof meterQueue>[0]): void =>
    meterQueue(connection, Number.POSITIVE_INFINITY);
  io.engine.on('connection', meter);
  return () => {
    end();
    io.engine.off('connection', meter);
    taken.delete(server);
    return Promise.resolve();
  };
}

function demandFitness(server: Server, maxUpdateBytes: number): void {
  const { opts, eio } = server as unknown as Settings;
  if (taken.has(server)) throw new TypeError('There is a Coscribe in this Socket.IO server already.');
  if (eio === undefined)
    throw new TypeError('This Socket.IO server is attached to no HTTP server yet; do that first.');
  if (opts.parser !== undefined && opts.parser !== standardParser)
    throw new TypeError('Coscribe speaks with the default parser of Socket.IO, and this server has another.');
  if (opts.cleanupEmptyChildNamespaces !== true)
    throw new TypeError(
      'Every document is a namespace: set cleanupEmptyChildNamespaces to true in the options of the Socket.IO server, or the ones that nobody uses any more stay in memory.',
    );
  const needed = largestRequest(maxUpdateBytes);
  const { maxHttpBufferSize } = eio.opts;
  if (maxHttpBufferSize < needed)
    throw new TypeError(
      `A message may have ${needed} bytes, and this Socket.IO server takes ${maxHttpBufferSize}: raise maxHttpBufferSize there, or lower maxUpdateBytes here.`,
    );
}
