import type { Clock } from '../../../shared/time.js';
import { Broadcast } from '../../documents/broadcast.js';
import {
  decodeStates,
  encodeStates,
  NO_STATE,
  type PresenceState,
} from '../../documents/presence-message.js';
import { NOBODY, type Session } from '../../documents/session.js';
import { MAX_SAID_STATES, RaisedAwareness, soleShown } from './raised-awareness.js';
import type { SyncWire } from './sync-wire.js';
import { takeClientId } from './take-client-id.js';

/** Stand for what others show now, and for what of it has changed, in `Broadcast.encodeOnce`. */
const STANDING = {};
const CHANGED = {};

interface SyncAwarenessOptions {
  readonly wire: Pick<SyncWire, 'sendAwareness'>;
  readonly clock: Pick<Clock, 'wall'>;
}

/**
 * What a client of y-protocols shows of itself, and is shown of others. It does not say which of the states that it sends is its
 * own, says again what it was told of others, and forgets whoever has said nothing for a while (see `RaisedAwareness`).
 */
export class SyncAwareness {
  /** It has said something. What comes first is its own; later it says again what it was told of others, by the server or past it. */
  private hasSpoken = false;
  /** Whom the client seems to show as itself. */
  private shownId: number | undefined;
  /** It has had time to show itself, if it does that at all. */
  private hasHadTime = false;
  /** It was told of others what it may have passed over as known. */
  private mayHaveMissed = false;
  /** What it last showed. */
  private shown: PresenceState | undefined;

  constructor(private readonly options: SyncAwarenessOptions) {}

  /**
   * The client sends something.
   *
   * @param isIn it has been told what the document has, and who is there
   * @returns whether it may be what it was told of others
   */
  received(update: Uint8Array, isIn: boolean): boolean {
    const mayRepeat = isIn || this.hasSpoken;
    this.hasSpoken = true;
    // Who is not known yet may be this one, of whatever came first: that must not be told it as news.
    this.shownId ??= soleShown(update);
    return mayRepeat;
  }

  /**
   * Shows the client's own state to the others.
   *
   * @param mayRepeat as `received` said when it came
   * @throws CoscribeError `awareness-refused`; as `Session.takeClientId`
   */
  async show(session: Session, update: Uint8Array, mayRepeat: boolean): Promise<void> {
    const states = decodeStates(update, MAX_SAID_STATES);
    const [first] = states;
    // What it says first it says of itself, with what it asks for. Tabs of a browser tell one another, and say that again.
    const isItself =
      first !== undefined &&
      states.length === 1 &&
      first.json !== NO_STATE &&
      first.clientId !== session.clientId &&
      !(mayRepeat && (session.clientId !== NOBODY || session.isShownByAnother(first.clientId)));
    if (isItself) await takeClientId(session, first.clientId);
    const own = states.find(({ clientId }) => clientId === session.clientId);
    if (own === undefined || isSame(own, this.shown)) return;
    this.shown = own;
    session.submitAwareness(encodeStates([own]));
  }

  /** Others may see it under another name now, as soon as it says again what it shows. */
  renamed(): void {
    this.shown = undefined;
  }

  /** Who shows himself, for an answer that has it in it; empty if nobody does. */
  answered(session: Session, everybody: Uint8Array): Uint8Array {
    return this.standing(session, everybody)?.bytes ?? new Uint8Array();
  }

  /** Whether it is known whom the client shows as itself. */
  knowsItself(session: Session): boolean {
    return this.ownId(session) !== undefined;
  }

  /** It has been in for a while: if it has not shown itself yet, it does not. */
  hadTime(): void {
    this.hasHadTime = true;
  }

  /** Tells who shows himself. */
  tellStanding(session: Session, everybody: Uint8Array): void {
    this.tell(this.standing(session, everybody));
  }

  /** Tells who shows himself, if the client may have passed over some of it, and takes it now. */
  tellMissed(session: Session): void {
    if (this.mayHaveMissed) this.tellStanding(session, session.everybody());
  }

  /** Tells what others have changed. */
  tellChanges(session: Session | undefined, update: Broadcast): void {
    this.tell(this.raised(session, update, CHANGED));
  }

  private ownId(session: Session | undefined): number | undefined {
    return session === undefined || session.clientId === NOBODY ? this.shownId : session.clientId;
  }

  private tell(awareness: Broadcast | undefined): void {
    if (awareness !== undefined) this.options.wire.sendAwareness(awareness);
  }

  /** How things stand, if anybody else shows himself. */
  private standing(session: Session, everybody: Uint8Array): Broadcast | undefined {
    this.mayHaveMissed = false;
    return everybody.length === 0 ? undefined : this.raised(session, new Broadcast(everybody), STANDING);
  }

  /** What others show, as the client takes it for news. */
  private raised(
    session: Session | undefined,
    update: Broadcast,
    kind: typeof STANDING | typeof CHANGED,
  ): Broadcast | undefined {
    const own = this.ownId(session);
    if (own === undefined && !this.hasHadTime) {
      // Its own state, which may be among the others, must not be raised.
      this.mayHaveMissed = true;
      return update;
    }
    const now = this.options.clock.wall();
    const raised = update.encodeOnce(kind, (bytes) => new RaisedAwareness(bytes, now, kind === CHANGED));
    return own === undefined ? raised.all : raised.without(own);
  }
}

function isSame(own: PresenceState, shown: PresenceState | undefined): boolean {
  return own.clientId === shown?.clientId && own.json === shown.json;
}
