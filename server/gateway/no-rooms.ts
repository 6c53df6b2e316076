import type { ServerOptions } from 'socket.io';

/**
 * Stands where Socket.IO has an adapter for each namespace, with maps of rooms and of the sockets in them: 1 KB for a
 * document and 400 bytes for a session. A document knows its sessions itself and uses no rooms, so that one object
 * which does nothing serves all. Socket.IO's own broadcasts (`io.emit`, `socket.to`, …) reach nobody.
 */
const NO_ROOMS = {
  init(): void {},
  close(): void {},
  addAll(): void {},
  delAll(): void {},
};

/** For Socket.IO's `adapter` option, which is called with `new`. */
export const noRooms = function noRooms() {
  return NO_ROOMS;
} as unknown as NonNullable<ServerOptions['adapter']>;
