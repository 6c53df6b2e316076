import type { MeterLimits } from '../documents/meter.js';

/** How fast a connection is read: so much each second for long, so much at once after a rest. */
export interface PaceLimits {
  readonly packetsPerSecond: number;
  readonly packetBurst: number;
  readonly bytesPerSecond: number;
  readonly bytesBurst: number;
}

/** How many times faster than it may send a connection is still read: what is too much is refused, and it hears of it. */
const ROOM = 2;
/** An update, an awareness state and a join are two packets each: the message, and its bytes. */
const PACKETS_PER_MESSAGE = 2;

/** Beyond what the messages of a connection may be nobody reads any faster. */
export function paceLimits(limits: MeterLimits): PaceLimits {
  const perSecond = limits.maxUpdatesPerSecond + limits.maxAwarenessPerSecond + limits.maxJoinsPerSecond;
  const burst = limits.updateBurst + limits.awarenessBurst + limits.joinBurst;
  return {
    packetsPerSecond: perSecond * PACKETS_PER_MESSAGE * ROOM,
    packetBurst: burst * PACKETS_PER_MESSAGE,
    bytesPerSecond: limits.maxBytesPerSecond * ROOM,
    bytesBurst: limits.bytesBurst,
  };
}

/** How fast one connection is being read. As in `Meter`, a bucket is the time at which it is full again. */
export class Pace {
  /** It is not being read until it has earned more. */
  held = false;
  private packetsFullAt = 0;
  private bytesFullAt = 0;

  constructor(private readonly limits: PaceLimits) {}

  take(packets: number, bytes: number, now: number): void {
    const { packetsPerSecond, bytesPerSecond } = this.limits;
    this.packetsFullAt = Math.max(this.packetsFullAt, now) + (packets * 1000) / packetsPerSecond;
    this.bytesFullAt = Math.max(this.bytesFullAt, now) + (bytes * 1000) / bytesPerSecond;
  }

  /** In how many milliseconds it may go on; 0 for now. */
  wait(now: number): number {
    const { packetsPerSecond, packetBurst, bytesPerSecond, bytesBurst } = this.limits;
    const packets = this.packetsFullAt - now - (packetBurst * 1000) / packetsPerSecond;
    const bytes = this.bytesFullAt - now - (bytesBurst * 1000) / bytesPerSecond;
    return Math.max(0, packets, bytes);
  }
}
