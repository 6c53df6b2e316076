import type { Bus } from './bus.js';
import { LocalBus } from './local-bus.js';
import { type OpenRedisBusOptions, openRedisBus } from './open-redis-bus.js';

/**
 * The bus that the settings ask for: over Redis if `url` names one, else that of a node that is the only one.
 *
 * @throws BusOpenError with what the operator has to do
 */
export async function openBus(options: OpenRedisBusOptions): Promise<Bus> {
  return options.url === '' ? new LocalBus() : openRedisBus(options);
}
