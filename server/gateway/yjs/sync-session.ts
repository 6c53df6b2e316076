import { CoscribeError, toCoscribeError } from '../../../shared/errors.js';
import { decodeFrame, decodeUpdateList, frameEnd } from '../../../shared/frames.js';
import type { DocumentId } from '../../../shared/ids.js';
import type { Joined, Role } from '../../../shared/protocol.js';
import type { Clock, Random, Timer } from '../../../shared/time.js';
import type { Admission } from '../../documents/admitted.js';
import type { Broadcast } from '../../documents/broadcast.js';
import type { Documents } from '../../documents/documents.js';
import { isUnlogged } from '../../documents/hook-failure.js';
import type { Meter } from '../../documents/meter.js';
import { NOBODY, type Session } from '../../documents/session.js';
import type { ClientProtocol, SessionTransport } from '../../documents/session-transport.js';
import type { Log } from '../../telemetry/log.js';
import { breather, demandShort, LARGE_BYTES, type Settle } from './large-updates.js';
import { SyncAwareness } from './sync-awareness.js';
import { contentFor, KnownDeletes, newsOf, readKnown } from './sync-news.js';
import type { SyncWire } from './sync-wire.js';
import { SyncWriting } from './sync-writing.js';
import { WorkLine } from './work-line.js';

/** Whoever has to begin anew may do so after so long, in milliseconds. */
const COME_BACK_AFTER_MS = 1_000;

/** Who answers has to wait with his next answer so many times as long as it took to look through this one. */
const REST_AFTER_ANSWER = 10;

/**
 * Whoever shows himself says so right after he has asked for the document. What is told before that he may not take; what is
 * told as news by mistake of himself he would take for his own, and show no more: two losses on the way fit in, in milliseconds.
 */
const SHOWS_ITSELF_WITHIN_MS = 3_000;

/** Stands for "its last number" in `Broadcast.encodeOnce`. */
const END = {};

const ignore = (): void => {};

export interface SyncSessionOptions {
  readonly documents: Documents;
  readonly id: DocumentId;
  readonly admission: Admission;
  readonly meter: Meter;
  readonly wire: SyncWire;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * A client of a protocol that is made of y-protocols' sync and awareness messages, in one document. What those protocols
 * lack is made up for here:
 *
 * - The client does not say under which clientID it writes: that shows when it shows itself, or first writes.
 * - An edit has no answer, or none that can say "again": whatever was refused for a passing reason, or did not follow from
 *   what the document has, the client is asked for once more, by the state vector of the document.
 * - There is no word for "your stream has a gap": what was missed is read from the log, and sent as any update.
 *
 * Nothing that a client sends may throw out of here.
 */
export class SyncSession implements SessionTransport {
  readonly meter: Meter;
  private session: Session | undefined;
  /** What of the answer to a join counts later. */
  private joined: Pick<Joined, 'generation' | 'limits'> | undefined;
  /** Last `seq` that was sent. */
  seq = 0;
  private readonly deletes = new KnownDeletes();
  private readonly awareness: SyncAwareness;
  private readonly writing: SyncWriting;
  /** What is done one after the other: to come in, to take a clientID, to come in again. */
  private readonly work = new WorkLine();
  private mayAnswerAt = 0;
  private toldRole: Role | undefined;
  private leaving: Timer | undefined;
  private showing: Timer | undefined;
  private over = false;
  private hasLoggedRefusal = false;

  constructor(private readonly options: SyncSessionOptions) {
    this.meter = options.meter;
    this.awareness = new SyncAwareness(options);
    this.writing = new SyncWriting(options, this);
  }

  get protocol(): ClientProtocol {
    return this.options.wire.protocol;
  }

  get role(): Role {
    return this.session?.role ?? this.options.admission.grant.role;
  }

  /** What it may do, and until when, as it was said last. */
  get admission(): Admission {
    return this.session?.admission ?? this.options.admission;
  }

  /** Whether it has been told what the document has. */
  get isIn(): boolean {
    return this.joined !== undefined;
  }

  /** Whether the client is gone, or sent away. */
  get isOver(): boolean {
    return this.over;
  }

  /** How much it may write; `undefined` until it is in. */
  get limits(): Joined['limits'] | undefined {
    return this.joined?.limits;
  }

  /** Asks the client for whatever the document has not. */
  askForTheRest(): void {
    const { session } = this;
    if (session !== undefined && !session.left && this.isIn && !this.over)
      this.options.wire.sendStateVector(session.stateVector());
  }

  /** The client says what it has, and wants the rest. */
  receiveStateVector(stateVector: Uint8Array): void {
    const copy = new Uint8Array(stateVector);
    this.after(copy.length, () => this.comeIn(copy));
  }

