import type { ConnectionGroup } from '../telemetry/node-sources.js';
import { queuedBytes } from './outgoing-queue.js';
import type { CoscribeIo } from './socket-types.js';

/** The typings call `clients` protected. */
interface Engine {
  readonly clients: Readonly<Record<string, { readonly transport: { readonly name: string } }>>;
}

/** The connections of a Socket.IO server by transport: what is upgraded is a WebSocket, all the rest polls. */
export function connectionGroups(io: CoscribeIo): ConnectionGroup[] {
  const { clients } = io.engine as unknown as Engine;
  const counted = { websocket: { count: 0, queuedBytes: 0 }, polling: { count: 0, queuedBytes: 0 } };
  for (const connection of Object.values(clients)) {
    const group = counted[connection.transport.name === 'polling' ? 'polling' : 'websocket'];
    group.count++;
    group.queuedBytes += queuedBytes(connection);
  }
  return [
    { protocol: 'socket.io', transport: 'websocket', ...counted.websocket },
    { protocol: 'socket.io', transport: 'polling', ...counted.polling },
  ];
}
