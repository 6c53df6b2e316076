import { CoscribeError, type ErrorCode } from '../../shared/errors.js';
import { encodeUpdateList } from '../../shared/frames.js';
import type { DocumentId } from '../../shared/ids.js';
import type { ContentCheck, Joined } from '../../shared/protocol.js';
import type { Clock } from '../../shared/time.js';
import type { DocumentPosition } from '../storage/store.js';
import type { Counters } from '../telemetry/counters.js';
import type { Broadcast } from './broadcast.js';
import type { BusLine } from './bus-line.js';
import { authorOf, Clients } from './clients.js';
import { type Compared, compareTail } from './compare-tail.js';
import { type ContentBefore, contentBefore, fitsTail } from './content.js';
import { countCommit, countJoin } from './count-edits.js';
import { Crowd } from './crowd.js';
import { DocumentPresence } from './document-presence.js';
import { FanOut, type FanOutHome, type FrameFacts } from './fan-out.js';
import type { GroupCommit } from './group-commit.js';
import { Intake } from './intake.js';
import { tellJoined, tellLeft } from './journal.js';
import type { LoadedDocument } from './load.js';
import { LogReplica, type LogReplicaHome, type ReplicaRow } from './log-replica.js';
import { receiveMessage } from './node-messages.js';
import { demand } from './permissions.js';
import { QuietCheck } from './quiet-check.js';
import type { DocumentServices } from './services.js';
import { NOBODY, type Session, type SessionHome, type SessionJoin } from './session.js';
import { Stateless } from './stateless.js';
import type { CommittedBatch, UpdateLog, UpdateLogHome } from './update-log.js';

/** What the owner of a document wants to hear of it. */
export interface LiveDocumentEvents {
  joined(): void;
  lastLeft(): void;
  /** The copy in memory can't go on; it has to be put away and loaded again. */
  broken(error: CoscribeError): void;
}

type Homes = SessionHome & UpdateLogHome<Session> & FanOutHome<Session> & LogReplicaHome<Session>;

/**
 * The loaded copy of a document on this node: its log (`LogReplica`), and the sessions. There is no `Y.Doc` here: the main
 * thread moves bytes.
 */
export class LiveDocument implements Homes {
  readonly id: DocumentId;
  readonly generation: string;
  /** What was committed here since it was loaded: updates, and their bytes. */
  readonly traffic = { edits: 0, bytes: 0 };
  private readonly presence: DocumentPresence;
  private readonly replica: LogReplica<Session>;
  private readonly crowd: Crowd;
  private readonly clients: Clients;
  private readonly log: UpdateLog<Session>;
  private readonly fanOut: FanOut<Session>;
  private readonly check: QuietCheck;
  private readonly intake: Intake;
  private readonly stateless: Stateless;
  private closing: CoscribeError | undefined;
  private lost = false;

  constructor(
    loaded: LoadedDocument,
    private readonly services: DocumentServices,
    private readonly line: BusLine,
    private readonly events: LiveDocumentEvents,
  ) {
    const { id, generation } = loaded;
    this.id = id;
    this.generation = generation;
    this.crowd = new Crowd(services);
    this.clients = new Clients(id, services.store);
    this.fanOut = new FanOut(this);
    this.log = services.createLog(this);
    this.replica = new LogReplica(loaded, services, line, this);
    this.replica.compaction.consider();
    const { stored } = this.replica;
    this.check = new QuietCheck({
      id,
      generation,
      stored,
      node: line.bus.node,
      services,
      tellSessions: (check) => this.crowd.each((session) => session.sendCheck(check)),
      tellNodes: (check) => line.publish({ kind: 'check', generation, ...check }),
      rebuild: (error) => this.onBroken(error),
    });
    this.presence = new DocumentPresence({
      clock: services.clock,
      maxBytes: services.limits.maxAwarenessBytes,
      maxDepth: services.limits.maxAwarenessDepth,
      room: services.presence,
      line,
      send: (update) => this.crowd.sendAwareness(update),
    });
    const { replica, presence, check, log, clients } = this;
    this.intake = new Intake({ ...services, replica, log, clients });
    this.stateless = new Stateless({ crowd: this.crowd, line, hooks: services.hooks });
    const receivers = {
      stateless: this.stateless,
      replica,
      presence,
      check,
      log: services.log,
      accessChanged: () => {
        void services.people.lookNow();
        // Perhaps it was deleted.
        this.replica.lookAtStore();
      },
    };
    line.attach((message, from) => {
      if (this.closing === undefined) receiveMessage(message, from, receivers);
    });
  }

