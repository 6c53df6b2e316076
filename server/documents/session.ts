import { CoscribeError, type ErrorCode, toCoscribeError } from '../../shared/errors.js';
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
import type { Counters } from '../telemetry/counters.js';
import { type Admission, ageOf, shownAs } from './admitted.js';
import type { Broadcast } from './broadcast.js';
import type { ClientProtocol, SessionTransport } from './session-transport.js';
import type { ChainedEdit, WriteGuard } from './write-guard.js';

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

/**
 * What a session joins with. A client of our own protocol names its clientID at once; one that only looks has none, and of
 * other protocols it shows later (`Session.takeClientId`).
 */
export type SessionJoin = Pick<JoinRequest, 'generation' | 'seq' | 'stateVector'> & {
  /** It has the content from elsewhere and is given none. */
  readonly content?: false;
} & (Pick<JoinRequest, 'clientId' | 'clientKey'> | { readonly clientId?: undefined });

/** The document that a session is in, as far as the session knows it. */
export interface SessionHome {
  readonly id: DocumentId;
  readonly counters: Counters;
  join(session: Session, request: SessionJoin, answer: (joined: Joined) => void): Promise<void>;
  takeClientId(session: Session, clientId: number, clientKey: string): Promise<void>;
  stateVector(): Uint8Array;
  showsAnother(session: Session, clientId: number, clock: number): boolean;
  belongsToAnother(session: Session, clientId: number): boolean;
  everybody(): Uint8Array;
  settled(): Promise<void>;
  upToDate(): Promise<number>;
  submit(
    session: Session,
    update: Uint8Array,
    kind: UpdateKind,
    settle: (outcome: number | CoscribeError) => void,
  ): void;
  submitWhole(
    session: Session,
    updates: readonly Uint8Array[],
    kind: UpdateKind,
    settle: (outcome: number | CoscribeError) => void,
  ): void;
  submitChain(
    session: Session,
    edits: readonly ChainedEdit[],
    kind: UpdateKind,
    after: WriteGuard['after'],
  ): void;
  submitAwareness(session: Session, update: Uint8Array): void;
  /** The client shows something else than the document does at that `seq`. */
  diverged(session: Session, shown: ContentCheck): void;
  sayStateless(session: Session, payload: string): Promise<string | undefined>;
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

  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  /** Why it was closed, if the client did not just go. */
  endedFor: ErrorCode | undefined;

  constructor(
    readonly id: string,
    private admitted: Admission,
    private readonly home: SessionHome,
    private readonly transport: SessionTransport,
    /** It only looks: it neither counts for how many people may be in the document, nor for how fast that sends. */
    readonly follows = false,
  ) {
    this.since = admitted.at;
  }

  /** What the client speaks; `undefined` if it is the server's own. */
  get protocol(): ClientProtocol | undefined {
    return this.transport.protocol;
  }

  /** The client's Yjs clientID; `NOBODY` as long as it is not known. */
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

  /** It misses updates, as too much waits for it. */
  get isBehind(): boolean {
    return this.state.at === 'slow';
  }

  /** What others see of this client whatever it says itself. */
  get shownAs(): JoinedUser | undefined {
    return shownAs(this.admitted);
  }

