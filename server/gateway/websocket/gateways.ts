import type { GatewayServices } from '../gateway-services.js';
import { serveHocuspocus } from '../hocuspocus/hocuspocus.js';
import { serveYWebSocket } from '../y-websocket.js';
import type { WebSocketProtocol } from './web-socket-line.js';

/** A protocol over WebSockets, and where it is served unless somebody says otherwise. */
interface WebSocketGateway {
  readonly path: string;
  serve(services: GatewayServices, path: string): WebSocketProtocol;
}

/** Path of each protocol over WebSockets; `false` for one that is not served. */
export interface WebSocketPaths {
  /** Of clients of y-websocket. */
  readonly yWebSocket?: string | false;
  /** Of providers of Hocuspocus. */
  readonly hocuspocus?: string | false;
}

/** The protocols over WebSockets without Socket.IO. A new one is a row more. */
export const WEB_SOCKET_GATEWAYS: Readonly<Record<keyof WebSocketPaths, WebSocketGateway>> = {
  yWebSocket: { path: '/yjs', serve: serveYWebSocket },
  hocuspocus: { path: '/hocuspocus', serve: serveHocuspocus },
};

const NAMES = Object.keys(WEB_SOCKET_GATEWAYS) as (keyof WebSocketPaths)[];

/** None of them. */
export const NO_WEB_SOCKETS = Object.fromEntries(NAMES.map((name) => [name, false])) as WebSocketPaths;

/** The protocols at the paths where they are wanted. */
export function webSocketProtocols(
  services: GatewayServices,
  paths: WebSocketPaths = {},
): WebSocketProtocol[] {
  return NAMES.flatMap((name) => {
    const gateway = WEB_SOCKET_GATEWAYS[name];
    const path = paths[name] ?? gateway.path;
    return path === false ? [] : [gateway.serve(services, path)];
  });
}
