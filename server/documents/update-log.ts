import type { AddedClocks } from '../../shared/document-index.js';
import type { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Clock, Timer } from '../../shared/time.js';
import type { AppendBatch, NewLogRow } from '../storage/store.js';
import type { CommitSource, GroupCommit } from './group-commit.js';
import { SHORTEST_WAIT_MS } from './shortest-wait.js';

/** An admitted update on its way to the disk, with whom to tell. */
export interface PendingUpdate<Owner> extends NewLogRow {
  readonly owner: Owner;
  /** What it adds to the document. */
  readonly added: readonly AddedClocks[];
  /** Called exactly once: with the update's number when it is durable, or with why it never will be. */
  readonly settle: (outcome: number | CoscribeError) => void;
}

/** Committed rows `from`, `from + 1`, … in the order of the log. */
export interface CommittedBatch<Owner> {
  readonly from: number;
  readonly rows: readonly PendingUpdate<Owner>[];
}

/** The document that a log belongs to, as far as the log knows it. */
export interface UpdateLogHome<Owner> {
  readonly id: DocumentId;
  readonly generation: string;
  readonly clock: Clock;
  readonly commits: GroupCommit;
  /**
   * How long an update may wait for others before its commit, in milliseconds: a crowded document is shown nothing
   * before its next frame, and every commit costs.
   *
   * @param committing whether a commit is under way
   */
  mayGather(committing: boolean): number;
  /**
   * A batch is part of the document from now on: whoever joins is shown it.
   *
   * @returns the batch as it goes to the sessions; `undefined` if rows of other nodes are missing before it, so that it
   *   goes there later
   */
  onRecorded(batch: CommittedBatch<Owner>): CommittedBatch<Owner> | undefined;
  /** A batch goes out to the sessions; its senders have been told already. */
  onPublished(batch: CommittedBatch<Owner>): void;
  /** The log cannot go on; nothing more will be committed. */
  onBroken(error: CoscribeError): void;
}

/**
 * One document's way to the disk: what is admitted waits here, goes out as one batch per commit, and is answered
 * once it is durable. Nothing leaves for another client before.
 */
export class UpdateLog<Owner> implements CommitSource {
  private queue: PendingUpdate<Owner>[] = [];
  private underWay: PendingUpdate<Owner>[] = [];
  private settledWaiters: { readonly admitted: number; readonly resolve: () => void }[] = [];
  private admittedCount = 0;
  private settledCount = 0;
  private waitingBytes = 0;
  private broken: CoscribeError | undefined;
  /** Of the commit for which updates gather. */
  private gathering: Timer | undefined;

  constructor(private readonly home: UpdateLogHome<Owner>) {}

  /** Bytes admitted and not yet durable. */
  get pendingBytes(): number {
    return this.waitingBytes;
  }

  append(update: PendingUpdate<Owner>): void {
    if (this.broken) {
      update.settle(this.broken);
      return;
    }
    this.queue.push(update);
    this.admittedCount++;
    this.waitingBytes += update.update.length;
    if (this.gathering !== undefined) return;
    const wait = this.home.mayGather(this.underWay.length > 0);
    if (wait < SHORTEST_WAIT_MS) this.home.commits.schedule(this);
    else this.gathering = this.home.clock.schedule(wait, () => this.hurry());
  }

  /** Commits what has gathered without waiting for more. */
  hurry(): void {
    if (this.gathering === undefined) return;
    this.home.clock.cancel(this.gathering);
    this.gathering = undefined;
    this.home.commits.schedule(this);
  }

  /** Fulfils once everything admitted up to now is durable or given up; nothing gathers for longer then. */
  settled(): Promise<void> {
    const admitted = this.admittedCount;
    if (this.settledCount >= admitted) return Promise.resolve();
    this.hurry();
    return new Promise((resolve) => this.settledWaiters.push({ admitted, resolve }));
  }

  take(committedAt: number): AppendBatch | undefined {
    if (this.queue.length === 0) return undefined;
    this.underWay = this.queue;
    this.queue = [];
    const { id, generation } = this.home;
    const rows = this.underWay.map(({ update, clientId, author }) => ({ update, clientId, author }));
    return { id, generation, rows, committedAt };
  }

  committed(firstSeq: number): void {
    const rows = this.underWay;
    this.underWay = [];
    for (const [offset, row] of rows.entries()) {
      this.waitingBytes -= row.update.length;
      row.settle(firstSeq + offset);
    }
    this.settledCount += rows.length;
    const batch = this.home.onRecorded({ from: firstSeq, rows });
    if (batch !== undefined) this.home.onPublished(batch);
    this.wake();
  }

  failed(error: CoscribeError): void {
    this.broken = error;
    const rows = [...this.underWay, ...this.queue];
    this.underWay = [];
    this.queue = [];
    this.waitingBytes = 0;
    for (const row of rows) row.settle(error);
    this.settledCount = this.admittedCount;
    this.home.onBroken(error);
    this.wake();
  }

  private wake(): void {
    const due = this.settledWaiters.filter(({ admitted }) => admitted <= this.settledCount);
    if (due.length === 0) return;
    this.settledWaiters = this.settledWaiters.filter(({ admitted }) => admitted > this.settledCount);
    for (const { resolve } of due) resolve();
  }
}