  /** Nobody is there: the application itself edits or reads. */
  get byApplication(): boolean {
    return this.admitted.application !== undefined;
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
  async join(request: SessionJoin, answer: (joined: Joined) => void): Promise<void> {
    if (this.state.at === 'left') throw new CoscribeError('not-joined');
    if (this.state.at === 'joining') throw new CoscribeError('bad-request', 'a join is under way');
    this.state = { at: 'joining' };
    try {
      // The first time it was counted when the document was opened.
      if (this.everLive) this.transport.meter.join();
      await this.home.join(this, request, answer);
    } catch (error) {
      this.countRefusal('join', toCoscribeError(error));
      // Whoever never got in must not keep the document open; whoever was in may still save what it has.
      if (!this.everLive) this.leave();
      else if (this.state.at === 'joining') this.state = { at: 'interrupted' };
      throw error;
    }
  }

  /**
   * Takes a clientID for a client that joined without one, or shows another one than it had. Before that it can neither
   * edit nor show itself.
   *
   * @param clientKey as `JoinRequest.clientKey`
   * @throws CoscribeError `client-id-in-use`, `not-joined`, `store-unavailable`; the session keeps what it had
   */
  async takeClientId(clientId: number, clientKey: string): Promise<void> {
    if (!this.everLive || this.state.at === 'left') throw new CoscribeError('not-joined');
    await this.home.takeClientId(this, clientId, clientKey);
  }

  /** What the document has, what waits for the disk included, as `Y.encodeStateVector` writes it. */
  stateVector(): Uint8Array {
    return this.home.stateVector();
  }

  /** Whether somebody else in the document, here or on another node, shows himself under this clientID, with at least this clock. */
  isShownByAnother(clientId: number, clock = 0): boolean {
    return this.home.showsAnother(this, clientId, clock);
  }

  /** Whether somebody else in the document, on this node, writes under this clientID: new edits under it come from him only. */
  isOfAnother(clientId: number): boolean {
    return this.home.belongsToAnother(this, clientId);
  }

  /** Everybody who shows himself, as one awareness update; empty if nobody does. */
  everybody(): Uint8Array {
    return this.home.everybody();
  }

  /** Fulfils once everything that was taken up to now is durable, or given up. */
  settled(): Promise<void> {
    return this.home.settled();
  }

  /**
   * Fulfils once everything is part of the document here that anybody was answered before the call, and is on its way to
   * the session: up to this `seq`.
   *
   * @throws CoscribeError `store-unavailable`, `document-reloading`
   */
  upToDate(): Promise<number> {
    return this.home.upToDate();
  }

  /** Hands an update to the document; `settle` is told its number once it is durable, or why it was refused. */
  submit(update: Uint8Array, kind: UpdateKind, settle: (outcome: number | CoscribeError) => void): void {
    try {
      // An interrupted client may still save: only what it is shown has to wait for its next join.
      if (this.claimed === undefined || this.state.at === 'left') throw new CoscribeError('not-joined');
      this.transport.meter.update(update.length);
      this.home.submit(this, update, kind, settle);
    } catch (error) {
      settle(this.countRefusal('update', toCoscribeError(error)));
    }
  }

  /**
   * Hands updates to the document that are stored together or not at all; each may build on those before it, and whatever comes
   * after them, on all of them.
   *
   * @param updates one or more
   * @param settle is told the number of the last one once they are durable, or why nothing was stored
   */
  submitWhole(
    updates: readonly Uint8Array[],
    kind: UpdateKind,
    settle: (outcome: number | CoscribeError) => void,
  ): void {
    try {
      if (this.claimed === undefined || this.state.at === 'left') throw new CoscribeError('not-joined');
      for (const { length } of updates) this.transport.meter.update(length);
      this.home.submitWhole(this, updates, kind, settle);
    } catch (error) {
      settle(this.countRefusal('update', toCoscribeError(error)));
    }
  }

  /**
   * Hands updates to the document that are stored together or not at all, and only if the guard lets them. They must not be
   * built upon before they are durable.
   *
   * @param updates one or more; each may build on those before it
   * @param settle is told the number of the last one, or why nothing was stored: `precondition-failed`;
   *   `request-under-way` if the receipt is there already, so that `readReceipt` says what became of the edit; whatever
   *   `submit` may be refused with. What is `retryable` has not happened, but for `store-unavailable`, which may have
   */
  submitGuarded(
    updates: readonly Uint8Array[],
    kind: UpdateKind,
    { after, receipt }: WriteGuard,
    settle: (outcome: number | CoscribeError) => void,
  ): void {
    this.submitChain([{ updates, settle, ...(receipt !== undefined && { receipt }) }], kind, after);
  }

  /**
   * Hands edits to the document that share a commit, and must not be built upon by others before it. Each is stored only if those
   * before it are: the first that is not is told why, as with `submitGuarded`, and those after it `precondition-failed`:
   * it helps to make them once more. All but the first need a receipt, by which to find out whether they were stored.
   *
   * @param after as `WriteGuard.after`, for the first of them
   */
  submitChain(edits: readonly ChainedEdit[], kind: UpdateKind, after?: WriteGuard['after']): void {
    try {
      if (this.claimed === undefined || this.state.at === 'left') throw new CoscribeError('not-joined');
      for (const { updates } of edits) for (const { length } of updates) this.transport.meter.update(length);
      this.home.submitChain(this, edits, kind, after);
    } catch (error) {
      const refused = this.countRefusal('update', toCoscribeError(error));
      for (const { settle } of edits) settle(refused);
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
    const wait = isWaiting ? 0 : meter.awareness(update.length);
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
   * Tells the application something that is beside the document.
   *
   * @returns its answer, if it has one
   * @throws CoscribeError `not-joined`, `too-many-updates`; `internal` if the application fails
   */
  async sayStateless(payload: string): Promise<string | undefined> {
    if (!this.everLive || this.state.at === 'left') throw new CoscribeError('not-joined');
    this.transport.meter.update(payload.length);
    return this.home.sayStateless(this, payload);
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

  /** @returns `behind` if the session has just become too slow and needs looking after (`lookAfter`) */
  sendUpdates(frame: Broadcast, now: number): 'sent' | 'passed over' | 'behind' {
    if (this.state.at !== 'live') return 'passed over';
    const queued = this.transport.queuedBytes();
    if (queued <= DROP_UPDATES_ABOVE) {
      this.transport.sendUpdates(frame);
      return 'sent';
    }
    this.state = { at: 'slow', since: now, queued };
    return 'behind';
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
    this.home.counters.add('sessions-cut', 1);
    this.close(new CoscribeError('too-slow'), 0);
    return false;
  }

  /** Tells the client once that its stream is interrupted; it has to join again. */
  interrupt(reason: CoscribeError): void {
    if (this.state.at === 'interrupted' || this.state.at === 'left') return;
    this.state = { at: 'interrupted' };
    this.home.counters.add('resyncs', 1);
    this.transport.sendResync(reason);
  }

  /** Asks the client to go over to another node in so many milliseconds. Until then everything goes on. */
  move(afterMs: number): void {
    if (this.state.at !== 'left') this.transport.sendMove(afterMs);
  }

  /** Something that is beside the document: whoever does not read misses it. */
  sendStateless(payload: Broadcast): void {
    if (!this.everLive || this.state.at === 'left') return;
    if (this.transport.queuedBytes() <= DROP_AWARENESS_ABOVE) this.transport.sendStateless?.(payload);
  }

  refuse(error: CoscribeError): void {
    if (error.code === 'awareness-refused') this.home.counters.refuse('awareness', error.code);
    if (this.state.at !== 'left') this.transport.sendRefused(error);
  }

  /** Ends the session from the server's side. */
  close(reason: CoscribeError, reconnectAfterMs: number): void {
    if (this.state.at === 'left') return;
    this.endedFor = reason.code;
    this.transport.close(reason, reconnectAfterMs);
    this.leave();
  }

  /** Counts a refusal; what the server does for somebody else is refused to him in another way. */
  private countRefusal(what: 'join' | 'update', error: CoscribeError): CoscribeError {
    if (!this.byApplication) this.home.counters.refuse(what, error.code);
    return error;
  }

  private showWaiting(): void {
    const update = this.waitingAwareness;
    this.waitingAwareness = undefined;
    if (update !== undefined && this.state.at !== 'left') this.submitAwareness(update);
  }
}
