import type { Clock } from '../../../shared/time.js';
import type { Broadcast } from '../../documents/broadcast.js';
import { Chunk } from './chunk.js';
import { presenceEvent } from './events.js';
import { Rounds } from './rounds.js';

/** Time that presence for one follower is worth, in milliseconds, as a change of the content is. */
const MS_PER_MEMBER = 0.025;

/** Somebody who wants to know who is in a document. */
export interface PresenceMember {
  /** Whether something may be given to him. */
  readonly free: boolean;
  givePresence(chunk: Chunk): void;
  /** He could not be given something, and needs all of it when he can be again. */
  missPresence(): void;
}

/**
 * Who is in a document, for its followers: as often as it changes and as there is time for so many. Each of them has a
 * session that hears of every change; it is taken once.
 */
export class PresenceLine {
  private readonly members = new Set<PresenceMember>();
  private readonly rounds: Rounds<PresenceMember>;
  private gathered: Uint8Array[] = [];
  private last: Broadcast | undefined;
  private chunk: Chunk | undefined;
  private whole: Chunk | undefined;

  constructor(clock: Clock) {
    const { members } = this;
    this.rounds = new Rounds({
      clock,
      members,
      interval: () => members.size * MS_PER_MEMBER,
      begin: () => this.begin(),
      visit: (member) => this.visit(member),
    });
  }

  /** Whoever has come during a round may be told twice, which changes nothing. */
  join(member: PresenceMember): void {
    this.members.add(member);
  }

  leave(member: PresenceMember): void {
    this.members.delete(member);
    if (this.members.size > 0) return;
    this.rounds.stop();
    this.gathered = [];
  }

  /** Something has changed; everybody's session says so. */
  take(update: Broadcast): void {
    if (update === this.last) return;
    this.last = update;
    this.whole = undefined;
    this.gathered.push(update.bytes);
    this.rounds.request();
  }

  /** All of it, as an event. @param everybody gives it as an awareness update */
  all(everybody: () => Uint8Array): Chunk {
    this.whole ??= presenceEvent(everybody(), true);
    return this.whole;
  }

  private begin(): void {
    const events = this.gathered.map((update) => presenceEvent(update, false).payload);
    this.gathered = [];
    this.chunk = events.length === 0 ? undefined : new Chunk(events);
  }

  private visit(member: PresenceMember): void {
    if (this.chunk === undefined) return;
    if (member.free) member.givePresence(this.chunk);
    else member.missPresence();
  }
}
