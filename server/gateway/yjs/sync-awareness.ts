import type { Clock } from '../../../shared/time.js';
import { Broadcast } from '../../documents/broadcast.js';
import {
  decodeStates,
  encodeStates,
  MAX_CLOCK,
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

/** Whose state a client sends: its `own`, as it knows of no other yet; one that it was `told`; or either. */
export type Speaker = 'own' | 'told' | 'either';

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
  /** It has answered after it was told who is there: what it says from then on may be that. */
  private hasHeard = false;
  /** Whom the client seems to show as itself, and with which clock. */
  private seeming: Pick<PresenceState, 'clientId' | 'clock'> | undefined;
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
   * @param session absent until it has been told what the document has, and who is there
   */
  received(update: Uint8Array, session: Session | undefined): Speaker {
    const speaker = session !== undefined || this.hasSpoken ? 'either' : 'own';
    this.hasSpoken = true;
    if (session !== undefined && session.clientId !== NOBODY) return speaker;
    const said = soleShown(update);
    if (said === undefined) return speaker;
    if (this.hasHeard && session !== undefined && wasTold(session, said)) return 'told';
    // Who is not known yet may be this one, of whatever came first: that must not be told it as news.
    const { clientId, clock } = said;
    if (this.seeming === undefined || this.seeming.clientId === clientId) this.seeming = { clientId, clock };
    return speaker;
  }

  /** The client answers what it was asked for right before it was told who is there. */
  heard(): void {
    this.hasHeard = true;
  }

  /**
   * Shows the client's own state to the others.
   *
   * @param speaker as `received` said when it came
   * @throws CoscribeError `awareness-refused`; as `Session.takeClientId`
   */
  async show(session: Session, update: Uint8Array, speaker: Speaker): Promise<void> {
    const states = decodeStates(update, MAX_SAID_STATES);
    const [first] = states;
    // What it says first it says of itself, with what it asks for. Tabs of a browser tell one another, and say that again.
    const isItself =
      first !== undefined &&
      states.length === 1 &&
      first.json !== NO_STATE &&
      first.clientId !== session.clientId &&
      speaker !== 'told' &&
      (speaker === 'own' || (session.clientId === NOBODY && !session.isShownByAnother(first.clientId)));
    if (isItself) await takeClientId(session, first.clientId);
    const own = states.find(({ clientId }) => clientId === session.clientId);
    if (own === undefined || isSame(own, this.shown)) return;
    this.shown = own;
    session.submitAwareness(encodeStates([own]));
  }

  /** What it says again of itself counts: others may see it under another name now, or it was refused for lack of room. */
  mayShowAgain(): void {
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
    return session === undefined || session.clientId === NOBODY ? this.seeming?.clientId : session.clientId;
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
    if (this.ownId(session) === undefined && !this.hasHadTime) {
      // Its own state, which may be among the others, must not be raised.
      this.mayHaveMissed = true;
      return update;
    }
    const now = this.options.clock.wall();
    const raised = update.encodeOnce(kind, (bytes) => new RaisedAwareness(bytes, now, kind === CHANGED));
    if (kind === CHANGED) this.compareWith(raised, session);
    const own = this.ownId(session);
    return own === undefined ? raised.all : raised.without(own);
  }

  /** Whoever shows more by now than this client ever said, and is not it, was taken for it by mistake. */
  private compareWith(changes: RaisedAwareness, session: Session | undefined): void {
    const { seeming, hasHadTime } = this;
    // An earlier connection of its own may have had something under way.
    if (seeming === undefined || !hasHadTime || session?.clientId !== NOBODY) return;
    if (changes.showsLater(seeming.clientId, seeming.clock)) this.seeming = undefined;
  }
}

/** Whether it is what others show, as the server has told it: their own clocks are never as high as the raised ones. */
function wasTold(session: Session, { clientId, clock }: PresenceState): boolean {
  return clock > MAX_CLOCK || session.isShownByAnother(clientId, clock);
}

function isSame(own: PresenceState, shown: PresenceState | undefined): boolean {
  return own.clientId === shown?.clientId && own.json === shown.json;
}
