import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import { backoff, type Clock, type Random } from '../../shared/time.js';
import { splitUpdate } from '../../shared/update-split.js';
import type { EditAuthor } from './edit-authors.js';
import { type EditJob, MadeEdit } from './edit-jobs.js';
import type { EditReplica, Made } from './edit-replica.js';

const RETRY_BASE_MS = 20;
const RETRY_MAX_MS = 1_000;
/** What may be under way to the disk before the next function runs, in bytes. */
const MAX_UNDER_WAY_BYTES = 256 * 1024;
/** What may wait for its turn. */
const MAX_QUEUED = 10_000;
/** Functions run this long before others get their turn, in milliseconds. */
const TURN_MS = 5;

/** Trying the same thing again in a moment helps. */
const BUSY: ReadonlySet<string> = new Set(['too-many-updates', 'document-busy']);
/** It was made for another document, or as somebody else, than the one that is there now. */
const ESTRANGED: ReadonlySet<string> = new Set(['generation-changed', 'client-id-in-use']);

/** The edits of a node, as far as a line knows them. */
export interface EditLineHome {
  readonly clock: Clock;
  readonly random: Random;
  /** Whether the documents take nothing more, for good. */
  readonly stopping: boolean;
  readonly saving: boolean;
  /** A new copy with the document in it. @throws CoscribeError as `EditReplica.open` */
  openReplica(author: EditAuthor): Promise<EditReplica>;
  /** @param generation of the document, as far as it is known */
  author(name: string, generation: string | undefined): EditAuthor;
  /** He must have another clientID from now on. */
  forget(author: EditAuthor): void;
  /** Nothing is left to do. */
  onIdle(line: EditLine): void;
}

/**
 * The application's edits of one document, in whosever name, in order: each function runs on what the one before it left, and what
 * it made goes to the log at once. While it is committed the next ones run: of a document nothing is stored unless what came before
 * it is.
 *
 * A copy (`EditReplica`) with which anything is wrong is given up. Another one takes its place, when everything is answered that
 * the first had under way; what is not in the log then is handed in again.
 */
export class EditLine {
  private readonly queue: EditJob[] = [];
  /** Edits that are not known to be durable, in the order in which they were made. */
  private made: MadeEdit[] = [];
  private madeBytes = 0;
  /** Those of them of which something has to be handed in, again or still. */
  private unsent: MadeEdit[] = [];
  /** The log has refused some of them, and will have them when they are handed in again. */
  private isLost = false;
  private replica: EditReplica | undefined;
  private isWorking = false;
  private wake: (() => void) | undefined;
  private failures = 0;
  /** How long functions have run since others had their turn. */
  private ranMs = 0;
  /** Why it does not go on at the moment. */
  private trouble: CoscribeError | undefined;

  /** Of the document for which `made` was made. */
  private generation: string | undefined;

  constructor(private readonly home: EditLineHome) {}

  get idle(): boolean {
    return !this.isWorking && this.queue.length === 0 && this.made.length === 0;
  }

  /** Its copy of the document, if it has one. */
  get copy(): EditReplica | undefined {
    return this.replica?.ended === false ? this.replica : undefined;
  }

  add(job: EditJob): void {
    if (this.queue.length >= MAX_QUEUED) job.reject(new CoscribeError('too-many-updates'));
    else this.queue.push(job);
    if (!this.isWorking) void this.work();
  }

  /** A job has had its time. If it has not run yet, it never will. */
  late(job: EditJob): void {
    const { made } = job;
    if (made === undefined) {
      this.queue.splice(this.queue.indexOf(job), 1);
      job.reject(this.whyLate());
    } else if (made.waiting && !this.isLost) this.refuse(made, this.whyLate());
    else job.reject(new CoscribeError('store-unavailable', 'it is under way, and may still be saved'));
    this.wake?.();
  }

  /** Leaves the document. */
  close(): void {
    this.replica?.end();
    this.replica = undefined;
  }

  private whyLate(): CoscribeError {
    return this.trouble ?? new CoscribeError(this.home.saving ? 'server-busy' : 'store-unavailable');
  }

