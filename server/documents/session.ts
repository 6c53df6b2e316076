import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type {
  ContentCheck,
  Joined,
  JoinedUser,
  JoinRequest,
  Role,
  UpdateKind,
} from '../../shared/protocol.js';
import type { Credentials } from '../auth/access.js';
import { type Admission, ageOf, shownAs } from './admitted.js';
import type { Broadcast } from './broadcast.js';
import type { SessionTransport } from './session-transport.js';

/**
 * Above this many queued bytes awareness is dropped, then updates are, then the session is closed. The answer to a join,
 * which is as large as the document, does not count for the last one.
 */
const DROP_AWARENESS_ABOVE = 256 * 1024;
const DROP_UPDATES_ABOVE = 1024 * 1024;
const CLOSE_ABOVE = 4 * 1024 * 1024;
/** A session whose updates were dropped is resynced once its queue is this short. */
const DRAINED_BELOW = 64 * 1024;
/** A session is closed, too, when its queue has not become shorter for this long. */
const CLOSE_AFTER_MS = 10_000;

/** `Session.clientId` of a session that has not joined. */
export const NOBODY = -1;

/** The document that a session is in, as far as the session knows it. */
export interface SessionHome {
  readonly id: DocumentId;
  join(session: Session, request: JoinRequest, answer: (joined: Joined) => void): Promise<void>;
  submit(
    session: Session,
    update: Uint8Array,
    kind: UpdateKind,
    settle: (outcome: number | CoscribeError) => void,
  ): void;
  submitAwareness(session: Session, update: Uint8Array): void;
  /** The client shows something else than the document does at that `seq`. */
  diverged(session: Session, shown: ContentCheck): void;
  renew(session: Session, credentials: Credentials): Promise<void>;
  leave(session: Session): void;
}

/**
 * `new`: has not joined. `joining`: its join is being answered. `live`: gets the stream. `interrupted`: was told to
 * join again and gets nothing until it does. `slow`: updates were dropped; it is told once its queue has drained.
 */
type State =
  | { readonly at: 'new' | 'joining' | 'live' | 'interrupted' | 'left' }
  | { readonly at: 'slow'; readonly since: number; readonly queued: number };

/** One client in one document, whatever protocol it speaks. Gateways talk to this and to nothing behind it. */
export class Session {
  private state: State = { at: 'new' };
  private claimed: number | undefined;
  /** Awareness was dropped since the last join: what the client knows of the others may be wrong for good. */
  private missedAwareness = false;
  private everLive = false;
  /** Size of the answer to the last join. */
  private answerBytes = 0;
  /** What the client shows of itself as soon as there is room for that. */
  private waitingAwareness: Uint8Array | undefined;
  /** The client was asked for a new token since it gave the last one. */
  private askedToRenew = false;

  constructor(
    readonly id: string,
    private admitted: Admission,
    private readonly home: SessionHome,
    private readonly transport: SessionTransport,
  ) {}

  /** The client's Yjs clientID; `NOBODY` before it has joined. */
  get clientId(): number {
    return this.claimed ?? NOBODY;
  }

  get document(): DocumentId {
    return this.home.id;
  }

  /** What it may do, and until when. */
  get admission(): Admission {
    return this.admitted;
  }

  get role(): Role {
    return this.admitted.grant.role;
  }

  /** What others see of this client whatever it says itself. */
  get shownAs(): JoinedUser | undefined {
    return shownAs(this.admitted);
  }

  get left(): boolean {
    return this.state.at === 'left';
  }

  /**
   * Joins, or joins again after an interruption: what the client lacks, from the log and the snapshot.
   *
   * @param answer called before anything else is sent to the session
   * @throws CoscribeError `generation-changed`, `client-id-in-use`, `store-unavailable`, `document-unreadable`, …;
   *   a session that was never in has left then
   */
  async join(request: JoinRequest, answer: (joined: Joined) => void): Promise<void> {
    if (this.state.at === 'left') throw new CoscribeError('not-joined');
    if (this.state.at === 'joining') throw new CoscribeError('bad-request', 'a join is under way');
    this.state = { at: 'joining' };
    try {
      // The first time it was counted when the document was opened.
      if (this.everLive) this.transport.meter.join();
      await this.home.join(this, request, answer);
    } catch (error) {
      // Whoever never got in must not keep the document open; whoever was in may still save what it has.
      if (!this.everLive) this.leave();
      else if (this.state.at === 'joining') this.state = { at: 'interrupted' };
      throw error;
    }
  }

  /** Hands an update to the document; `settle` is told its number once it is durable, or why it was refused. */
  submit(update: Uint8Array, kind: UpdateKind, settle: (outcome: number | CoscribeError) => void): void {
    try {
      // An interrupted client may still save: only what it is shown has to wait for its next join.
      if (this.claimed === undefined || this.state.at === 'left') throw new CoscribeError('not-joined');
      this.transport.meter.update(update.length);
      this.home.submit(this, update, kind, settle);
    } catch (error) {
      settle(toCoscribeError(error));
    }
  }

  /** Shows the client to others. What comes too fast waits, and of what waits only the newest is shown. */
  submitAwareness(update: Uint8Array): void {
    if (this.claimed === undefined || this.state.at === 'left') {
      this.refuse(new CoscribeError('not-joined'));
      return;
    }
    const { meter } = this.transport;
    const isWaiting = this.waitingAwareness !== undefined;
    const wait = isWaiting ? 0 : meter.awareness();
    if (!isWaiting && wait === 0) {
      this.home.submitAwareness(this, update);
      return;
    }
    // A copy: what a socket delivers is often a slice of a much larger buffer.
    this.waitingAwareness = new Uint8Array(update);
    if (!isWaiting) meter.later(wait, () => this.showWaiting());
  }