  get counters(): Counters {
    return this.services.counters;
  }

  /** How many bytes of log the next snapshot will merge. */
  get tailBytes(): number {
    return this.replica.stored.tail.bytes;
  }

  /** Updates that wait for a commit, and their bytes. */
  get waiting(): { readonly edits: number; readonly bytes: number } {
    return { edits: this.log.pendingCount, bytes: this.log.pendingBytes };
  }

  /** Last committed `seq`, as far as it is known here. */
  get head(): number {
    return this.replica.head;
  }

  /** Answers a session's join. @throws CoscribeError as `Session.join` */
  async join(session: Session, request: SessionJoin, answer: (joined: Joined) => void): Promise<void> {
    const begun = this.clock.monotonic();
    this.refuseWhenClosing();
    if (this.crowd.add(session, this.services.limits.maxSessions)) this.events.joined();
    const { people, hooks } = this.services;
    await people.enter(session);
    if (hooks !== undefined) await hooks.enter(session);
    // Nobody is shown, or told of, a state that could still be lost.
    await this.log.settled();
    await this.replica.meet(request);
    if (request.clientId !== undefined) await this.takeClientId(session, request.clientId, request.clientKey);
    const isWanted = request.content !== false;
    let before = isWanted ? await contentBefore(this.replica, request, this.services) : undefined;
    while (before !== undefined && !fitsTail(before, this.replica))
      before = await contentBefore(this.replica, request, this.services);
    // From here to the end nothing is awaited: what is committed later reaches the session as a frame.
    this.refuseWhenClosing();
    if (session.left) throw new CoscribeError('not-joined');
    const joined = this.joined(session, this.contentAfter(before));
    answer(joined);
    session.goLive(joined.content.length);
    const ms = this.clock.monotonic() - begun;
    if (!session.byApplication) countJoin(this.counters, ms);
    tellJoined(this.services, session, ms);
    // A copy of its own may differ though its number is right; one that was given all of it is what was given.
    if (request.generation !== undefined) this.check.returned((check) => session.sendCheck(check));
  }

  async takeClientId(session: Session, clientId: number, clientKey: string): Promise<void> {
    const before = session.clientId;
    const author = authorOf(session.admission, clientKey);
    await this.clients.claim(session, clientId, author, this.replica.index.knows(clientId));
    if (before !== NOBODY && before !== clientId && this.clients.release(session))
      this.presence.remove(session);
    session.claim(clientId);
  }

  settled(): Promise<void> {
    return this.log.settled();
  }

  async upToDate(): Promise<number> {
    this.refuseWhenClosing();
    await this.replica.meet({});
    return this.head;
  }

  stateVector(): Uint8Array {
    return this.replica.index.stateVector();
  }

  showsAnother(session: Session, clientId: number, clock: number): boolean {
    return this.presence.showsAnother(session, clientId, clock);
  }

  belongsToAnother(session: Session, clientId: number): boolean {
    return this.clients.belongsToAnother(session, clientId);
  }

  everybody(): Uint8Array {
    return this.presence.everybody();
  }

  /** Puts an update in line for the disk. @throws CoscribeError as `Intake.submit` */
  submit(...update: Parameters<Intake['submit']>): void {
    this.refuseWhenClosing();
    this.intake.submit(...update);
  }

  /** Puts updates in line that are stored together or not at all. @throws CoscribeError as `Intake.submitWhole` */
  submitWhole(...updates: Parameters<Intake['submitWhole']>): void {
    this.refuseWhenClosing();
    this.intake.submitWhole(...updates);
  }

  /** Puts edits in line that share a commit. @throws CoscribeError as `Intake.submitChain` */
  submitChain(...edits: Parameters<Intake['submitChain']>): void {
    this.refuseWhenClosing();
    this.intake.submitChain(...edits);
  }

