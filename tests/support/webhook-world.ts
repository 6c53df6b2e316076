import type { DocumentStore } from '../../server/storage/store.js';
import type { CounterName } from '../../server/telemetry/counters.js';
import type { WebhookOptions } from '../../server/webhooks/hook-settings.js';
import { tellingStore } from '../../server/webhooks/telling-store.js';
import { Webhooks } from '../../server/webhooks/webhooks.js';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import type { Timer } from '../../shared/time.js';
import { collectLog } from './collect-log.js';
import { ManualClock } from './manual-clock.js';
import { seededRandom } from './random.js';
import { row } from './store-data.js';
import { SECRET, type WebhookReceiver } from './webhook-receiver.js';

export const A = parseDocumentId('team/a');
export const B = parseDocumentId('team/b');

/** How long a request may take: nothing else takes exactly that. */
const TIMEOUT_MS = 15_001;

/** How long a request may really take before time goes on, in milliseconds. */
const PATIENCE_MS = 3_000;

/** A clock that goes only when told to, and knows whether requests are under way. */
export class RequestClock extends ManualClock {
  private readonly limits = new Set<unknown>();

  get requests(): number {
    return this.limits.size;
  }

  /** Whole, as the system's. */
  override wall(): number {
    return Math.floor(super.wall());
  }

  override schedule(delay: number, run: () => void): Timer {
    const due = super.schedule(delay, () => {
      this.limits.delete(due.timer);
      run();
    });
    if (delay === TIMEOUT_MS) this.limits.add(due.timer);
    return due;
  }

  override cancel(due: Timer): void {
    this.limits.delete(due.timer);
    super.cancel(due);
  }
}

type WorldOptions = Partial<WebhookOptions> & {
  readonly maxWaiting?: number;
  readonly clock?: RequestClock;
  /** Nodes that share a store need different ones. */
  readonly seed?: number;
};

/** What a node does with webhooks, on a store of the test's, with a clock of its own. */
export class WebhookWorld {
  readonly log = collectLog();
  readonly counts = new Map<CounterName, number>();
  readonly webhooks: Webhooks;
  readonly clock: RequestClock;

  /** As a node uses it. */
  readonly store: DocumentStore;

  constructor(store: DocumentStore, receiver: Pick<WebhookReceiver, 'url'>, options: WorldOptions = {}) {
    const { maxWaiting, clock = new RequestClock(), seed = 1, ...hook } = options;
    this.clock = clock;
    this.webhooks = new Webhooks({
      store,
      hooks: [{ url: receiver.url, secret: SECRET, timeoutMs: TIMEOUT_MS, ...hook }],
      clock,
      random: seededRandom(seed),
      log: this.log,
      counters: {
        count: (name, by = 1) => this.counts.set(name, (this.counts.get(name) ?? 0) + by),
      },
      ...(maxWaiting === undefined ? {} : { maxWaiting }),
    });
    this.store = this.webhooks.tellsLife
      ? tellingStore(store, (id, kind) => this.webhooks.happened(id, kind))
      : store;
  }

  /** Commits changes to a document as a node does, and tells the webhooks of it, unless the node is to end before. */
  async commit(id: DocumentId, count = 1, { tell = true } = {}): Promise<void> {
    const committedAt = this.clock.wall();
    const { generation } = await this.store.open(id, committedAt);
    const rows = Array.from({ length: count }, () => row('x'));
    const [result] = await this.store.append([{ id, generation, committedAt, rows }]);
    if (!result?.ok) throw new Error(`refused: ${result?.code}`);
    const from = result.firstSeq;
    if (tell) this.webhooks.committed(id, { generation, from, to: from + count - 1 });
  }

  /**
   * Lets time pass until the condition holds, so many milliseconds at a time. Requests, which take real time, come to their
   * ends before, unless the receiver is one that does not answer (`patient: false`).
   */
  async advanceUntil(
    condition: () => boolean,
    what: string,
    { step = 100, patient = true }: { readonly step?: number; readonly patient?: boolean } = {},
  ): Promise<void> {
    for (let n = 0; n < 20_000; n++) {
      const deadline = performance.now() + (patient ? PATIENCE_MS : 0);
      do {
        if (condition()) return;
        await new Promise((resolve) => setImmediate(resolve));
      } while (this.clock.requests > 0 && performance.now() < deadline);
      this.clock.advance(step);
      // What that has begun gets as far as a request.
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`not even after ${20 * step} s: ${what}`);
  }
}
