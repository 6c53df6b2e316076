import { type Packet, PacketType } from 'socket.io-parser';
import { type EngineConnection, networkSocketOf, nothingWaits } from './engine-connection.js';
import { codedParser } from './socket-io-parser.js';
import { webSocketFrames } from './websocket-frames.js';

const encoder = new codedParser.Encoder();
/** Engine.IO's mark of a message, before a text; binary messages have none. */
const MESSAGE = '4';

/**
 * One event with bytes for many connections, encoded once. By Socket.IO's default parser that is two messages, a text
 * and the bytes. A WebSocket for which nothing waits gets both as one write to the network, past engine.io and `ws`:
 * most of what a crowded document costs is the number of writes, and what happens around each.
 */
export class EncodedEvent {
  private readonly messages: readonly (string | Buffer)[];
  private readonly frames: Buffer;

  constructor(namespace: string, event: string, bytes: Uint8Array) {
    const packet: Packet = { type: PacketType.EVENT, nsp: namespace, data: [event, bytes] };
    this.messages = encoder.encode(packet) as (string | Buffer)[];
    this.frames = webSocketFrames(
      this.messages.map((message) => (typeof message === 'string' ? MESSAGE + message : message)),
    );
  }

  send(connection: EngineConnection): void {
    const socket = nothingWaits(connection) ? networkSocketOf(connection) : undefined;
    if (socket !== undefined) socket.write(this.frames);
    else for (const message of this.messages) connection.write(message);
  }
}