  /**
   * The client sends what it has just written.
   *
   * @param settle told once: `seq` of the row once it is durable, or why it is not taken. What follows from a refusal is
   *   done here; if the client is asked for it again, its answer is another message.
   */
  receiveUpdate(update: Uint8Array, settle: Settle = ignore): void {
    const { session } = this;
    const isIdle = this.work.isEmpty && update.length <= LARGE_BYTES;
    if (isIdle && session !== undefined && session.clientId !== NOBODY)
      this.writing.submit(session, update, settle);
    else this.takeLater(update, (joined, copy) => this.writing.hand(joined, copy, settle), settle);
  }

  /**
   * The client answers a state vector: with what the document lacks, and with whatever it ever deleted.
   *
   * @param settle as in `receiveUpdate`; an answer with nothing new is durable
   */
  receiveAnswer(update: Uint8Array, settle: Settle = ignore): void {
    if (this.isIn) this.awareness.heard();
    this.takeLater(
      update,
      async (session, copy, limits) => {
        demandShort(copy, limits);
        await breather(copy);
        const news = await this.lookThrough(session, copy);
        this.writing.beginAnew();
        if (news === undefined) await this.writing.settleNothing(session, settle);
        else await this.writing.hand(session, news, settle);
      },
      settle,
    );
  }

  /** The client shows itself, and says again what it was told of others. */
  receiveAwareness(update: Uint8Array): void {
    const copy = new Uint8Array(update);
    const speaker = this.awareness.received(copy, this.isIn ? this.session : undefined);
    this.after(
      copy.length,
      async () => {
        if (this.session === undefined || !this.isIn) throw new CoscribeError('not-joined');
        await this.awareness.show(this.session, copy, speaker);
        this.awareness.tellMissed(this.session);
      },
      'awareness',
    );
  }

  /** The client asks who is there. It is answered as often as it may join: the answer may be as large. */
  receiveAwarenessQuery(): void {
    this.after(
      0,
      async () => {
        this.meter.join();
        this.tellStanding();
      },
      'awareness',
    );
  }

  /**
   * Says again who is there: clients of these protocols forget whoever has said nothing for 30 s. To be called every 15 s or so;
   * sends nothing if nobody else is there.
   */
  renewAwareness(): void {
    if (this.isIn) this.tellStanding();
  }

  /** The client tells the application something beside the document. @throws CoscribeError as `Session.sayStateless` */
  async sayStateless(payload: string): Promise<string | undefined> {
    if (this.session === undefined) throw new CoscribeError('not-joined');
    return this.session.sayStateless(payload);
  }

  /** @throws CoscribeError as `Session.renew` */
  async renew(...credentials: Parameters<Session['renew']>): Promise<Role> {
    if (this.session === undefined) throw new CoscribeError('not-joined');
    const role = await this.session.renew(...credentials);
    this.awareness.mayShowAgain();
    return role;
  }

  /** The client is gone. Its updates under way are still committed. */
  leave(): void {
    if (this.over) return;
    this.over = true;
    const { clock } = this.options;
    for (const timer of [this.leaving, this.showing]) if (timer !== undefined) clock.cancel(timer);
    this.writing.end();
    this.work.clear();
    this.session?.leave();
  }

  sendUpdates(frame: Broadcast): void {
    this.seq = frame.encodeOnce(END, (bytes) => frameEnd(decodeFrame(bytes)));
    this.options.wire.sendUpdates(frame);
    this.writing.sent(frame);
  }

  sendAwareness(update: Broadcast): void {
    this.awareness.tellChanges(this.session, update);
  }

  sendStateless(payload: Broadcast): void {
    this.options.wire.sendStateless?.(payload);
  }

  sendResync(): void {
    this.after(0, () => this.comeBack());
  }

  sendSaving(possible: boolean): void {
    if (possible) this.writing.askAtOnce();
  }

  sendAccess(role: Role): void {
    this.options.wire.sendRole(role);
    this.takeRole(role);
    // What it wrote when it was not allowed to is still there.
    if (role !== 'viewer') this.writing.ask();
  }

  sendRenew(): void {
    this.options.wire.sendRenew();
  }

  sendMove(afterMs: number): void {
    this.leaving ??= this.options.clock.schedule(afterMs, () =>
      this.close(new CoscribeError('shutting-down'), 0),
    );
  }

  close(reason: CoscribeError, reconnectAfterMs: number): void {
    if (this.over) return;
    this.options.wire.close(reason, reconnectAfterMs);
    this.leave();
  }

  queuedBytes(): number {
    return this.options.wire.queuedBytes();
  }

  /** What they show of themselves has no answer in these protocols: the operator is told, once. */
  sendRefused(error: CoscribeError): void {
    if (error.code !== 'awareness-refused') return;
    this.awareness.mayShowAgain();
    if (this.hasLoggedRefusal) return;
    this.hasLoggedRefusal = true;
    const { log, id, wire } = this.options;
    log.warn(
      { document: id, protocol: wire.protocol, why: error.message },
      'what a client shows of itself is not shown',
    );
  }

