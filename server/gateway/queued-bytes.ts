/**
 * engine.io keeps what the network does not take in `writeBuffer` and not in the WebSocket (measured with a paused
 * reader: 289 MB there, 8 MB in `ws.bufferedAmount`). The typings call it private; the package documents it.
 */
interface Queue {
  readonly writeBuffer: readonly { readonly data?: unknown }[];
}

/** Bytes handed to a connection and not yet written to the network. */
export function queuedBytes(connection: object): number {
  let bytes = 0;
  for (const { data } of (connection as Queue).writeBuffer) bytes += lengthOf(data);
  return bytes;
}

function lengthOf(data: unknown): number {
  if (typeof data === 'string') return data.length;
  return ArrayBuffer.isView(data) ? data.byteLength : 0;
}

/** What a packet costs beside its data: small ones are mostly that. */
const PACKET_BYTES = 256;

/** The part of an engine.io socket that says what goes in and out of its queue. */
interface QueueEvents {
  on(event: 'packetCreate', listener: (packet: { readonly data?: unknown }) => void): unknown;
  on(event: 'flush', listener: () => void): unknown;
  close(discard: boolean): unknown;
}

/**
 * Closes a connection whose queue grows beyond `maxBytes`. Everything that is ever sent counts, answers and refusals
 * too: a client can ask for much and read nothing.
 */
export function boundQueue(connection: QueueEvents, maxBytes: number): void {
  let bytes = 0;
  let closing = false;
  connection.on('packetCreate', ({ data }) => {
    bytes += lengthOf(data) + PACKET_BYTES;
    if (bytes <= maxBytes || closing) return;
    closing = true;
    // Not from within whatever is sending.
    setImmediate(() => connection.close(true));
  });
  // A flush hands the whole queue over.
  connection.on('flush', () => {
    bytes = 0;
  });
}
