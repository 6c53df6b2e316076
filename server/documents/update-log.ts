import type { AddedClocks } from '../../shared/document-index.js';
import type { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Clock, Timer } from '../../shared/time.js';
import type { AppendBatch, NewLogRow } from '../storage/store.js';
import { CommitQueue, type Portion } from './commit-queue.js';
import type { CommitSource, GroupCommit } from './group-commit.js';
import { SHORTEST_WAIT_MS } from './shortest-wait.js';

/** An admitted update on its way to the disk, with whom to tell. */
export interface PendingUpdate<Owner> extends NewLogRow {
  readonly owner: Owner;
  /** What it adds to the document, if the document's index has that already. */
  readonly added: readonly AddedClocks[] | undefined;
  /** When it came, and when it was found to be sound: milliseconds of the monotonic clock. */
  readonly receivedAt: number;
  readonly admittedAt: number;
  /** Called exactly once: with the update's number when it is durable, or with why it never will be. */
  readonly settle: (outcome: number | CoscribeError) => void;
}

/** Committed rows `from`, `from + 1`, … in the order of the log. */
export interface CommittedBatch<Owner> {
  readonly from: number;
  /** Milliseconds since the Unix epoch. */
  readonly committedAt: number;
  /** When the commit took them, and when they were durable: milliseconds of the monotonic clock. */
  readonly takenAt: number;
  readonly durableAt: number;
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
  /** The store has refused what was guarded: perhaps the log is longer there than is known here. */
  onRefused(): void;
  /** The log cannot go on; nothing more will be committed. */
  onBroken(error: CoscribeError): void;
}

/**
 * One document's way to the disk: what is admitted waits here, goes out as one batch per commit, and is answered
 * once it is durable. Nothing leaves for another client before.
 */
export class UpdateLog<Owner> implements CommitSource {
  private readonly queue = new CommitQueue<PendingUpdate<Owner>>();
  /** Batches of the commit under way. */
  private underWay: readonly (readonly PendingUpdate<Owner>[])[] = [];
  private settledWaiters: { readonly admitted: number; readonly resolve: () => void }[] = [];
  private admittedCount = 0;
  private settledCount = 0;
  private waitingBytes = 0;
  /** Of the commit under way. */
  private committedAt = 0;
  private takenAt = 0;
  private broken: CoscribeError | undefined;
  /** Of the commit for which updates gather. */
  private gathering: Timer | undefined;

  constructor(private readonly home: UpdateLogHome<Owner>) {}

  /** Updates admitted and not yet durable. */
  get pendingCount(): number {
    return this.admittedCount - this.settledCount;
  }

  /** Bytes admitted and not yet durable. */
  get pendingBytes(): number {
    return this.waitingBytes;
  }

  /** Whether everything admitted is durable or given up. */
  get isSettled(): boolean {
    return this.settledCount >= this.admittedCount;
  }

  append(update: PendingUpdate<Owner>): void {
    if (this.broken) {
      update.settle(this.broken);
      return;
    }
    this.queue.push(update);
    this.admit(update);
    this.scheduleSoon();
  }

  /**
   * Portions that share a commit. Each is stored whole and only if its guard lets it; otherwise it is refused, and nothing is that
   * does not belong to the chain: those after it are refused, too, with `precondition-failed`.
   */
  appendChain(portions: readonly Portion<PendingUpdate<Owner>>[]): void {
    const updates = portions.flatMap((portion) => portion.updates);
    if (this.broken) {
      for (const { settle } of updates) settle(this.broken);
      return;
    }
    this.queue.pushChain(portions);
    for (const update of updates) this.admit(update);
    this.scheduleSoon();
  }

  private admit({ update }: PendingUpdate<Owner>): void {
    this.admittedCount++;
    this.waitingBytes += update.length;
  }

  private scheduleSoon(): void {
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
    if (this.isSettled) return Promise.resolve();
    this.hurry();
    return new Promise((resolve) => this.settledWaiters.push({ admitted, resolve }));
  }

  take(committedAt: number): readonly AppendBatch[] {
    const portions = this.queue.take();
    this.underWay = portions.map(({ updates }) => updates);
    this.committedAt = committedAt;
    this.takenAt = this.home.clock.monotonic();
    const { id, generation } = this.home;
    return portions.map(({ updates, guard }, place) => {
      const rows = updates.map(({ update, clientId, author }) => ({ update, clientId, author }));
      const whole = place === 0 ? guard : { ...guard, chained: true as const };
      return { id, generation, rows, committedAt, ...(whole !== undefined && { guard: whole }) };
    });
  }

  committed(firstSeq: number): void {
    if (this.broken) return;
    const { takenAt, committedAt } = this;
    const rows = this.nextBatch();
    const durableAt = this.home.clock.monotonic();
    for (const [offset, row] of rows.entries()) {
      this.waitingBytes -= row.update.length;
      row.settle(firstSeq + offset);
    }
    this.settledCount += rows.length;
    const batch = this.home.onRecorded({ from: firstSeq, rows, committedAt, takenAt, durableAt });
    if (batch !== undefined) this.home.onPublished(batch);
    this.goOn();
  }

  refused(error: CoscribeError): void {
    if (this.broken) return;
    const rows = this.nextBatch();
    for (const row of rows) {
      this.waitingBytes -= row.update.length;
      row.settle(error);
    }
    this.settledCount += rows.length;
    this.home.onRefused();
    this.goOn();
  }

  failed(error: CoscribeError): void {
    if (this.broken) return;
    this.broken = error;
    const rows = [...this.underWay.flat(), ...this.queue.clear()];
    this.underWay = [];
    this.waitingBytes = 0;
    for (const row of rows) row.settle(error);
    this.settledCount = this.admittedCount;
    this.home.onBroken(error);
    this.wake();
  }

  /** Of those under way the one of which is told now. */
  private nextBatch(): readonly PendingUpdate<Owner>[] {
    const [rows = [], ...others] = this.underWay;
    this.underWay = others;
    return rows;
  }

  /** A commit takes no more than may go together, so that something may be left. */
  private goOn(): void {
    if (!this.queue.isEmpty && this.gathering === undefined) this.home.commits.schedule(this);
    this.wake();
  }

  private wake(): void {
    const due = this.settledWaiters.filter(({ admitted }) => admitted <= this.settledCount);
    if (due.length === 0) return;
    this.settledWaiters = this.settledWaiters.filter(({ admitted }) => admitted > this.settledCount);
    for (const { resolve } of due) resolve();
  }
}
