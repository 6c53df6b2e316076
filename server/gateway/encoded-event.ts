import { type Packet, PacketType } from 'socket.io-parser';
import { codedParser } from './socket-io-parser.js';
import { webSocketFrames } from './websocket-frames.js';

/** What of an engine.io connection is used here; its typings leave out the half of it. */
export interface EngineConnection {
  readonly transport: object;
  write(message: string | Buffer, options?: object): unknown;
}

/** Without compression, and with a WebSocket of the package `ws`, engine.io takes frames that are made already. */
interface WebSocketTransport {
  readonly name: string;
  readonly perMessageDeflate: unknown;
  readonly socket?: { readonly _sender?: { readonly sendFrame?: unknown } };
}

const encoder = new codedParser.Encoder();
/** Engine.IO's mark of a message, before a text; binary messages have none. */
const MESSAGE = '4';

/**
 * One event with bytes for many connections, encoded once. By Socket.IO's default parser that is two messages, a text
 * and the bytes; a WebSocket gets both as ready frames in one write.
 */
export class EncodedEvent {
  private readonly messages: readonly (string | Buffer)[];
  private readonly ready: { readonly wsPreEncodedFrame: readonly [Buffer] };

  constructor(namespace: string, event: string, bytes: Uint8Array) {
    const packet: Packet = { type: PacketType.EVENT, nsp: namespace, data: [event, bytes] };
    this.messages = encoder.encode(packet) as (string | Buffer)[];
    const marked = this.messages.map((message) =>
      typeof message === 'string' ? MESSAGE + message : message,
    );
    this.ready = { wsPreEncodedFrame: [webSocketFrames(marked)] };
  }

  send(connection: EngineConnection): void {
    const [first = ''] = this.messages;
    if (takesReadyFrames(connection.transport)) connection.write(first, this.ready);
    else for (const message of this.messages) connection.write(message);
  }
}

/**
 * Whether engine.io will send the ready frames: it decides by the same conditions (`_canSendPreEncodedFrame` in its
 * transports/websocket.js, read in 6.6), and would send the text alone if they did not hold. Once a connection is a
 * WebSocket it stays one.
 */
function takesReadyFrames(transport: object): boolean {
  const { name, perMessageDeflate, socket } = transport as WebSocketTransport;
  return name === 'websocket' && !perMessageDeflate && typeof socket?._sender?.sendFrame === 'function';
}
