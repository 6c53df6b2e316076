import { CoscribeError, toCoscribeError } from '../../../shared/errors.js';
import type { DocumentId } from '../../../shared/ids.js';
import type { Joined, Role, UpdateKind } from '../../../shared/protocol.js';
import { backoff, type Clock, type Random, type Timer } from '../../../shared/time.js';
import { updateKind } from '../../../shared/update-order.js';
import type { Broadcast } from '../../documents/broadcast.js';
import type { Documents } from '../../documents/documents.js';
import type { Meter } from '../../documents/meter.js';
import { NOBODY, type Session } from '../../documents/session.js';
import type { Log } from '../../telemetry/log.js';
import { breather, demandOfFew, LARGE_BYTES, partsOf, type Settle, settleOnce } from './large-updates.js';
import { isOfSeveral, type Meetings, type Member, meetingsIn } from './meetings.js';
import { onlyDeletes, ReaderDeletions } from './reader-deletions.js';
import { isNothing } from './sync-news.js';
import type { SyncWire } from './sync-wire.js';
import { takeWriter } from './take-client-id.js';

const RETRY_BASE_MS = 200;
const RETRY_MAX_MS = 5_000;
/** Who made the server look for those whom he has met has to wait so many times as long as that took. */
const REST_AFTER_MEETING = 10;

/** What the client will do no better if it is asked for the same once more. */
const UNTEACHABLE: ReadonlySet<string> = new Set([
  'invalid-update',
  'update-refused',
  'update-too-large',
  'document-too-large',
]);

/** Whose edits they are. */
export interface Writer {
  readonly role: Role;
  readonly meter: Meter;
  /** How much it may write; `undefined` until it is in. */
  readonly limits: Joined['limits'] | undefined;
  /** Last `seq` that it was sent. */
  readonly seq: number;
  readonly isOver: boolean;
  askForTheRest(): void;
  close(reason: CoscribeError, reconnectAfterMs: number): void;
}

export interface SyncWritingOptions {
  readonly documents: Documents;
  readonly id: DocumentId;
  readonly wire: SyncWire;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * What a client of these protocols writes: each update goes where it belongs, and what was refused for a passing reason the
 * client is asked for once more.
 */
export class SyncWriting {
  private readonly meetings: Meetings;
  /** There once the client has met others past the server. */
  private member: Member | undefined;
  private mayMeetAt = 0;
  /** There while the client may not write. */
  private readerDeletions: ReaderDeletions | undefined;
  private failures = 0;
  private retry: Timer | undefined;

  constructor(
    private readonly options: SyncWritingOptions,
    private readonly writer: Writer,
  ) {
    this.meetings = meetingsIn(options.documents);
  }

  takeRole(role: Role): void {
    this.readerDeletions?.refuse();
    this.readerDeletions = role === 'viewer' ? new ReaderDeletions() : undefined;
  }

  /** The client was sent what others wrote. */
  sent(frame: Broadcast): void {
    this.readerDeletions?.sent(frame);
  }

  /** The client says once more all that it has: what it brought together with others before is of no use any more. */
  beginAnew(): void {
    if (this.member !== undefined) this.meetings.leave(this.member);
  }

  end(): void {
    this.beginAnew();
    this.forgetRetry();
  }

  /** Takes an update when all that came before it is done, and finds out first who the client is. */
  async hand(session: Session, update: Uint8Array, settle: Settle): Promise<void> {
    if (this.writer.role === 'viewer' && !onlyDeletes(update)) {
      // It is refused, whatever is in it: nothing is looked up for that.
      this.put(session, update, 'live', settle);
      return;
    }
    demandOfFew(update);
    if (session.clientId === NOBODY && this.deletionsOf(update) === undefined)
      await takeWriter(session, update);
    await breather(update);
    if (this.readerDeletions === undefined && isOfSeveral(session, update))
      this.meet(session, update, settle);
    else if (update.length <= LARGE_BYTES || this.writer.limits === undefined)
      this.submit(session, update, settle);
    else {
      const parts = partsOf(update, this.writer.limits);
      await breather(update);
      this.submit(session, update, settle, parts);
    }
  }

