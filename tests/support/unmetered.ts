import { Meter, type MeterLimits } from '../../server/documents/meter.js';
import { ManualClock } from './manual-clock.js';

/** Tests send faster than people do. */
export const UNLIMITED: MeterLimits = {
  maxUpdatesPerSecond: 1e9,
  updateBurst: 1e9,
  maxBytesPerSecond: 1e12,
  bytesBurst: 1e12,
  maxJoinsPerSecond: 1e9,
  joinBurst: 1e9,
  maxAwarenessPerSecond: 1e9,
  awarenessBurst: 1e9,
};

/** A meter that lets everything through. */
export function unmetered(): Meter {
  return new Meter(UNLIMITED, new ManualClock());
}
