import type { DocumentId } from '../../shared/ids.js';
import type { Clock, Random } from '../../shared/time.js';
import type { DeliveryStore } from '../storage/delivery-store.js';
import type { Log } from '../telemetry/log.js';
import type { HookSettings } from './hook-settings.js';
import { LifeSweep } from './life-sweep.js';
import { Sweep } from './sweep.js';

interface HookSweepOptions {
  readonly settings: HookSettings;
  readonly store: DeliveryStore;
  /** Whether there may be other nodes. */
  readonly shared: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Of a node that has ended, others take over so long after the last edit, in milliseconds. */
const TAKE_OVER_MS = 30_000;

/** What looks for changes, and for what else became of documents, as far as the webhook wants to hear of that. */
export function hookSweep(
  { settings, store, shared, clock, random, log }: HookSweepOptions,
  found: (id: DocumentId) => boolean,
): Sweep {
  const { name, changes, kept, wants } = settings;
  const looking = { clock, quietMs: shared ? TAKE_OVER_MS : 0, found };
  const { life } = store;
  const events =
    life === undefined || kept.length === 0
      ? undefined
      : new LifeSweep({ ...looking, settings, store: life });
  return new Sweep({
    ...{ ...looking, random, log, wants },
    look: async (after, limit) =>
      changes ? await store.dueDocuments(name, after, limit) : { documents: [] },
    checked: async (minute) => {
      if (changes) await store.hookChecked(name, minute);
    },
    lookFurther: async () => (await events?.look()) ?? true,
  });
}
