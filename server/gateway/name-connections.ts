import type { IncomingMessage } from 'node:http';
import type { CoscribeIo } from './socket-types.js';

/** The header of the answer to a polling handshake. deploy/haproxy.cfg reads it. */
const HEADER = 'Coscribe-Connection';

/**
 * Says the name of a new connection (`sid`) not only in the body of the answer but also in a header, so that a load
 * balancer can send the later requests of the polling transport, which carry it in their query, to this node. A
 * WebSocket has no later requests, and is not named.
 */
export function nameConnections({ engine }: CoscribeIo): void {
  const names = new WeakMap<object, string>();
  const generate = engine.generateId.bind(engine);
  engine.generateId = async (request: IncomingMessage) => {
    const name = await generate(request);
    names.set(request, name);
    return name;
  };
  engine.on('initial_headers', (headers: Record<string, string>, request: IncomingMessage) => {
    const name = names.get(request);
    if (name !== undefined) headers[HEADER] = name;
  });
}
