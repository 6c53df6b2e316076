import { type CoscribeError, toCoscribeError } from '../../../shared/errors.js';
import type { DocumentId } from '../../../shared/ids.js';
import type { Role } from '../../../shared/protocol.js';
import type { StateVector } from '../../../shared/state-vector.js';
import type { Admission } from '../../documents/admitted.js';
import type { Broadcast } from '../../documents/broadcast.js';
import type { GatewayServices } from '../gateway-services.js';
import type { WebSocketLine } from '../websocket/web-socket-line.js';
import { STEP_1, STEP_2, UPDATE } from '../y-websocket-messages.js';
import { soleShown } from '../yjs/raised-awareness.js';
import { SyncSession } from '../yjs/sync-session.js';
import type { SyncContent, SyncWire } from '../yjs/sync-wire.js';
import { AddressWriter } from './address-writer.js';
import { ApplicationLine } from './application-line.js';
import { bringsAll, exceeds, isCounted, readOwned } from './counted-updates.js';
import { credentialsOf, Entering } from './entering.js';
import type { JoinTurns } from './join-turns.js';
import type { DocumentMessage } from './messages.js';
import { UnsyncedCount } from './unsynced-count.js';
import type { VectorRoom } from './vector-room.js';

/** A token that could not be looked at is asked for again after so long, in milliseconds. */
const RENEW_AGAIN_MS = 5_000;
/** What a client shows of itself before it is in, in bytes. */
const MAX_AWARENESS_BYTES = 16 * 1024;
/** HTTP statuses of what the application may take for "sign in", or "you may not". */
const ABOUT_ACCESS: ReadonlySet<number> = new Set([401, 403, 404, 410]);
/** Of whoever has nothing, as Yjs writes it. */
const NOTHING = Uint8Array.of(0);

/** The connection that a channel is part of. */
export interface ChannelHome {
  readonly line: WebSocketLine;
  readonly services: GatewayServices;
  readonly turns: JoinTurns;
  /** Whether the client may still send what it kept while it was not connected. */
  readonly mayKeepUpdates: boolean;
  /** What is kept of its clients' state vectors. */
  readonly vectors: VectorRoom;
  /** The client has answered a step 1: it has sent what it kept. */
  answered(): void;
  /** A document is open, or is not any more. */
  openChanged(): void;
  /** The whole connection has to begin anew, in so many milliseconds. */
  reset(reason: CoscribeError, afterMs: number): void;
}

/**
 * One document of one connection: a provider, as its client calls it. It is out, then let in by a token, and out again when it
 * is refused or its access ends; another token brings it back.
 *
 * From the provider's step 1 until it has answered ours its updates are passed over: the answer brings them all at once.
 */
export class DocumentChannel implements SyncWire {
  readonly protocol = 'hocuspocus';
  private readonly writer: AddressWriter;
  private readonly unsynced: UnsyncedCount;
  private readonly entering: Entering;
  private application: ApplicationLine | undefined;
  /** There while it is in. */
  private session: SyncSession | undefined;
  /** The session was told what the provider has. */
  private hasJoined = false;
  /** What the provider has, and shows of itself, until it was sent content. */
  private stateVector: Uint8Array | undefined;
  private shown: Uint8Array | undefined;
  /** It has said once what it has. */
  private hasAsked = false;
  /** What it had when it began to count; absent once it has answered. */
  private owned: StateVector | undefined;
  /** What it was asked for until then, as the state vector of our step 1. */
  private wanted: Uint8Array | undefined;
  private version: string | undefined;
  /** It was sent away, and only a token brings it back. */
  private isRefused = false;

  constructor(
    address: string,
    private readonly id: DocumentId,
    private readonly home: ChannelHome,
  ) {
    const { line, services } = home;
    const writer = new AddressWriter(line, address);
    this.writer = writer;
    this.unsynced = new UnsyncedCount((count) => writer.areSaved(count));
    this.entering = new Entering({
      id,
      line,
      services,
      admitted: (admission) => {
        writer.role(admission.grant.role);
        this.begin(admission);
      },
      refused: (error) => {
        if (error.code === 'shutting-down') home.reset(error, 0);
        else this.refuse(error, false);
      },
    });
  }