  /** It has met others who are here: what it brings is taken together with what they bring. */
  private meet(session: Session, update: Uint8Array, settle: Settle): void {
    const { clock } = this.options;
    const begunAt = clock.monotonic();
    const missing = new CoscribeError('missing-dependencies', 'others are here and send their own edits');
    if (begunAt < this.mayMeetAt) {
      settle(missing);
      this.refused(missing);
      return;
    }
    const submit: Member['submit'] = (part, told) => this.submit(session, part, told);
    this.member ??= { session, submit };
    const { turns, isAll } = this.meetings.bring(this.member, update);
    let isGoingOn = true;
    const told = settleOnce(turns.length + 1, (outcome) => {
      settle(outcome);
      if (outcome instanceof CoscribeError && !this.writer.isOver) this.askLater();
    });
    for (const turn of turns) {
      if (isGoingOn)
        turn.owner.submit(turn.update, (outcome) => {
          isGoingOn &&= typeof outcome === 'number';
          told(outcome);
        });
      else told(missing);
    }
    if (isAll) void this.settleNothing(session, told);
    else told(missing);
    const now = clock.monotonic();
    this.mayMeetAt = now + REST_AFTER_MEETING * (now - begunAt);
  }

  /**
   * Takes an update at once, of a client whose clientID is known, or which only deletes.
   *
   * @param cut the update as `partsOf` cuts it, if that is done already
   */
  submit(session: Session, update: Uint8Array, settle: Settle, cut?: readonly Uint8Array[]): void {
    try {
      if (isNothing(update)) {
        void this.settleNothing(session, settle);
        return;
      }
      const { limits, meter } = this.writer;
      if (limits === undefined) throw new CoscribeError('not-joined');
      const deletions = this.deletionsOf(update);
      if (deletions !== undefined) {
        meter.update(update.length);
        deletions.take(update, (outcome) =>
          settle(outcome instanceof CoscribeError ? outcome : this.writer.seq),
        );
        return;
      }
      const parts = cut ?? partsOf(update, limits);
      const settlePart = parts.length === 1 ? settle : settleOnce(parts.length, settle);
      for (const part of parts) this.put(session, part, updateKind(part, session.clientId), settlePart);
    } catch (thrown) {
      const error = toCoscribeError(thrown);
      settle(error);
      this.refused(error);
    }
  }

  private put(session: Session, part: Uint8Array, kind: UpdateKind, settle: Settle): void {
    session.submit(part, kind, (outcome) => {
      settle(outcome);
      if (outcome instanceof CoscribeError) this.refused(outcome);
      else this.failures = 0;
    });
  }

  /** Who takes an update that only deletes, of a client that may not write. */
  private deletionsOf(update: Uint8Array): ReaderDeletions | undefined {
    return onlyDeletes(update) ? this.readerDeletions : undefined;
  }

  /** There is nothing to write: it is durable as soon as everything is of which it may speak. */
  async settleNothing(session: Session, settle: Settle): Promise<void> {
    await session.settled();
    settle(this.writer.seq);
  }

  private refused(error: CoscribeError): void {
    if (this.writer.isOver) return;
    const { wire, log, id } = this.options;
    if (error.code === 'internal') log.error({ document: id, err: error.cause ?? error }, 'an update failed');
    if (error.code === 'read-only') wire.sendRefused(error);
    else if (UNTEACHABLE.has(error.code)) this.writer.close(error, -1);
    else this.askLater();
  }

  /** The client is asked for whatever the document has not. */
  ask(): void {
    this.forgetRetry();
    this.writer.askForTheRest();
  }

  /** What waits for its time is asked for at once. */
  askAtOnce(): void {
    if (this.retry !== undefined) this.ask();
  }

  /** The client has something that the document has not: it is asked for it, later if that was in vain before. */
  private askLater(): void {
    const { clock, random } = this.options;
    this.retry ??= clock.schedule(backoff(this.failures++, RETRY_BASE_MS, RETRY_MAX_MS, random), () =>
      this.ask(),
    );
  }

  private forgetRetry(): void {
    if (this.retry !== undefined) this.options.clock.cancel(this.retry);
    this.retry = undefined;
  }
}
