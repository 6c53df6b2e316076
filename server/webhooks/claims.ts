import type { DocumentId } from '../../shared/ids.js';
import { backoff, type Clock, type Random } from '../../shared/time.js';
import type {
  ClaimOutcome,
  DeliveryStore,
  HookRecord,
  LifeOutcome,
  WantedDelivery,
} from '../storage/delivery-store.js';
import type { Log } from '../telemetry/log.js';
import type { Due } from './event.js';
import type { HookSettings } from './hook-settings.js';
import { noteStoreFault } from './store-fault.js';

/** How long a delivery belongs to this node after its request must have ended, in milliseconds. */
const LEASE_MS = 15_000;

/** While the store is away it is asked again after pauses that double, in milliseconds. */
const PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;

interface ClaimsOptions {
  readonly settings: HookSettings;
  readonly store: DeliveryStore;
  /** This node, among those that tell the same. */
  readonly owner: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What came of the wish to tell something of a document. */
export type Claimed =
  | { readonly state: 'claimed'; readonly due: Due }
  | { readonly state: 'held'; readonly until: number }
  | { readonly state: 'nothing' };

/** Asks the store what is to be told. */
export class Claims {
  /** The store is not asked before then, by the monotonic clock. */
  pausedUntil = 0;
  private failures = 0;
  private asking = false;

  constructor(private readonly options: ClaimsOptions) {}

  /** Whether the store is being asked. */
  get underWay(): boolean {
    return this.asking;
  }

  /**
   * Makes the hook known, by the time at which it was started; while the store is away it waits. `undefined` once it is not
   * `wanted` any more.
   *
   * @param failed called each time the store did not answer
   */
  async begin(
    wanted: () => boolean,
    failed: () => void,
  ): Promise<Pick<HookRecord, 'checkedMinute'> | undefined> {
    const { store, settings, clock } = this.options;
    const { name, changes, kept } = settings;
    const now = clock.wall();
    while (wanted()) {
      try {
        await store.life?.keepEvents(name, kept, now);
        const record = changes ? await store.beginHook(name, now) : { checkedMinute: 0 };
        this.failures = 0;
        return record;
      } catch (error) {
        const pause = this.nextPause(error);
        failed();
        await new Promise<void>((resolve) => clock.schedule(pause, resolve));
      }
    }
    return undefined;
  }

  /** The outcome for each; `undefined` if the store is away. */
  async claim(documents: readonly WantedDelivery[]): Promise<readonly Claimed[] | undefined> {
    this.asking = true;
    try {
      const outcomes = await this.ask(documents);
      this.failures = 0;
      return outcomes;
    } catch (error) {
      this.pausedUntil = this.options.clock.monotonic() + this.nextPause(error);
      return undefined;
    } finally {
      this.asking = false;
    }
  }

  private async ask(documents: readonly WantedDelivery[]): Promise<readonly Claimed[]> {
    const { store, settings, owner, clock } = this.options;
    const { name, changes, kept, timeoutMs } = settings;
    const now = clock.wall();
    const lease = { owner, now, until: now + timeoutMs + LEASE_MS };
    const ids = documents.map(({ id }) => id);
    const events = kept.length === 0 ? [] : ((await store.life?.claimEvents(name, ids, lease)) ?? []);
    const wanted = documents.map(({ id, commit }, n) => {
      const of = changes ? changesOf(id, events[n]) : undefined;
      return of !== undefined && settings.wants(of.name) ? { ...of, commit } : undefined;
    });
    const asked = wanted.filter((one) => one !== undefined);
    const answers = asked.length === 0 ? [] : await store.claimDeliveries(name, asked, lease);
    let next = 0;
    return documents.map((_, n) => {
      const one = wanted[n];
      return inOrder(events[n], one && { ...one, outcome: answers[next++] });
    });
  }

  private nextPause(error: unknown): number {
    if (this.failures === 0) noteStoreFault(this.options.log, error);
    return backoff(this.failures++, PAUSE_MS, MAX_PAUSE_MS, this.options.random);
  }
}

/** Changes that may have to be told now. */
interface Changes {
  /** Whose, by its name in the store. */
  readonly id: DocumentId;
  /** The name that the document had when they were made. */
  readonly name: DocumentId;
  /** The last one of them, if something else became of the document after it. */
  readonly upTo?: number;
}

/** Before an event comes what was changed before it, under the name that the document had until then. */
function changesOf(id: DocumentId, outcome: LifeOutcome | undefined): Changes | undefined {
  if (outcome === undefined || outcome.state === 'nothing') return { id, name: id };
  if (outcome.state === 'held' || outcome.event.head === 0) return undefined;
  const { event, now = id } = outcome;
  return { id: now, name: event.former ?? event.id, upTo: event.head };
}

/** What is told first, of an event and of changes. */
function inOrder(
  life: LifeOutcome | undefined,
  changes: (Changes & { readonly outcome: ClaimOutcome | undefined }) | undefined,
): Claimed {
  const event = life?.state === 'claimed' ? life.event : undefined;
  if (changes?.outcome?.state === 'claimed') {
    const { id, name, outcome } = changes;
    const { delivery } = outcome;
    if (event === undefined || (delivery.generation === event.generation && delivery.from <= event.head))
      return { state: 'claimed', due: { id, name, delivery, more: event !== undefined } };
  } else if (changes?.outcome?.state === 'held') return changes.outcome;
  if (event !== undefined) return { state: 'claimed', due: { event } };
  return life?.state === 'held' ? life : { state: 'nothing' };
}