  get isOpen(): boolean {
    return this.session !== undefined;
  }

  receive(message: DocumentMessage): void {
    const { session } = this;
    switch (message.type) {
      case 'auth':
        this.version = message.version;
        if (session === undefined) this.enter(message.token);
        else void this.renew(session, message.token);
        break;
      case 'step-1':
        this.ask(message.bytes);
        break;
      case 'step-2':
        if (session !== undefined && this.hasJoined) this.answer(session, message.bytes);
        break;
      case 'update':
        this.update(message.bytes);
        break;
      case 'awareness':
        this.awareness(message.bytes);
        break;
      case 'query-awareness':
        session?.receiveAwarenessQuery();
        break;
      case 'stateless':
        if (session !== undefined) this.tellApplication(session, message.payload);
        break;
      default: // what only servers say, and what newer versions may
    }
  }

  /** To be called every 15 s or so. */
  pulse(): void {
    this.session?.renewAwareness();
  }

  /** The client has done with it, or is gone. */
  leave(): void {
    this.entering.stop();
    this.home.turns.done(this);
    this.unsynced.interrupt();
    const { session } = this;
    this.session = undefined;
    session?.leave();
  }

  sendContent({ updates, stateVector, awareness }: SyncContent): void {
    this.stateVector = undefined;
    this.forgetUnused();
    this.shown = undefined;
    this.entering.succeeded();
    // Not before it is queued.
    queueMicrotask(() => this.home.turns.done(this));
    this.sendStateVector(stateVector);
    if (awareness.length > 0) this.writer.awareness(awareness);
    const last = updates.length - 1;
    // By step 2 the provider counts as synced: nothing may be missing then.
    for (const [at, update] of updates.entries()) this.writer.sync(at === last ? STEP_2 : UPDATE, update);
  }

  sendUpdates(frame: Broadcast): void {
    this.writer.updates(frame);
  }

  sendUpdate(update: Uint8Array): void {
    this.writer.sync(UPDATE, update);
  }

  sendAwareness(update: Broadcast): void {
    this.writer.awarenessToMany(update);
  }

  sendStateless(payload: Broadcast): void {
    this.writer.statelessToMany(payload);
  }

  sendStateVector(stateVector: Uint8Array): void {
    if (this.owned !== undefined) this.wanted = stateVector;
    this.writer.sync(STEP_1, stateVector);
  }

  sendRole(role: Role): void {
    this.writer.role(role);
  }

  sendRenew(): void {
    this.writer.tokenRequest();
  }

  // It is said by a SyncStatus for each message.
  sendRefused(): void {}

  close(reason: CoscribeError, reconnectAfterMs: number): void {
    const { home, session } = this;
    const wasIn = session?.isIn ?? false;
    this.session = undefined;
    home.turns.done(this);
    this.unsynced.interrupt();
    home.openChanged();
    // Whoever does not read would not read a farewell either.
    if (reason.code === 'too-slow') home.line.cutOff();
    // Another token may let it in again, without any other document noticing.
    else if (reconnectAfterMs < 0 || reason.code === 'token-expired') this.refuse(reason, true);
    else if (wasIn || reason.code === 'shutting-down') home.reset(reason, reconnectAfterMs);
    else if (session !== undefined) this.entering.later(() => this.begin(session.admission));
  }

  queuedBytes(): number {
    return this.home.line.queuedBytes();
  }

  /** The provider begins: it says what it has, and counts anew what it has not saved. */
  private ask(said: Uint8Array): void {
    this.hasAsked = true;
    // What it shows of itself follows; before that 2.x may have said what other tabs show.
    this.shown = undefined;
    // One that there is no room for counts as nothing: then the whole document is sent.
    const stateVector = this.home.vectors.take(this, said.length) ? said : NOTHING;
    const owned = readOwned(stateVector);
    // One that it kept from before it was connected is older than the one that it sent when it was.
    if (!this.home.mayKeepUpdates || this.owned === undefined || exceeds(owned, this.owned)) {
      this.unsynced.restart();
      this.owned = owned;
    }
    this.stateVector = new Uint8Array(stateVector);
    if (this.session !== undefined) this.join(this.session);
    // 2.x sends no token if it has none.
    else if (!this.entering.isUnderWay && !this.isRefused) this.enter('');
  }