  // These protocols compare nothing.
  sendCheck(): void {}

  private async comeIn(stateVector: Uint8Array): Promise<void> {
    const known = readKnown(stateVector);
    const { documents, id, admission, wire } = this.options;
    const session = this.session ?? (await documents.open(id, admission, this));
    this.session = session;
    if (this.over) {
      session.leave();
      return;
    }
    await session.join(known === undefined ? {} : { stateVector }, (joined) => {
      // Not all of it: the content may be as large as the document.
      const { generation, limits } = joined;
      this.joined = { generation, limits };
      this.takeRole(joined.role);
      this.seq = joined.head;
      const awareness = this.awareness.answered(session, joined.awareness);
      const content = decodeUpdateList(joined.content);
      this.deletes.sent(content);
      const updates = contentFor(content, known);
      wire.sendContent({ updates, stateVector: session.stateVector(), awareness });
    });
    if (!this.over) this.waitForItself(session);
  }

  /** The stream was interrupted: what was missed is in the log. */
  private async comeBack(): Promise<void> {
    const { session, joined, seq } = this;
    if (session === undefined || session.left || joined === undefined) return;
    const { wire } = this.options;
    await session.join({ generation: joined.generation, seq }, ({ head, content, awareness, role }) => {
      this.seq = head;
      // Of what changed while it joined nobody is told.
      if (role !== this.toldRole) this.sendAccess(role);
      for (const update of decodeUpdateList(content)) wire.sendUpdate(update);
      this.awareness.tellStanding(session, awareness);
    });
    wire.sendStateVector(session.stateVector());
  }

  /**
   * What is new in an answer. Everything that somebody ever deleted is in it, so that takes up to some 100 ms; who answers again
   * and again rests in between.
   */
  private async lookThrough(session: Session, answer: Uint8Array): Promise<Uint8Array | undefined> {
    const { clock } = this.options;
    const wait = this.mayAnswerAt - clock.monotonic();
    if (wait > 0) await new Promise<void>((resolve) => clock.schedule(wait, resolve));
    const begunAt = clock.monotonic();
    const news = newsOf(answer, session.stateVector(), this.deletes);
    const now = clock.monotonic();
    this.mayAnswerAt = now + REST_AFTER_ANSWER * (now - begunAt);
    return news;
  }

  private takeRole(role: Role): void {
    this.toldRole = role;
    this.writing.takeRole(role);
  }

  private takeLater(
    update: Uint8Array,
    take: (session: Session, copy: Uint8Array, limits: Joined['limits']) => Promise<void>,
    settle: Settle,
  ): void {
    // Nobody has much to say before he was asked, and what is kept until then nobody else has room for.
    if (update.length > LARGE_BYTES && this.joined === undefined) {
      settle(new CoscribeError('too-many-updates'));
      this.close(new CoscribeError('too-many-updates'), COME_BACK_AFTER_MS);
      return;
    }
    const copy = new Uint8Array(update);
    const isTaken = this.after(copy.length, async () => {
      const { session, joined } = this;
      if (session === undefined || joined === undefined) throw new CoscribeError('not-joined');
      await take(session, copy, joined.limits);
    });
    if (!isTaken) settle(new CoscribeError('too-many-updates'));
  }

  private tellStanding(): void {
    const { session } = this;
    if (session !== undefined && !session.left && !this.over)
      this.awareness.tellStanding(session, session.everybody());
  }

  /** Nobody has to show himself: those who do not are told of others as well. */
  private waitForItself(session: Session): void {
    const { awareness } = this;
    if (this.showing !== undefined || awareness.knowsItself(session)) return;
    this.showing = this.options.clock.schedule(SHOWS_ITSELF_WITHIN_MS, () => {
      // What it has said by now comes first.
      this.after(0, async () => {
        awareness.hadTime();
        awareness.tellMissed(session);
      });
    });
  }

  /** Does something when all that came before it is done. @returns `false` if too much waits */
  private after(bytes: number, run: () => Promise<void>, what: 'sync' | 'awareness' = 'sync'): boolean {
    if (this.over) return false;
    const isTaken = this.work.add(bytes, async () => {
      try {
        if (!this.over) await run();
      } catch (error) {
        this.failed(toCoscribeError(error), what);
      }
    });
    if (!isTaken) this.close(new CoscribeError('too-many-updates'), COME_BACK_AFTER_MS);
    return isTaken;
  }

  private failed(error: CoscribeError, what: 'sync' | 'awareness'): void {
    if (this.over) return;
    const { log, id } = this.options;
    // What somebody says of himself before he is in is no harm.
    if (what === 'awareness' && error.code !== 'internal') return;
    if (isUnlogged(error)) log.error({ document: id, err: error.cause ?? error }, 'a message failed');
    this.close(error, error.retryable || error.code === 'not-joined' ? COME_BACK_AFTER_MS : -1);
  }
}
