import type { DocumentId } from '../../shared/ids.js';
import type {
  ClaimOutcome,
  DeliveryLease,
  DeliveryStore,
  DuePage,
  DuePlace,
  HookRecord,
  LifeEvent,
  LifeKind,
  LifeOutcome,
  LifeStore,
  ToldDelivery,
  WantedDelivery,
} from './delivery-store.js';
import type { Ask } from './snapshot-transfer.js';

/** What one step of the storage thread claims or completes: about a millisecond. */
const DOCUMENTS_PER_STEP = 16;

/** What one step looks at: less than a millisecond. */
const LOOKED_AT_PER_STEP = 256;

/** The caller's end of `SqliteDeliveries`. */
export class SqliteDeliveryCalls implements DeliveryStore {
  readonly life: LifeStore;

  constructor(private readonly ask: Ask) {
    this.life = new SqliteLifeCalls(ask);
  }

  beginHook(hook: string, now: number): Promise<HookRecord> {
    return this.ask('beginHook', { hook, now });
  }

  async claimDeliveries(
    hook: string,
    wanted: readonly WantedDelivery[],
    lease: DeliveryLease,
  ): Promise<readonly ClaimOutcome[]> {
    const outcomes: ClaimOutcome[] = [];
    for (const some of steps(wanted))
      outcomes.push(...(await this.ask('claimDeliveries', { hook, wanted: some, lease })));
    return outcomes;
  }

  async completeDeliveries(hook: string, told: readonly ToldDelivery[], owner: string): Promise<void> {
    for (const some of steps(told)) await this.ask('completeDeliveries', { hook, told: some, owner });
  }

  dueDocuments(hook: string, after: DuePlace, limit: number): Promise<DuePage> {
    return this.ask('dueDocuments', { hook, after, limit: Math.min(limit, LOOKED_AT_PER_STEP) });
  }

  hookChecked(hook: string, minute: number): Promise<void> {
    return this.ask('hookChecked', { hook, minute });
  }
}

/** The caller's end of `SqliteLifeEvents`. */
class SqliteLifeCalls implements LifeStore {
  constructor(private readonly ask: Ask) {}

  keepEvents(hook: string, kinds: readonly LifeKind[], now: number): Promise<void> {
    return this.ask('keepEvents', { hook, kinds, now });
  }

  async claimEvents(
    hook: string,
    ids: readonly DocumentId[],
    lease: DeliveryLease,
  ): Promise<readonly LifeOutcome[]> {
    const outcomes: LifeOutcome[] = [];
    for (const some of steps(ids))
      outcomes.push(...(await this.ask('claimEvents', { hook, ids: some, lease })));
    return outcomes;
  }

  async completeEvents(hook: string, keys: readonly number[]): Promise<void> {
    for (const some of steps(keys)) await this.ask('completeEvents', { hook, keys: some });
  }

  dueEvents(hook: string, after: number, limit: number): Promise<readonly LifeEvent[]> {
    return this.ask('dueEvents', { hook, after, limit: Math.min(limit, LOOKED_AT_PER_STEP) });
  }
}

/** At least one, so that a hook that was not begun is noticed. */
function steps<Item>(items: readonly Item[]): (readonly Item[])[] {
  const parts = [items.slice(0, DOCUMENTS_PER_STEP)];
  for (let at = DOCUMENTS_PER_STEP; at < items.length; at += DOCUMENTS_PER_STEP)
    parts.push(items.slice(at, at + DOCUMENTS_PER_STEP));
  return parts;
}