  submitAwareness(session: Session, update: Uint8Array): void {
    demand(session.role, 'show-presence');
    this.presence.receive(session, update);
  }

  diverged(session: Session, shown: ContentCheck): void {
    this.check.reported(session, shown);
  }

  sayStateless(...message: Parameters<SessionHome['sayStateless']>): Promise<string | undefined> {
    return this.stateless.receive(...message);
  }

  renew(...token: Parameters<SessionHome['renew']>): Promise<void> {
    return this.services.people.renew(...token);
  }

  leave(session: Session): void {
    if (!this.crowd.delete(session)) return;
    tellLeft(this.services, session);
    if (this.clients.release(session)) this.presence.remove(session);
    this.services.hooks?.leave(session);
    if (this.crowd.size === 0) this.events.lastLeft();
  }

  sendSaving(possible: boolean): void {
    this.crowd.each((session) => session.sendSaving(possible));
  }

  /** How the document stands in the store, as it was asked when the head here was `headThen`. */
  compare(position: DocumentPosition | undefined, headThen: number): void {
    if (this.closing === undefined) this.replica.compare(position, headThen);
  }

  /** The bus is back: the other nodes have missed who is here, and this one who is there. */
  busReturned(): void {
    this.presence.exchange();
  }

  /** Tells the other nodes who is on this one, in case the bus has lost some of it. */
  renewPresence(): void {
    this.presence.tell();
  }

  /** Another node is gone, and those who were on it. */
  nodeGone(node: string): void {
    this.presence.removeNode(node);
  }

  /** Something was written into its log past it: fulfils when it is here, or will come later. Never rejects. */
  async catchUp(): Promise<void> {
    if (this.closing === undefined) await this.replica.catchUp().catch(() => {});
  }

  /** Merges its log. @throws CoscribeError as `Compaction.now` */
  compact(): Promise<void> {
    return this.replica.compaction.now();
  }

  /** Compares the log since the snapshot, as it is here, with the store's. @throws CoscribeError as `compareTail` */
  compareWithStore(): Promise<Compared> {
    const { id, generation, replica, services } = this;
    const { tail } = replica.stored;
    const after = tail.first - 1;
    return compareTail({ id, generation, after, updates: tail.after(after) }, services.store);
  }

  /** It was deleted, or has another name: nobody works on it here any more. */
  gone(reason: 'document-deleted' | 'document-moved'): void {
    this.onBroken(new CoscribeError(reason));
  }

  /** Calls for each; sessions may leave meanwhile. */
  eachSession(look: (session: Session) => void): void {
    this.crowd.each(look);
  }

  /** Asks every session to go over to another node; until they do everything goes on. */
  moveSessions(afterMs: () => number): void {
    this.crowd.each((session) => session.move(afterMs()));
  }

  /** Takes no more edits and joins; what was taken is still committed and answered. */
  refuseEdits(reason: CoscribeError): void {
    this.closing ??= reason;
    this.log.hurry();
  }

  /** Closes every session; the clients come back after a time of their own. */
  closeSessions(reason: CoscribeError, reconnectAfterMs: () => number): void {
    this.refuseEdits(reason);
    this.fanOut.flush();
    this.crowd.each((session) => session.close(reason, reconnectAfterMs()));
  }

  /** Puts the document away: nothing more is taken, what was taken is committed. */
  async unload({ compact }: { readonly compact: boolean }): Promise<void> {
    this.closing ??= new CoscribeError('shutting-down', 'the document is being put away');
    await this.log.settled();
    this.fanOut.flush();
    this.presence.stop();
    this.check.stop();
    // A copy that went wrong must not become what is stored.
    await this.replica.compaction.finish({ compact: compact && !this.lost });
    this.replica.stop();
    this.line.close();
    this.services.snapshots.forget(this.id);
    this.services.contents.forget(this.id);
  }

  // What follows is for the log and the fan-out.

  get clock(): Clock {
    return this.services.clock;
  }

  get sessionCount(): number {
    return this.crowd.people;
  }

  receives(owner: Session): boolean {
    return !owner.byApplication;
  }

  mayGather(committing: boolean): number {
    // The frame that a commit under way brings is due now; what comes during that commit is in the one after it.
    return (committing ? this.fanOut.interval : this.fanOut.untilNextFrame) - COMMIT_MS;
  }

