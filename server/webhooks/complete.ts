import type { DeliveryStore } from '../storage/delivery-store.js';
import type { Due } from './event.js';

/** Has the store note what a hook was told. @throws what the store throws; all of it may be noted again then */
export async function complete(
  store: DeliveryStore,
  hook: string,
  told: readonly Due[],
  owner: string,
): Promise<void> {
  const changes = told.flatMap((due) => {
    if (due.event !== undefined) return [];
    const { generation, to } = due.delivery;
    return [{ id: due.id, generation, to }];
  });
  const events = told.flatMap(({ event }) => event?.key ?? []);
  if (changes.length > 0) await store.completeDeliveries(hook, changes, owner);
  if (events.length > 0) await store.life?.completeEvents(hook, events);
}
