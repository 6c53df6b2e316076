import type { AccessStore } from '../../server/storage/access-store.js';
import { MemoryStore } from '../../server/storage/memory-store.js';
import type { AppendBatch, AppendResult, DocumentHead, Snapshot } from '../../server/storage/store.js';
import type { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';

/** A memory store whose answers a test can hold back or turn into failures. */
export class GatedStore extends MemoryStore {
  /** While set, appends fail with it and store nothing. */
  appendError: CoscribeError | undefined;
  /** While set, opening fails with it. */
  openError: CoscribeError | undefined;
  /** Appends that reached the store, the held ones too. */
  appends = 0;
  opens = 0;
  snapshotReads = 0;
  /** Snapshots that were stored. */
  snapshotWrites = 0;
  /** While set, writing a snapshot fails with it. */
  snapshotError: CoscribeError | undefined;
  /** While set, everything about links and changes of access fails with it. */
  accessError: CoscribeError | undefined;
  private gate: Promise<void> | undefined;
  private lift = (): void => {};

  constructor() {
    let generation = 0;
    super(() => `generation-${++generation}`);
  }

  /** Holds every append and open back until `release`. */
  hold(): void {
    this.gate = new Promise((resolve) => {
      this.lift = resolve;
    });
  }

  release(): void {
    this.gate = undefined;
    this.lift();
  }

  /** Removes the document, as from outside: whoever opens it next makes a new one. */
  reset(id: DocumentId): void {
    this.erase(id);
  }

  override async open(id: DocumentId, now: number): Promise<DocumentHead> {
    this.opens++;
    await this.gate;
    if (this.openError !== undefined) throw this.openError;
    return super.open(id, now);
  }

  override async append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    this.appends++;
    await this.gate;
    if (this.appendError !== undefined) throw this.appendError;
    return super.append(batches);
  }

  override async readSnapshot(id: DocumentId, generation?: string): Promise<Snapshot | undefined> {
    this.snapshotReads++;
    return super.readSnapshot(id, generation);
  }

  override async writeSnapshot(...args: Parameters<MemoryStore['writeSnapshot']>): Promise<void> {
    if (this.snapshotError !== undefined) throw this.snapshotError;
    await super.writeSnapshot(...args);
    this.snapshotWrites++;
  }

  protected override async withAccess<Result>(
    work: (access: AccessStore) => Promise<Result>,
  ): Promise<Result> {
    if (this.accessError !== undefined) throw this.accessError;
    return super.withAccess(work);
  }
}
