import { type EngineConnection, freeSocketOf } from './engine-connection.js';
import { webSocketFrames } from './websocket-frames.js';

/** Engine.IO's mark of a message, before a text; binary messages have none. */
export const MESSAGE = '4';

/**
 * One event with bytes for many connections, encoded once. By Socket.IO's default parser that is two messages, a text
 * with a placeholder (type 5, a binary event with one attachment) and the bytes. A WebSocket for which nothing waits gets
 * both as one write to the network, past engine.io and `ws`: most of what a crowded document costs is the number of
 * writes, and what happens around each.
 */
export class EncodedEvent {
  private readonly header: string;
  private frames: Buffer | undefined;

  constructor(
    namespace: string,
    event: string,
    private readonly bytes: Uint8Array,
  ) {
    this.header = `51-${namespace},["${event}",{"_placeholder":true,"num":0}]`;
  }

  send(connection: EngineConnection): void {
    const socket = freeSocketOf(connection);
    if (socket !== undefined) {
      this.frames ??= webSocketFrames(MESSAGE + this.header, this.bytes);
      socket.write(this.frames);
      return;
    }
    const { buffer, byteOffset, byteLength } = this.bytes;
    connection.write(this.header);
    connection.write(Buffer.from(buffer, byteOffset, byteLength));
  }
}
