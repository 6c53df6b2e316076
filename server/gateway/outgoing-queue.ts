/** An engine.io packet, as far as its size goes. */
interface OutgoingPacket {
  readonly data?: unknown;
  readonly options?: { readonly wsPreEncodedFrame?: readonly { readonly length: number }[] };
}

/** The part of an engine.io connection that says what goes in and out of its queue. */
export interface QueueingConnection {
  on(event: 'packetCreate', listener: (packet: OutgoingPacket) => void): unknown;
  on(event: 'flush', listener: () => void): unknown;
  close(discard: boolean): unknown;
}

/** What a packet costs beside its data: small ones are mostly that. */
const PACKET_BYTES = 256;

/** Where a connection carries its meter: a property is the quickest way from one to the other. */
const METER = Symbol('outgoing queue');

interface Metered {
  [METER]?: Meter;
}

/**
 * What waits for one connection, in bytes. engine.io keeps what the network does not take in `writeBuffer` and not in
 * the WebSocket (measured with a paused reader: 289 MB there, 8 MB in `ws.bufferedAmount`).
 */
class Meter {
  bytes = 0;
  private closing = false;

  constructor(
    private readonly connection: QueueingConnection,
    private readonly maxBytes: number,
  ) {}

  add(packet: OutgoingPacket): void {
    this.bytes += sizeOf(packet) + PACKET_BYTES;
    if (this.bytes <= this.maxBytes || this.closing) return;
    this.closing = true;
    // Not from within whatever is sending.
    setImmediate(() => this.connection.close(true));
  }
}

/**
 * Counts from now on what waits for a connection, answers and refusals too, and closes it when that becomes more than
 * `maxBytes`: a client can ask for much and read nothing.
 */
export function meterQueue(connection: QueueingConnection, maxBytes: number): void {
  (connection as Metered)[METER] = new Meter(connection, maxBytes);
  connection.on('packetCreate', count);
  connection.on('flush', handedOver);
}

/** Bytes handed to a connection and not yet to the network; 0 for one that is not metered. */
export function queuedBytes(connection: object): number {
  return (connection as Metered)[METER]?.bytes ?? 0;
}

function count(this: unknown, packet: OutgoingPacket): void {
  (this as Metered)[METER]?.add(packet);
}

/** A flush hands the whole queue over. */
function handedOver(this: unknown): void {
  const meter = (this as Metered)[METER];
  if (meter !== undefined) meter.bytes = 0;
}

function sizeOf({ data, options }: OutgoingPacket): number {
  const ready = options?.wsPreEncodedFrame?.[0];
  if (ready !== undefined) return ready.length;
  if (typeof data === 'string') return data.length;
  return ArrayBuffer.isView(data) ? data.byteLength : 0;
}