  sendFrame(frame: Broadcast, soleAuthor: Session | undefined, facts: FrameFacts): void {
    const receivers = this.crowd.sendFrame(frame, soleAuthor);
    this.counters.add('deliveries', receivers * facts.count - (soleAuthor === undefined ? facts.owned : 0));
    const { id: document, generation, clock, sessionCount: sessions } = this;
    this.services.traces?.sent({ document, generation, sessions, ...facts, sentAt: clock.monotonic() });
  }

  get commits(): GroupCommit {
    return this.services.commits;
  }

  onRecorded(batch: CommittedBatch<Session>): CommittedBatch<Session> | undefined {
    const { id: document, generation, clock } = this;
    const { from, rows, committedAt, takenAt, durableAt } = batch;
    const answeredAt = clock.monotonic();
    this.services.traces?.committed({
      document,
      generation,
      from,
      edits: rows,
      takenAt,
      durableAt,
      answeredAt,
    });
    const bytes = countCommit(this.counters, rows, answeredAt);
    this.traffic.edits += rows.length;
    this.traffic.bytes += bytes;
    this.services.hooks?.committed({ document, generation, from, rows, committedAt });
    this.services.onCommitted?.(document, { generation, from, to: from + rows.length - 1 });
    const recorded = this.replica.record(from, rows);
    this.check.changed();
    return recorded && { ...batch, rows: recorded };
  }

  onPublished({ from, rows }: CommittedBatch<Session>): void {
    // The other nodes first: for those who are there it is the longer way.
    this.replica.publish(from, rows);
    this.fanOut.push(from, rows);
    this.replica.release();
  }

  onRows(from: number, rows: readonly ReplicaRow<Session>[]): void {
    this.fanOut.push(from, rows);
    this.check.changed();
  }

  onRefused(): void {
    this.replica.lookAtStore();
  }

  onLost(error: CoscribeError): void {
    this.onBroken(error);
  }

  onBroken(error: CoscribeError): void {
    if (this.closing !== undefined) return;
    // Whoever joins now has to try again; what is wrong he learns when the document is loaded.
    this.closing = error.retryable
      ? error
      : new CoscribeError('document-reloading', undefined, { cause: error });
    this.lost = true;
    this.replica.stop();
    this.check.stop();
    const level = LEVELS[error.code] ?? 'error';
    this.services.log[level]({ document: this.id, err: error }, 'the document has to be loaded again');
    this.crowd.sendAway(error);
    if (error.code === 'generation-changed')
      this.line.publish({ kind: 'generation', generation: this.generation });
    this.events.broken(error);
  }

  /** @param before `undefined` if no content is wanted */
  private contentAfter(before: ContentBefore | undefined): Uint8Array {
    if (before === undefined) return encodeUpdateList([]);
    const { tail } = this.replica.stored;
    const encode = (): Uint8Array => encodeUpdateList(before.updates, tail.encodedAfter(before.upTo));
    return before.whole ? this.services.contents.whole(this.id, this.head, encode) : encode();
  }

  private joined(session: Session, content: Uint8Array): Joined {
    const { maxUpdateBytes, maxDeleteRanges, maxAwarenessBytes } = this.services.limits;
    return {
      ok: true,
      session: session.id,
      generation: this.generation,
      head: this.head,
      role: session.role,
      ...(session.shownAs && { user: session.shownAs }),
      limits: { maxUpdateBytes, maxDeleteRanges, maxAwarenessBytes },
      saving: this.services.commits.saving,
      content,
      awareness: this.presence.everybody(),
    };
  }

  private refuseWhenClosing(): void {
    if (this.closing !== undefined) throw this.closing;
  }
}

/** Nothing is wrong with a node that was away for longer than the log reaches back, nor with a deletion or a new name. */
const LEVELS: Partial<Record<ErrorCode, 'warn' | 'info'>> = {
  'document-reloading': 'warn',
  'document-deleted': 'info',
  'document-moved': 'info',
};

/** What a commit takes, about, in milliseconds: so long before a crowded document's next frame it has to begin. */
const COMMIT_MS = 1.5;