  private async work(): Promise<void> {
    this.isWorking = true;
    // Later: no function runs within the call that asked for it, nor while the log answers.
    await Promise.resolve();
    while (this.goesOn()) {
      const pause = await this.step();
      if (pause === undefined && this.ranMs < TURN_MS) continue;
      await this.sleep(pause ?? 0);
      this.ranMs = 0;
    }
    this.isWorking = false;
    if (this.idle) this.home.onIdle(this);
  }

  /** Whether anything is to be done; what nobody waits for any more is not. */
  private goesOn(): boolean {
    if (this.queue.length > 0) return true;
    if (!this.isLost && this.unsent.length === 0) return false;
    if (this.made.some(({ job }) => !job.over)) return true;
    this.remove(0, this.made.length);
    this.close();
    return false;
  }

  /** Does the next thing. @returns how long to wait before the one after it, in milliseconds, if there is a reason to */
  private async step(): Promise<number | undefined> {
    try {
      await this.act();
      this.failures = 0;
      this.trouble = undefined;
      return undefined;
    } catch (thrown) {
      const error = toCoscribeError(thrown);
      this.trouble = error;
      if (error.retryable && !this.home.stopping)
        return backoff(this.failures++, RETRY_BASE_MS, RETRY_MAX_MS, this.home.random);
      this.giveUp(error);
      return undefined;
    }
  }

  /** @throws CoscribeError if it has to be tried again, or nothing more can be done */
  private async act(): Promise<void> {
    const replica = this.copy;
    if (replica === undefined) {
      const [job] = this.queue;
      const author = this.made[0]?.author ?? (job && this.authorOf(job));
      if (author !== undefined) await this.enter(author, () => this.open(author));
      return;
    }
    replica.catchUp();
    const [unsent] = this.unsent;
    const [job] = this.queue;
    if (unsent !== undefined) await this.as(unsent.author, replica, () => this.handIn(unsent, replica));
    else if (this.mustWait()) await this.answered();
    else if (job?.what === 'read') this.read(job, replica);
    else if (job !== undefined) {
      const author = this.authorOf(job);
      await this.as(author, replica, () => this.edit(job, author, replica));
    }
  }

  private authorOf(job: EditJob): EditAuthor {
    return this.home.author(job.author, this.copy?.generation);
  }

  /** Does something in somebody's name; if he has to be let in first, it is looked again afterwards what is to be done. */
  private async as(author: EditAuthor, replica: EditReplica, act: () => void): Promise<void> {
    if (replica.admits(author)) act();
    else await this.enter(author, () => replica.admit(author));
  }

  /** Lets somebody in; who cannot come in as whom he was gets another clientID. @throws CoscribeError */
  private async enter(author: EditAuthor, enter: () => Promise<void>): Promise<void> {
    try {
      await enter();
    } catch (thrown) {
      const error = toCoscribeError(thrown);
      if (!ESTRANGED.has(error.code)) throw error;
      const isHis = (edit: MadeEdit): boolean => edit.author.clientId === author.clientId;
      this.abandon(error.code === 'generation-changed' ? 0 : this.made.findIndex(isHis), error);
      this.home.forget(author);
    }
  }

  /** Makes a new copy. @throws CoscribeError as `EditReplica.open`, `generation-changed` */
  private async open(author: EditAuthor): Promise<void> {
    const replica = await this.home.openReplica(author);
    const { generation } = replica;
    this.replica = replica;
    if (this.made.length > 0 && this.generation !== generation) throw new CoscribeError('generation-changed');
    this.generation = generation;
    // Whoever joins waits for what is under way: what is still here is not in the log.
    for (const edit of this.made) {
      edit.again();
      replica.take(edit.parts);
    }
    this.unsent = [...this.made];
    this.isLost = false;
  }

  /** Nobody is shown what could still be lost, and no more is made than is saved. */
  private mustWait(): boolean {
    const [job] = this.queue;
    return job?.what === 'read' ? this.made.length > 0 : this.madeBytes > MAX_UNDER_WAY_BYTES;
  }

