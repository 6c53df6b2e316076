import { AccessDelegate } from '../../server/storage/access-delegate.js';
import type { AccessStore } from '../../server/storage/access-store.js';
import type { Receipt } from '../../server/storage/receipts.js';
import type {
  AppendBatch,
  AppendResult,
  DocumentHead,
  DocumentPosition,
  DocumentStore,
  DocumentSummary,
  FoundDocument,
  ListQuery,
  LogRow,
  Snapshot,
} from '../../server/storage/store.js';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Dice } from './dice.js';
import type { Disk } from './disk.js';
import type { Profile } from './profile.js';
import type { ProcessClock, Timeline } from './timeline.js';
import type { Weather } from './weather.js';

/**
 * The store as one server process sees it: work takes time on the way there and on the way back, fails while there is
 * an outage, and is never answered once the process is gone.
 */
export class StoreLayer extends AccessDelegate implements DocumentStore {
  readonly description = 'simulated';
  readonly shared = true;
  #dead = false;
  #busyUntil = 0;
  /** Writes that have not reached the disk yet. */
  readonly #onTheWay = new Set<() => void>();

  constructor(
    private readonly disk: Disk,
    private readonly weathers: readonly Weather[],
    private readonly profile: Profile,
    private readonly timeline: Timeline,
    private readonly dice: Dice,
    private readonly process: ProcessClock,
  ) {
    super();
  }

  protected withAccess<Result>(work: (access: AccessStore) => Promise<Result>): Promise<Result> {
    return this.#do(() => work(this.disk.store), { aside: true });
  }

  open(id: DocumentId, now: number): Promise<DocumentHead> {
    return this.#do(() => this.disk.store.open(id, now));
  }

  create(...args: Parameters<DocumentStore['create']>): Promise<boolean> {
    return this.#do(() => this.disk.store.create(...args), { writes: true });
  }

  remove(id: DocumentId, now: number): Promise<boolean> {
    return this.#do(async () => this.disk.remove(id, now), { writes: true });
  }

  restore(id: DocumentId): Promise<boolean> {
    return this.#do(async () => this.disk.restore(id), { writes: true });
  }

  rename(...args: Parameters<DocumentStore['rename']>): ReturnType<DocumentStore['rename']> {
    return this.#do(() => this.disk.store.rename(...args), { writes: true });
  }

  readReceipt(key: string): Promise<Receipt | undefined> {
    return this.#do(() => this.disk.store.readReceipt(key));
  }

  keepReceipt(receipt: Receipt): Promise<boolean> {
    return this.#do(() => this.disk.store.keepReceipt(receipt), { writes: true });
  }

  forgetReceipts(until: number, limit: number): Promise<number> {
    return this.#do(() => this.disk.store.forgetReceipts(until, limit), { writes: true });
  }

  purge(deletedUntil: number, limit: number): Promise<readonly DocumentId[]> {
    return this.#do(() => this.disk.store.purge(deletedUntil, limit), { writes: true });
  }

  append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    return this.#do(() => this.disk.append(batches), { writes: true });
  }

  readLog(...args: Parameters<DocumentStore['readLog']>): Promise<readonly LogRow[]> {
    return this.#do(() => this.disk.store.readLog(...args));
  }

  readSnapshot(...args: Parameters<DocumentStore['readSnapshot']>): Promise<Snapshot | undefined> {
    return this.#do(() => this.disk.store.readSnapshot(...args));
  }

  positions(ids: readonly DocumentId[]): Promise<ReadonlyMap<DocumentId, DocumentPosition>> {
    return this.#do(() => this.disk.store.positions(ids));
  }

  writeSnapshot(id: DocumentId, generation: string, snapshot: Snapshot, trimTo: number): Promise<void> {
    // A crash may come between the snapshot and the trimming.
    return this.#do(() => this.disk.store.writeSnapshot(id, generation, snapshot, this.#dead ? 0 : trimTo), {
      writes: true,
    });
  }

  readAuthor(id: DocumentId, clientId: number): Promise<string | undefined> {
    return this.#do(() => this.disk.store.readAuthor(id, clientId));
  }

  find(id: DocumentId): Promise<FoundDocument | undefined> {
    return this.#do(() => this.disk.store.find(id));
  }

  list(query: ListQuery): Promise<readonly DocumentSummary[]> {
    return this.#do(() => this.disk.store.list(query));
  }

  async close(): Promise<void> {}

  /** The process is gone. Writes that were on their way are on the disk or not. */
  kill(): void {
    this.#dead = true;
    for (const write of this.#onTheWay) if (this.dice.chance(0.5)) write();
    this.#onTheWay.clear();
  }

  #do<T>(work: () => Promise<T>, { writes = false, aside = false } = {}): Promise<T> {
    if (this.#dead) return new Promise(() => {});
    const { store, ambiguous } = this.profile;
    if (store === 'instant') return this.#outage ? Promise.reject(unavailable()) : work();
    return new Promise((resolve, reject) => {
      const there = this.#delay();
      const back = this.#delay();
      const arrive = (): void => {
        if (!this.#onTheWay.delete(arrive)) return;
        const lost = ambiguous && writes && this.dice.chance(0.05);
        // The result is fetched now, and travels.
        const result = this.#outage ? Promise.reject(unavailable()) : work();
        result.catch(() => {});
        this.timeline.after(back, () =>
          this.process.arrive(() => {
            if (lost) reject(unavailable());
            else result.then(resolve, reject);
          }),
        );
      };
      // What only reads has no effect that a crash could leave behind.
      this.#onTheWay.add(arrive);
      let delay = there;
      if (store === 'queue' && !aside) {
        const start = Math.max(this.timeline.now, this.#busyUntil);
        delay = start + there - this.timeline.now;
        this.#busyUntil = start + there + back;
      }
      this.timeline.after(delay, arrive);
    });
  }

  get #outage(): boolean {
    return this.weathers.some(({ outage }) => outage);
  }

  #delay(): number {
    return this.dice.random() * this.profile.storeLatency;
  }
}

function unavailable(): CoscribeError {
  return new CoscribeError('store-unavailable', 'a simulated outage');
}
