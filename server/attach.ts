import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Server as SocketIoServer } from 'socket.io';
import { closeConnections } from './gateway/close-connections.js';
import type { GatewayServices } from './gateway/gateway-services.js';
import { serveAsGuest } from './gateway/guest-socket-io.js';
import { HttpGuest } from './gateway/http-guest.js';
import { serveSocketIo } from './gateway/socket-io-gateway.js';
import { WebSocketDoor } from './gateway/websocket/door.js';
import { type WebSocketPaths, webSocketProtocols } from './gateway/websocket/gateways.js';
import { CLOSE_TIMEOUT_MS } from './node.js';
import { within } from './within.js';

/** A server of somebody else's, in which documents are served. */
export interface Attached {
  /** Ends the connections for documents, and lets go of the server, which goes on. */
  close(): Promise<void>;
}

/** Where the protocols are served: Socket.IO's, and those over WebSockets without it. */
export interface AttachPaths extends WebSocketPaths {
  /** Of the Socket.IO server. */
  readonly path: string;
}

/** @throws TypeError if a path is none, or taken */
export function attachToHttp(
  server: HttpServer | HttpsServer,
  services: GatewayServices,
  { path, ...others }: AttachPaths,
): Attached {
  const door = new WebSocketDoor(webSocketProtocols(services, others), services);
  const [guest, ...guests] = beGuests(server, [path, ...door.paths]);
  // Socket.IO asks of a server no more than this.
  const io = serveSocketIo({ ...services, http: guest as unknown as HttpServer, path });
  for (const one of guests) door.listen(one);
  return {
    async close() {
      await Promise.all(
        [closeConnections(io), door.close()].map((closed) => within(CLOSE_TIMEOUT_MS, closed)),
      );
      await within(CLOSE_TIMEOUT_MS, io.close());
      for (const one of [guest, ...guests]) one.close();
    },
  };
}

type Guests = [HttpGuest, ...HttpGuest[]];

/** One for each path, or none at all. @throws TypeError if a path is none, or taken */
function beGuests(server: HttpServer | HttpsServer, paths: readonly [string, ...string[]]): Guests {
  const guests: HttpGuest[] = [];
  try {
    const beGuest = (path: string): HttpGuest => {
      if (!/^(\/[\w.~-]+)+$/.test(path))
        throw new TypeError(`"${path}" is no path: it begins with a slash and ends without one.`);
      const guest = new HttpGuest(server, path);
      guests.push(guest);
      return guest;
    };
    const [first, ...rest] = paths;
    return [beGuest(first), ...rest.map(beGuest)];
  } catch (error) {
    for (const guest of guests) guest.close();
    throw error;
  }
}

/** @throws TypeError with what has to be changed */
export function attachToSocketIo(
  server: SocketIoServer,
  services: GatewayServices,
  { open }: { readonly open: boolean },
): Attached {
  if (open)
    throw new TypeError(
      'Everybody who reaches this Socket.IO server could read, change and delete every document: give createCoscribe an authenticator, set auth to "links" or "jwt", or, if that is what you want, set openToAll to "yes".',
    );
  const end = serveAsGuest(server, services);
  return { close: end };
}
