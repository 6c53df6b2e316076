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

/** Whether everything that was written to a connection has left engine.io, so that nothing can be overtaken. */
export function nothingWaits(connection: EngineConnection): boolean {
  const { writeBuffer } = connection as unknown as Queue;
  const { writable } = connection.transport as WebSocketTransport;
  return writable && writeBuffer.length === 0 && connection.readyState === 'open';
}
