import type { Socket as NetSocket } from 'node:net';

/** What of an engine.io connection is used here. */
export interface EngineConnection {
  readonly transport: object;
  readonly readyState: string;
  write(message: string | Buffer): unknown;
}

/** What its typings call private; the package documents it. */
interface Queue {
  readonly writeBuffer: readonly unknown[];
}

/** engine.io's transport (transports/websocket.js, read in 6.6) with a WebSocket of the package `ws` (read in 8.21). */
interface WebSocketTransport {
  readonly name: string;
  /** Neither a message nor an upgrade is under way. */
  readonly writable: boolean;
  readonly perMessageDeflate: unknown;
  readonly socket?: { readonly readyState: number; readonly _socket?: NetSocket | null };
}

const OPEN = 1;

/**
 * The network socket under a WebSocket that is open and does not compress, or `undefined`: for another transport, and
 * where the packages have changed.
 */
export function networkSocketOf({ transport }: { readonly transport: object }): NetSocket | undefined {
  const { name, perMessageDeflate, socket } = transport as WebSocketTransport;
  if (name !== 'websocket' || perMessageDeflate || socket?.readyState !== OPEN) return undefined;
  return socket._socket ?? undefined;
}

/**
 * The network socket under a WebSocket for which nothing waits, neither in engine.io nor for the network: what is
 * written to it overtakes nothing. `undefined` for every other connection.
 */
export function freeSocketOf(connection: EngineConnection): NetSocket | undefined {
  const { writeBuffer } = connection as unknown as Queue;
  const { writable } = connection.transport as WebSocketTransport;
  if (!writable || writeBuffer.length > 0 || connection.readyState !== 'open') return undefined;
  const socket = networkSocketOf(connection);
  return socket?.writableLength === 0 ? socket : undefined;
}

/**
 * Ends a connection at once. engine.io's `close(true)` alone says goodbye first, which waits behind whatever the client
 * does not read, for half a minute.
 */
export function cutOff(connection: { readonly transport: object; close(discard: true): unknown }): void {
  const socket = networkSocketOf(connection);
  connection.close(true);
  socket?.destroy();
}