  private join(session: SyncSession): void {
    this.home.turns.enter(this, () => {
      // Who was sent away, and shows another token, does not ask once more.
      this.hasJoined = true;
      session.receiveStateVector(this.stateVector ?? NOTHING);
      if (this.shown !== undefined) session.receiveAwareness(this.shown);
    });
  }

  private answer(session: SyncSession, update: Uint8Array): void {
    const { owned, wanted } = this;
    if (owned !== undefined) {
      // One that it kept, to what it was asked over an earlier connection, does not bring all.
      if (wanted === undefined || !bringsAll(update, owned, wanted)) return;
      this.owned = undefined;
      this.forgetUnused();
      this.wanted = undefined;
      this.home.answered();
    }
    session.receiveAnswer(update, this.unsynced.answer(this.notSaved));
  }

  private forgetUnused(): void {
    if (this.stateVector === undefined && this.owned === undefined) this.home.vectors.leave(this);
  }

  private update(update: Uint8Array): void {
    // What came before its step 1 it does not count, and its answer brings it.
    if (!this.hasAsked) return;
    const { session, owned, unsynced } = this;
    if (session !== undefined && this.hasJoined && owned === undefined)
      session.receiveUpdate(update, unsynced.update(this.notSaved));
    else if (owned === undefined || isCounted(update, owned, this.home.mayKeepUpdates)) unsynced.passedOver();
  }

  private awareness(update: Uint8Array): void {
    if (this.session !== undefined && this.hasJoined) this.session.receiveAwareness(update);
    else if (update.length <= MAX_AWARENESS_BYTES && this.isItsOwn(update))
      this.shown = new Uint8Array(update);
  }

  private isItsOwn(update: Uint8Array): boolean {
    return this.shown === undefined || soleShown(update)?.clientId === soleShown(this.shown)?.clientId;
  }

  private tellApplication(session: SyncSession, payload: string): void {
    this.application ??= new ApplicationLine((answer) => this.writer.stateless(answer));
    this.application.say(() => session.sayStateless(payload));
  }

  private readonly notSaved = ({ code }: CoscribeError): void => {
    if (code === 'read-only' && this.home.line.meter.refusal()) this.writer.isNotSaved();
  };

  private enter(token: string): void {
    this.isRefused = false;
    this.entering.begin(token);
  }

  private begin(admission: Admission): void {
    const { line, services } = this.home;
    const session = new SyncSession({ ...services, id: this.id, admission, meter: line.meter, wire: this });
    this.session = session;
    this.hasJoined = false;
    this.home.openChanged();
    if (this.hasAsked) this.join(session);
  }

  private async renew(session: SyncSession, token: string): Promise<void> {
    const { line, services } = this.home;
    try {
      line.meter.join();
      this.writer.role(await session.renew(credentialsOf(line, token)));
    } catch (thrown) {
      if (this.session !== session) return;
      const error = toCoscribeError(thrown);
      if (error.retryable) services.clock.schedule(RENEW_AGAIN_MS, () => this.askForToken(session));
      // The session goes on as long as its old token does.
      else if (error.code !== 'not-joined') this.writer.denied(error);
    }
  }

  private askForToken(session: SyncSession): void {
    if (this.session === session) this.writer.tokenRequest();
  }

  /** Nothing but another token brings it back. */
  private refuse(error: CoscribeError, wasLetIn: boolean): void {
    this.isRefused = true;
    // 2.x leaves when it is denied, and fails at a message that it would be closed with; later ones know both. Which of
    // 2.x and 3.x it is nobody can tell.
    if (!wasLetIn || this.version === undefined || ABOUT_ACCESS.has(error.status)) this.writer.denied(error);
    if (wasLetIn) this.writer.closed(error);
  }
}
