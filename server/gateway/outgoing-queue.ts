import { cutOff, networkSocketOf } from './engine-connection.js';
import { packetSize } from './packet-size.js';

/** An engine.io packet, as far as its size goes. */
interface OutgoingPacket {
  readonly data?: unknown;
}

/** The part of an engine.io connection that says what goes in and out of its queue. */
export interface QueueingConnection {
  readonly transport: object;
  on(event: 'packetCreate', listener: (packet: OutgoingPacket) => void): unknown;
  on(event: 'flush', listener: () => void): unknown;
  close(discard: true): unknown;
}

/** Where a connection carries its meter: a property is the quickest way from one to the other. */
const METER = Symbol('outgoing queue');

interface Metered {
  [METER]?: Meter;
}

/** What waits for one connection in engine.io, in bytes: everything that came while a message was under way. */
class Meter {
  bytes = 0;
  private closing = false;

  constructor(
    private readonly connection: QueueingConnection,
    private readonly maxBytes: number,
  ) {}

  add(packet: OutgoingPacket): void {
    this.bytes += packetSize(packet);
    if (this.closing || this.bytes + inNetworkSocket(this.connection) <= this.maxBytes) return;
    this.closing = true;
    // Not from within whatever is sending.
    setImmediate(() => cutOff(this.connection));
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

/** Bytes handed to a connection and not yet to the operating system; of an unmetered one only what has left engine.io. */
export function queuedBytes(connection: { readonly transport: object }): number {
  return ((connection as Metered)[METER]?.bytes ?? 0) + inNetworkSocket(connection);
}

function inNetworkSocket(connection: { readonly transport: object }): number {
  return networkSocketOf(connection)?.writableLength ?? 0;
}

function count(this: unknown, packet: OutgoingPacket): void {
  (this as Metered)[METER]?.add(packet);
}

/** A flush hands the whole queue over. */
function handedOver(this: unknown): void {
  const meter = (this as Metered)[METER];
  if (meter !== undefined) meter.bytes = 0;
}
