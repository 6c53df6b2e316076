import type { Clock, Random } from '../../shared/time.js';
import type { DeliveryStore } from '../storage/delivery-store.js';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import type { HookSettings } from './hook-settings.js';

/** What a webhook on one node works with. */
export interface HookOptions {
  readonly settings: HookSettings;
  readonly store: DeliveryStore;
  /** This node, among those that tell the same; the same after a restart if there are no others. */
  readonly owner: string;
  /** Whether there may be other nodes. */
  readonly shared: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Pick<Counters, 'count'>;
  /** How many documents may wait in memory; the store remembers the others. */
  readonly maxWaiting: number;
}
