import type { Bus, NodesBus } from './bus.js';
import { BusOpenError } from './bus-open-error.js';
import { LocalBus } from './local-bus.js';
import { type OpenRedisBusOptions, openRedisBus } from './open-redis-bus.js';

export interface OpenBusOptions extends OpenRedisBusOptions {
  /** Whether several nodes can use the store. */
  readonly sharedStore: boolean;
}

/**
 * The bus that the settings ask for: over Redis if `url` names one, else that of a node that reaches no other.
 *
 * @throws BusOpenError with what the operator has to do
 */
export async function openBus(options: OpenBusOptions): Promise<Bus & NodesBus> {
  const { url, sharedStore, nodeName } = options;
  if (url === '') return new LocalBus({ sharedStore, ...(nodeName !== undefined && { nodeName }) });
  if (!sharedStore) throw new BusOpenError(NOT_SHARED);
  return openRedisBus(options);
}

/** Why several nodes do not start with a store that only one can have open. */
const NOT_SHARED =
  'COSCRIBE_REDIS_URL makes this one of several nodes, and the store that COSCRIBE_STORE names can be used by one only. Give "postgres://…" as the store of all nodes, or leave Redis out.';
