import { PACKET_BYTES, packetSize } from './packet-size.js';
import type { CoscribeIo } from './socket-types.js';

/** What a connection may send before others get their turn, in bytes. */
const REST_AFTER_BYTES = 64 * 1024;
/** What small packets may add to the largest request, in bytes: a thousand of them. */
const REQUEST_OVERHEAD_BYTES = 1000 * PACKET_BYTES;

/** The part of an engine.io socket that is used here; the typings call the WebSocket of its transport private. */
interface Connection {
  readonly transport: { readonly name: string; readonly socket?: Line };
  on(event: 'packet', listener: (this: Connection, packet: { readonly data?: unknown }) => void): unknown;
  close(discard: boolean): unknown;
}

/** The part of a WebSocket of `ws` that is used here. */
interface Line {
  pause(): void;
  resume(): void;
}

/**
 * Lets everybody else go on when somebody sends much at once. Node reads up to 2 MB of one connection before it looks
 * at the next (libuv's `uv__read`), in which there is room for 25,000 messages. Here a WebSocket that has sent its
 * share is not read on before the others had their turn. A polling request cannot be interrupted: one that brings more
 * packets than any client has to say ends its connection.
 *
 * What belongs together comes in a row, so that one count does for all connections.
 *
 * @param maxRequestBytes the largest message that is taken
 */
export function takeTurns(io: CoscribeIo, maxRequestBytes: number): void {
  const maxPerTurn = maxRequestBytes + REQUEST_OVERHEAD_BYTES;
  let speaker: Connection | undefined;
  let spent = 0;
  let resting = false;

  function rest(connection: Connection): void {
    resting = true;
    const { name, socket } = connection.transport;
    const line = name === 'websocket' ? socket : undefined;
    line?.pause();
    setImmediate(() => {
      line?.resume();
      if (speaker === connection) speaker = undefined;
    });
  }

  io.engine.on('connection', (connection: Connection) => {
    // One function for all, which costs a connection nothing.
    connection.on('packet', count);
  });

  function count(this: Connection, packet: { readonly data?: unknown }): void {
    if (speaker !== this) {
      speaker = this;
      spent = 0;
      resting = false;
    }
    spent += packetSize(packet);
    if (spent <= REST_AFTER_BYTES) return;
    if (!resting) rest(this);
    else if (spent > maxPerTurn && this.transport.name === 'polling') this.close(true);
  }
}
