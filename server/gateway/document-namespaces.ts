import { CoscribeError } from '../../shared/errors.js';
import { parseDocumentNamespace } from '../../shared/ids.js';
import { PROTOCOL_VERSION } from '../../shared/protocol.js';
import { connectionGroups } from './connection-groups.js';
import type { CredentialsOf } from './credentials.js';
import { Deadlines } from './deadlines.js';
import { DocumentConnection } from './document-connection.js';
import { Entrance } from './entrance.js';
import type { GatewayServices } from './gateway-services.js';
import type { NamespaceProtocol } from './namespace-protocol.js';
import { serveNamespaces } from './namespaces.js';
import type { CoscribeIo } from './socket-types.js';
import { ySocketIo } from './y-socket-io.js';

export interface NamespaceOptions extends GatewayServices {
  readonly credentialsOf: CredentialsOf;
  /** Whether the Socket.IO server is ours, its connections there for documents only. */
  readonly ownsConnections: boolean;
}

/** Serves documents as namespaces of a Socket.IO server, until what it gives is called. */
export function serveDocumentNamespaces(io: CoscribeIo, options: NamespaceOptions): () => void {
  const { edge, log, counters, ownsConnections } = options;
  options.ways?.watchWay(() => connectionGroups(io));
  const entrance = new Entrance(io, { ...options, counts: edge.counts });
  const ends = [ownProtocol(options), ySocketIo(options)].map((protocol) =>
    serveNamespaces(io, protocol, { entrance, log, counters, ownsConnections }),
  );
  return () => {
    for (const end of ends) end();
  };
}

/** Our own protocol, `/docs/{workspace}/{name}`. */
function ownProtocol(options: NamespaceOptions): NamespaceProtocol {
  const { documents, limits, clock, counters, log, credentialsOf } = options;
  const unjoined = new Deadlines<DocumentConnection>(clock, limits.joinTimeoutMs, (connection) => {
    counters.count('never-joined');
    connection.dismiss();
  });
  const shared = { documents, log, unjoined, credentialsOf };
  return {
    documentOf: parseDocumentNamespace,
    check(auth) {
      const { protocol } = auth as { readonly protocol?: unknown };
      if (protocol === PROTOCOL_VERSION) return;
      const isAhead = typeof protocol === 'number' && protocol > PROTOCOL_VERSION;
      const advice = isAhead ? 'update the server' : 'update the client, or reload the page';
      throw new CoscribeError(
        'protocol-mismatch',
        `this server speaks version ${PROTOCOL_VERSION}: ${advice}`,
      );
    },
    connect: (socket, id, admission, meter) => new DocumentConnection(socket, id, admission, meter, shared),
  };
}
