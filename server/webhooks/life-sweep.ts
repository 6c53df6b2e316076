import type { DocumentId } from '../../shared/ids.js';
import type { Clock } from '../../shared/time.js';
import type { LifeEvent, LifeStore } from '../storage/delivery-store.js';
import type { HookSettings } from './hook-settings.js';

/** How many events the store is asked for at once. */
const PAGE = 256;

/** How often the store is told that there is still somebody who wants to hear of events, in milliseconds. */
const SEEN_EVERY_MS = 3_600_000;

interface LifeSweepOptions {
  readonly settings: HookSettings;
  readonly store: LifeStore;
  readonly clock: Clock;
  /** What happened less long ago is left to the node that knows of it, in milliseconds. */
  readonly quietMs: number;
  /** A document of which something is due. @returns `false` if there is no room for it */
  found(id: DocumentId): boolean;
}

/** Looks for what became of documents, was not told, and nobody knows of. */
export class LifeSweep {
  private seenAt: number;

  constructor(private readonly options: LifeSweepOptions) {
    this.seenAt = options.clock.monotonic();
  }

  /** @returns `false` if there was no room for all. @throws what the store throws */
  async look(): Promise<boolean> {
    const { settings, store, clock, quietMs, found } = this.options;
    await this.sayThatItIsThere();
    const latest = clock.wall() - quietMs;
    for (let after = 0; ; ) {
      const events = await store.dueEvents(settings.name, after, PAGE);
      const unwanted = events.filter((event) => !concerns(settings, event));
      if (unwanted.length > 0)
        await store.completeEvents(
          settings.name,
          unwanted.map(({ key }) => key),
        );
      for (const event of events) {
        if (event.at > latest || unwanted.includes(event)) continue;
        if (!found(event.id)) return false;
      }
      const last = events.at(-1);
      if (last === undefined) return true;
      after = last.key;
    }
  }

  private async sayThatItIsThere(): Promise<void> {
    const { settings, store, clock } = this.options;
    if (clock.monotonic() < this.seenAt + SEEN_EVERY_MS) return;
    this.seenAt = clock.monotonic();
    await store.keepEvents(settings.name, settings.kept, clock.wall());
  }
}

/** Whether the document is, or was until then, one of those of which the webhook is told. */
export function concerns({ wants }: HookSettings, { id, former }: LifeEvent): boolean {
  return wants(id) || (former !== undefined && wants(former));
}
