import type { DocumentId } from '../../shared/ids.js';
import type { Clock, Random } from '../../shared/time.js';
import { ConfigError } from '../config/config-error.js';
import type { LifeKind } from '../storage/delivery-store.js';
import type { DocumentStore } from '../storage/store.js';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import type { Commit } from './commit.js';
import { Hook } from './hook.js';
import { readHooks, type WebhookOptions } from './hook-settings.js';

/** How many documents of one webhook wait in memory: some 3 MB of them. The store knows the others. */
const MAX_WAITING = 10_000;

export interface WebhooksOptions {
  readonly store: DocumentStore;
  readonly hooks: readonly WebhookOptions[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Pick<Counters, 'count'>;
  /** By default 10,000 documents for each webhook. */
  readonly maxWaiting?: number;
}

/**
 * Tells webhooks of documents: at least once, whatever ends early, and as rarely as they want. Commits
 * cost nothing but a call of `committed`.
 */
export class Webhooks {
  /** Whether `happened` has to be called. */
  readonly tellsLife: boolean;
  private readonly hooks: readonly Hook[];

  /** @throws ConfigError for options that make no sense, or a store that cannot remember what was told */
  constructor({ store, hooks, maxWaiting = MAX_WAITING, ...rest }: WebhooksOptions) {
    const all = readHooks(hooks);
    const { deliveries, shared } = store;
    if (all.length > 0 && deliveries === undefined)
      throw new ConfigError(['Webhooks need a store that remembers what they were told (`deliveries`).']);
    this.tellsLife = deliveries?.life !== undefined && all.length > 0;
    if (!this.tellsLife && all.some(({ kinds }) => kinds.length > 0))
      throw new ConfigError([
        'Webhooks that are told of more than changes need a store that remembers it (`deliveries.life`).',
      ]);
    // Nobody else can hold what the only node held before it was started again.
    const owner = shared ? `node ${Math.floor(rest.random() * 2 ** 48).toString(36)}` : 'the only node';
    this.hooks =
      deliveries === undefined
        ? []
        : all.map(
            (settings) => new Hook({ ...rest, settings, store: deliveries, owner, shared, maxWaiting }),
          );
  }

  /**
   * Tells what is due, from before too. While the store is away it waits for it. Fulfils when the store was told of the
   * webhooks, so that it keeps what becomes of documents from then on, or is away.
   */
  async start(): Promise<void> {
    await Promise.all(this.hooks.map((hook) => hook.start()));
  }

  /** To be called when this node has committed changes to a document, once they are durable. Never throws. */
  committed(document: DocumentId, commit: Commit): void {
    for (const hook of this.hooks) hook.committed(document, commit);
  }

  /** To be called when this node has created, deleted, restored, renamed or erased a document. Never throws. */
  happened(document: DocumentId, kind: LifeKind): void {
    for (const hook of this.hooks) hook.happened(document, kind);
  }

  /** Tries what has failed again at once: whoever calls it knows that receivers are in order again. */
  retry(): void {
    for (const hook of this.hooks) hook.retry();
  }

  /** Documents of which this node knows that something is due, each once for each webhook. */
  get waiting(): number {
    return this.hooks.reduce((sum, hook) => sum + hook.waiting, 0);
  }

  /**
   * Tells what can be told at once, within two seconds, and ends the rest, which is due to other nodes or after the next
   * start. To be called when nothing more is committed, and before the store is closed.
   */
  async stop(): Promise<void> {
    await Promise.all(this.hooks.map((hook) => hook.stop()));
  }
}