  /** The client says that it shows something else than it was told. */
  reportDiverged(shown: ContentCheck): void {
    if (this.claimed === undefined || this.state.at === 'left') this.refuse(new CoscribeError('not-joined'));
    else this.home.diverged(this, shown);
  }

  /**
   * Takes a new token of the same user, so that the session outlives the old one.
   *
   * @returns what the client may do with it
   * @throws CoscribeError as `Documents.admit`; `unauthenticated` for somebody else's. The session goes on as before
   */
  async renew(credentials: Credentials): Promise<Role> {
    if (this.state.at === 'left') throw new CoscribeError('not-joined');
    await this.home.renew(this, credentials);
    return this.role;
  }

  /** The client is gone, or asked to be. Its updates under way are still committed. */
  leave(): void {
    if (this.state.at === 'left') return;
    this.state = { at: 'left' };
    this.home.leave(this);
  }

  // What follows is for the document.

  /** The document has taken the clientID for this session. */
  claim(clientId: number): void {
    this.claimed = clientId;
  }

  /** It is admitted anew, and perhaps as something else. */
  admitAs(admission: Admission): void {
    const { role } = this;
    this.admitted = admission;
    this.askedToRenew = false;
    // Who has not joined learns his role from the answer.
    const told = this.state.at !== 'new' && this.state.at !== 'joining' && this.state.at !== 'left';
    if (told && role !== this.role) this.transport.sendAccess(this.role);
  }

  /**
   * Asks for a new token when the old one ends soon, and closes the session when it has ended.
   *
   * @param now milliseconds since the Unix epoch
   * @returns `false` if that needs no looking after any more
   */
  expire(now: number): boolean {
    const age = ageOf(this.admitted, now);
    if (this.state.at === 'left' || age === 'endless') return false;
    if (age === 'over') this.close(new CoscribeError('token-expired'), 0);
    else if (age === 'late' && !this.askedToRenew) {
      this.askedToRenew = true;
      this.transport.sendRenew();
    }
    return age !== 'over';
  }

  /** The join is answered, with so many bytes; from the next frame on the session gets the stream. */
  goLive(answerBytes: number): void {
    if (this.state.at !== 'joining') return;
    this.state = { at: 'live' };
    this.everLive = true;
    this.answerBytes = answerBytes;
    this.missedAwareness = false;
  }

  /** @returns `true` if the session has just become too slow and needs looking after (`lookAfter`) */
  sendUpdates(frame: Broadcast, now: number): boolean {
    if (this.state.at !== 'live') return false;
    const queued = this.transport.queuedBytes();
    if (queued <= DROP_UPDATES_ABOVE) {
      this.transport.sendUpdates(frame);
      return false;
    }
    this.state = { at: 'slow', since: now, queued };
    return true;
  }

  /** @returns `true` if the session has just missed something and needs looking after (`lookAfter`) */
  sendAwareness(update: Broadcast): boolean {
    if (this.state.at !== 'live' || this.missedAwareness) return false;
    if (this.transport.queuedBytes() <= DROP_AWARENESS_ABOVE) {
      this.transport.sendAwareness(update);
      return false;
    }
    this.missedAwareness = true;
    return true;
  }

  /** Only a client that gets the stream can have everything. */
  sendCheck(check: ContentCheck): void {
    if (this.state.at === 'live') this.transport.sendCheck(check);
  }

  sendSaving(possible: boolean): void {
    if (this.state.at !== 'left') this.transport.sendSaving(possible);
  }

  /**
   * Looks at a session again that missed something: resyncs it if its queue has drained, and closes one that misses
   * updates if that takes too long.
   *
   * @returns `false` once the session needs no more looking after
   */
  lookAfter(now: number): boolean {
    const behind = this.state.at === 'slow' || (this.state.at === 'live' && this.missedAwareness);
    if (!behind) return false;
    const queued = this.transport.queuedBytes();
    if (queued < DRAINED_BELOW) {
      this.interrupt(new CoscribeError('too-slow'));
      return false;
    }
    if (this.state.at !== 'slow') return true;
    // A slow line gets there in the end, as long as it takes something.
    if (queued < this.state.queued) this.state = { at: 'slow', since: now, queued };
    if (queued <= CLOSE_ABOVE + this.answerBytes && now - this.state.since < CLOSE_AFTER_MS) return true;
    this.close(new CoscribeError('too-slow'), 0);
    return false;
  }

  /** Tells the client once that its stream is interrupted; it has to join again. */
  interrupt(reason: CoscribeError): void {
    if (this.state.at === 'interrupted' || this.state.at === 'left') return;
    this.state = { at: 'interrupted' };
    this.transport.sendResync(reason);
  }

  /** Asks the client to go over to another node in so many milliseconds. Until then everything goes on. */
  move(afterMs: number): void {
    if (this.state.at !== 'left') this.transport.sendMove(afterMs);
  }

  refuse(error: CoscribeError): void {
    if (this.state.at !== 'left') this.transport.sendRefused(error);
  }

  /** Ends the session from the server's side. */
  close(reason: CoscribeError, reconnectAfterMs: number): void {
    if (this.state.at === 'left') return;
    this.transport.close(reason, reconnectAfterMs);
    this.leave();
  }

  private showWaiting(): void {
    const update = this.waitingAwareness;
    this.waitingAwareness = undefined;
    if (update !== undefined && this.state.at !== 'left') this.submitAwareness(update);
  }
}
