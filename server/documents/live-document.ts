import { CoscribeError, type ErrorCode } from '../../shared/errors.js';
import { encodeUpdateList } from '../../shared/frames.js';
import type { DocumentId } from '../../shared/ids.js';
import type { ContentCheck, Joined, JoinRequest } from '../../shared/protocol.js';
import type { Clock } from '../../shared/time.js';
import type { DocumentPosition } from '../storage/store.js';
import type { Broadcast } from './broadcast.js';
import type { BusLine } from './bus-line.js';
import { authorOf, Clients } from './clients.js';
import { contentBefore, fitsTail } from './content.js';
import { Crowd } from './crowd.js';
import { DocumentPresence } from './document-presence.js';
import { FanOut, type FanOutHome } from './fan-out.js';
import type { GroupCommit } from './group-commit.js';
import { Intake } from './intake.js';
import type { LoadedDocument } from './load.js';
import { LogReplica, type LogReplicaHome, type ReplicaRow } from './log-replica.js';
import { receiveMessage } from './node-messages.js';
import { demand } from './permissions.js';
import { QuietCheck } from './quiet-check.js';
import type { DocumentServices } from './services.js';
import { NOBODY, type Session, type SessionHome } from './session.js';
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
  private readonly presence: DocumentPresence;
  private readonly replica: LogReplica<Session>;
  private readonly crowd: Crowd;
  private readonly clients: Clients;
  private readonly log: UpdateLog<Session>;
  private readonly fanOut: FanOut<Session>;
  private readonly check: QuietCheck;
  private readonly intake: Intake;
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
      line,
      send: (update) => this.crowd.sendAwareness(update),
    });
    const { replica, presence, check, log, clients } = this;
    this.intake = new Intake({ replica, log, clients, limits: services.limits });
    const receivers = {
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

  /** Last committed `seq`, as far as it is known here. */
  get head(): number {
    return this.replica.head;
  }

  /** Answers a session's join. @throws CoscribeError as `Session.join` */
  async join(session: Session, request: JoinRequest, answer: (joined: Joined) => void): Promise<void> {
    this.refuseWhenClosing();
    if (this.crowd.add(session, this.services.limits.maxSessions)) this.events.joined();
    await this.services.people.enter(session);
    // Nobody is shown, or told of, a state that could still be lost.
    await this.log.settled();
    await this.replica.meet(request);
    const author = authorOf(session.admission.grant, request.clientKey);
    await this.takeClientId(session, request.clientId, author);
    let before = await contentBefore(this.replica, request, this.services);
    while (!fitsTail(before, this.replica))
      before = await contentBefore(this.replica, request, this.services);
    // From here to the end nothing is awaited: what is committed later reaches the session as a frame.
    this.refuseWhenClosing();
    if (session.left) throw new CoscribeError('not-joined');
    const { tail } = this.replica.stored;
    const encode = (): Uint8Array => encodeUpdateList(before.updates, tail.encodedAfter(before.upTo));
    const content = before.whole ? this.services.contents.whole(this.id, this.head, encode) : encode();
    const joined = this.joined(session, content);
    answer(joined);
    session.goLive(joined.content.length);
    // A copy of its own may differ though its number is right; one that was given all of it is what was given.
    if (request.generation !== undefined) this.check.returned((check) => session.sendCheck(check));
  }

  /** Puts an update in line for the disk. @throws CoscribeError as `Intake.submit` */
  submit(...update: Parameters<Intake['submit']>): void {
    this.refuseWhenClosing();
    this.intake.submit(...update);
  }

  submitAwareness(session: Session, update: Uint8Array): void {
    demand(session.role, 'show-presence');
    this.presence.receive(session, update);
  }

  diverged(session: Session, shown: ContentCheck): void {
    this.check.reported(session, shown);
  }

  renew(...token: Parameters<SessionHome['renew']>): Promise<void> {
    return this.services.people.renew(...token);
  }

  leave(session: Session): void {
    if (!this.crowd.delete(session)) return;
    if (this.clients.release(session)) this.presence.remove(session);
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

  /** It was deleted: nobody works on it any more. */
  removed(): void {
    this.onBroken(new CoscribeError('document-deleted'));
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
    return this.crowd.size;
  }

  mayGather(committing: boolean): number {
    // The frame that a commit under way brings is due now; what comes during that commit is in the one after it.
    return (committing ? this.fanOut.interval : this.fanOut.untilNextFrame) - COMMIT_MS;
  }

  sendFrame(frame: Broadcast, soleAuthor: Session | undefined): void {
    this.crowd.sendFrame(frame, soleAuthor);
  }

  get commits(): GroupCommit {
    return this.services.commits;
  }

  onRecorded({ from, rows }: CommittedBatch<Session>): CommittedBatch<Session> | undefined {
    const recorded = this.replica.record(from, rows);
    this.check.changed();
    return recorded && { from, rows: recorded };
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

  private async takeClientId(session: Session, clientId: number, author: string): Promise<void> {
    const before = session.clientId;
    await this.clients.claim(session, clientId, author, this.replica.index.knows(clientId));
    if (before !== NOBODY && before !== clientId && this.clients.release(session))
      this.presence.remove(session);
    session.claim(clientId);
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

/** Nothing is wrong with a node that was away for longer than the log reaches back, nor with a deletion. */
const LEVELS: Partial<Record<ErrorCode, 'warn' | 'info'>> = {
  'document-reloading': 'warn',
  'document-deleted': 'info',
};

/** What a commit takes, about, in milliseconds: so long before a crowded document's next frame it has to begin. */
const COMMIT_MS = 1.5;
