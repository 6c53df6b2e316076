import { type CoscribeError, toCoscribeError } from '../../../shared/errors.js';
import type { DocumentId } from '../../../shared/ids.js';
import { backoff, type Clock, type Random, type Timer } from '../../../shared/time.js';
import type { DocumentCopies, Followed } from '../../copies/copies.js';
import type { Chunk } from './chunk.js';
import type { LastSeen } from './events.js';
import { FollowedDocument } from './followed-document.js';
import { NOTHING } from './recent-changes.js';
import { Rounds } from './rounds.js';

/** Time that an event for one follower is worth, in milliseconds, as it is for sessions: see docs/PERFORMANCE.md. */
const MS_PER_MEMBER = 0.025;
/** What ended is followed anew after so many milliseconds, and later and later if that fails. */
const REOPEN_MS = 250;
const REOPEN_AT_MOST_MS = 5_000;

/** Somebody who follows. */
export interface HubMember {
  /** What he has seen; `undefined` if he needs a snapshot. */
  readonly seen: LastSeen | undefined;
  /** Whether something may be given to him; whoever becomes it asks the hub to bring him what he lacks. */
  readonly free: boolean;
  give(chunk: Chunk, seen: LastSeen): void;
  end(error: CoscribeError): void;
}

export interface HubOptions {
  readonly id: DocumentId;
  readonly what: Followed;
  readonly copies: DocumentCopies;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Everybody on this node who follows the same of the same document. It is followed once, however many they are, and what is
 * new is encoded once. Each has seen everything up to some event; a round brings all of them to the same one: those who were
 * slow, or come back, get what they lack, or a snapshot.
 */
export class Hub {
  private readonly members = new Set<HubMember>();
  private readonly rounds: Rounds<HubMember>;
  private document: FollowedDocument | undefined;
  private opening: Promise<void> | undefined;
  private attempt = 0;
  private reopening: Timer | undefined;
  private isClosed = false;

  constructor(private readonly options: HubOptions) {
    const { members } = this;
    this.rounds = new Rounds({
      clock: options.clock,
      members,
      interval: () => members.size * MS_PER_MEMBER,
      begin: () => this.document?.advance(),
      visit: (member) => this.bring(member),
    });
  }

  /** Whether it is followed now. */
  get isOpen(): boolean {
    return this.document !== undefined;
  }

  /** Fulfils once it is followed. @throws CoscribeError as `DocumentCopies.follow` */
  async open(): Promise<void> {
    if (this.document !== undefined) return;
    this.opening ??= this.follow().finally(() => {
      this.opening = undefined;
    });
    await this.opening;
  }

  /** From now on the member gets what it lacks. */
  join(member: HubMember): void {
    this.members.add(member);
    this.bring(member);
  }

  leave(member: HubMember): void {
    this.members.delete(member);
  }

  /** Gives a member everything that it lacks of what is shown, if it can take it. */
  bring(member: HubMember): void {
    const { document } = this;
    while (document !== undefined && member.free && member.seen !== document.shown) {
      const lacked = member.seen && document.lackedBy(member.seen);
      if (lacked === NOTHING) return;
      if (lacked !== undefined) {
        member.give(lacked, document.shown);
        return;
      }
      const snapshot = document.takeSnapshot();
      if (snapshot === undefined) return;
      member.give(snapshot.chunk, snapshot.seen);
    }
  }

  close(): void {
    this.isClosed = true;
    if (this.reopening !== undefined) this.options.clock.cancel(this.reopening);
    this.rounds.stop();
    this.document?.stop();
    this.document = undefined;
  }

  private async follow(): Promise<void> {
    const document = new FollowedDocument({
      ...this.options,
      onNews: () => this.rounds.request(),
      onEnd: (error) => this.ended(error),
    });
    await document.open();
    if (this.isClosed) document.stop();
    else this.document = document;
    this.attempt = 0;
    this.rounds.request();
  }

  private ended(error: CoscribeError): void {
    this.document = undefined;
    // What ends with the node is followed on another one.
    if (error.retryable && error.code !== 'shutting-down') this.reopenLater();
    else for (const member of [...this.members]) member.end(error);
  }

  private reopenLater(): void {
    const { clock, random } = this.options;
    if (this.isClosed || this.members.size === 0) return;
    const wait = backoff(this.attempt++, REOPEN_MS, REOPEN_AT_MOST_MS, random);
    this.reopening = clock.schedule(wait, () => void this.reopen());
  }

  /** Never rejects. */
  private async reopen(): Promise<void> {
    this.reopening = undefined;
    try {
      await this.open();
    } catch (error) {
      this.ended(toCoscribeError(error));
    }
  }
}