  /** Runs the next function that may change something. @throws CoscribeError if what it made has to be handed in again */
  private edit(job: EditJob, author: EditAuthor, replica: EditReplica): void {
    let edit: MadeEdit;
    let hasChanged = false;
    try {
      const { value, update } = this.run(job, replica, author);
      hasChanged = update !== undefined;
      const { maxUpdateBytes: maxBytes, maxDeleteRanges } = replica.limits;
      const parts = update === undefined ? [] : splitUpdate(update, { maxBytes, maxDeleteRanges });
      edit = new MadeEdit(job, author, value, parts);
    } catch (error) {
      job.reject(error);
      if (hasChanged) replica.end();
      // What it made under this clientID was never sent.
      if (replica.ended) this.home.forget(author);
      return;
    }
    this.made.push(edit);
    this.unsent.push(edit);
    this.madeBytes += edit.bytes;
    this.handIn(edit, replica);
    this.finish();
  }

  private read(job: EditJob, replica: EditReplica): void {
    try {
      const { value, update } = this.run(job, replica);
      if (update === undefined) {
        job.resolve(value);
        return;
      }
      replica.end();
      throw new TypeError('The function given to read() must not change the document; use edit() for that.');
    } catch (error) {
      job.reject(error);
    }
  }

  private run(job: EditJob, replica: EditReplica, author?: EditAuthor): Made<unknown> {
    this.queue.shift();
    const { clock } = this.home;
    const begun = clock.monotonic();
    try {
      return replica.run(job.what, job.work, author);
    } finally {
      this.ranMs += clock.monotonic() - begun;
    }
  }

  /** @throws CoscribeError if that has to be tried again */
  private handIn(edit: MadeEdit, replica: EditReplica): void {
    const refused = edit.handIn(
      (author, parts, settle) => replica.submit(author, parts, settle),
      (outcome) => this.settled(edit, outcome),
    );
    if (refused === undefined) {
      this.unsent.shift();
      return;
    }
    if (refused.retryable) {
      if (!BUSY.has(refused.code)) {
        replica.end();
        this.isLost = true;
      }
      throw refused;
    }
    this.refuse(edit, refused);
  }

  /** An edit is answered. */
  private settled(edit: MadeEdit, outcome: number | CoscribeError): void {
    if (typeof outcome === 'number') this.finish();
    else {
      // The document goes on without it, so this copy must not.
      this.replica?.end();
      if (outcome.code === 'store-unavailable' || !outcome.retryable)
        this.rejectFrom(this.made.indexOf(edit), outcome);
      else this.isLost = true;
    }
    this.wake?.();
    if (this.isWorking) return;
    if (this.goesOn()) void this.work();
    else if (this.idle) this.home.onIdle(this);
  }

  /** Tells whoever waits, in the order of the log. */
  private finish(): void {
    let count = 0;
    while (this.made[count]?.finish()) count++;
    this.remove(0, count);
  }

  /** An edit will not be made, nor what builds on it; the copy has it all the same. */
  private refuse(edit: MadeEdit, error: CoscribeError): void {
    this.abandon(this.made.indexOf(edit), error);
  }

  /** Those from `first` on will not be made. The copy has them, and what has their clientIDs next must not be taken for them. */
  private abandon(first: number, error: CoscribeError): void {
    for (const { author } of this.rejectFrom(first, error)) this.home.forget(author);
    this.close();
  }

  /** Nothing more can be done. What is under way is still answered. */
  private giveUp(error: CoscribeError): void {
    for (const job of this.queue.splice(0)) job.reject(error);
    const first = this.made.findIndex(({ lost, waiting }) => lost || waiting);
    this.rejectFrom(first, error);
    this.isLost = false;
    this.close();
  }

  private rejectFrom(first: number, error: CoscribeError): readonly MadeEdit[] {
    const rejected = first < 0 ? [] : this.remove(first, this.made.length);
    for (const { job } of rejected) job.reject(error);
    return rejected;
  }

  private remove(first: number, count: number): readonly MadeEdit[] {
    const removed = this.made.splice(first, count);
    for (const { bytes } of removed) this.madeBytes -= bytes;
    const gone = new Set(removed);
    if (this.unsent.length > 0) this.unsent = this.unsent.filter((edit) => !gone.has(edit));
    if (this.made.length === 0) this.isLost = false;
    return removed;
  }

  private answered(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = () => {
        this.wake = undefined;
        resolve();
      };
    });
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.home.clock.schedule(ms, resolve);
    });
  }
}
