import type { CheckedUpdate } from '../../shared/document-index.js';
import { CoscribeError } from '../../shared/errors.js';
import { encodeUpdateList } from '../../shared/frames.js';
import type { DocumentId } from '../../shared/ids.js';
import type { ContentCheck, Joined, JoinRequest, UpdateKind } from '../../shared/protocol.js';
import type { Clock } from '../../shared/time.js';
import type { BusMessage } from '../cluster/bus.js';
import type { DocumentPosition } from '../storage/store.js';
import { type AdmissionFacts, admit } from './admission.js';
import type { Broadcast } from './broadcast.js';
import type { BusLine } from './bus-line.js';
import { anonymousAuthor, Clients } from './clients.js';
import { contentBefore, fitsTail } from './content.js';
import { DocumentPresence } from './document-presence.js';
import { FanOut, type FanOutHome } from './fan-out.js';
import type { GroupCommit } from './group-commit.js';
import type { LoadedDocument } from './load.js';
import { LogReplica, type LogReplicaHome, type ReplicaRow } from './log-replica.js';
import { QuietCheck } from './quiet-check.js';
import type { DocumentServices } from './services.js';
import { NOBODY, type Session, type SessionHome } from './session.js';
import { storedBytes } from './stored-state.js';
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
  private readonly sessions = new Set<Session>();
  private readonly clients: Clients;
  private readonly log: UpdateLog<Session>;
  private readonly fanOut: FanOut<Session>;
  private readonly check: QuietCheck;
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
      tellSessions: (check) => this.eachSession((session) => session.sendCheck(check)),
      tellNodes: (check) => line.publish({ kind: 'check', generation, ...check }),
      rebuild: (error) => this.onBroken(error),
    });
    this.presence = new DocumentPresence({
      clock: services.clock,
      maxBytes: services.limits.maxAwarenessBytes,
      line,
      send: (message) =>
        this.eachSession((session) => {
          if (session.sendAwareness(message)) services.slow.add(session);
        }),
    });
    line.attach((message, from) => this.receive(message, from));
  }

  /** Last committed `seq`, as far as it is known here. */
  get head(): number {
    return this.replica.head;
  }

  /** Answers a session's join. @throws CoscribeError as `Session.join` */
  async join(session: Session, request: JoinRequest, answer: (joined: Joined) => void): Promise<void> {
    this.refuseWhenClosing();
    this.admitSession(session);
    // Nobody is shown, or told of, a state that could still be lost.
    await this.log.settled();
    if (this.mayLag(request)) await this.replica.catchUp();
    this.refuseWhenClosing();
    this.checkCopy(request);
    const author = session.identity.author ?? anonymousAuthor(request.clientKey);
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

  /** Checks an update and puts it in line for the disk. @throws CoscribeError as `admit`, `not-joined` */
  submit(
    session: Session,
    update: Uint8Array,
    kind: UpdateKind,
    settle: (outcome: number | CoscribeError) => void,
  ): void {
    this.refuseWhenClosing();
    const author = this.clients.authorOf(session);
    const { clientId, identity } = session;
    const { index, stored } = this.replica;
    const { pendingBytes } = this.log;
    const { role } = identity;
    const documentBytes = storedBytes(stored) + pendingBytes;
    const mergeableBytes = stored.tail.bytes + pendingBytes;
    const facts = { index, role, clientId, kind, documentBytes, mergeableBytes, pendingBytes };
    const checked = this.admitted(update, facts);
    for (const { client } of checked.added) {
      if (client !== clientId && this.isSomebodyElse(session, client)) {
        throw new CoscribeError('missing-dependencies', `client ${client} is here and sends its own edits`);
      }
    }
    const { added } = checked;
    this.replica.admitted(added);
    index.admit(checked);
    // A copy: its buffer may be used again, and is often much larger, while this one waits for the disk.
    this.log.append({
      update: new Uint8Array(checked.update),
      clientId,
      author,
      added,
      owner: session,
      settle,
    });
  }

  submitAwareness(session: Session, update: Uint8Array): void {
    this.presence.receive(session, update);
  }

  diverged(session: Session, shown: ContentCheck): void {
    this.check.reported(session, shown);
  }

  leave(session: Session): void {
    if (!this.sessions.delete(session)) return;
    if (this.clients.release(session)) this.presence.remove(session);
    if (this.sessions.size === 0) this.events.lastLeft();
  }

  sendSaving(possible: boolean): void {
    this.eachSession((session) => session.sendSaving(possible));
  }

  /** How the document stands in the store, as it was asked when the head here was `headThen`. */
  compare(position: DocumentPosition | undefined, headThen: number): void {
    if (this.closing === undefined) this.replica.compare(position, headThen);
  }

  /** The bus is back: the other nodes have missed who is here, and this one who is there. */
  busReturned(): void {
    this.presence.exchange();
  }

  /** Another node is gone, and those who were on it. */
  nodeGone(node: string): void {
    this.presence.removeNode(node);
  }

  /** Who may do what has changed: every session has to show again who it is. */
  askIdentities(): void {
    const reason = new CoscribeError('access-changed');
    this.eachSession((session) => session.close(reason, this.rejoinAfter()));
  }

  /** Asks every session to go over to another node; until they do everything goes on. */
  moveSessions(afterMs: () => number): void {
    this.eachSession((session) => session.move(afterMs()));
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
    this.eachSession((session) => session.close(reason, reconnectAfterMs()));
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
    return this.sessions.size;
  }

  mayGather(committing: boolean): number {
    // The frame that a commit under way brings is due now; what comes during that commit is in the one after it.
    return (committing ? this.fanOut.interval : this.fanOut.untilNextFrame) - COMMIT_MS;
  }

  sendFrame(frame: Broadcast, soleAuthor: Session | undefined): void {
    const now = this.clock.monotonic();
    for (const session of this.sessions) {
      if (session !== soleAuthor && session.sendUpdates(frame, now)) this.services.slow.add(session);
    }
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
    this.fanOut.push(from, rows);
    this.replica.published(from, rows);
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
    this.services.log.error({ document: this.id, err: error }, 'the document has to be loaded again');
    this.eachSession((session) => session.close(error, this.rejoinAfter()));
    if (error.code === 'generation-changed')
      this.line.publish({ kind: 'generation', generation: this.generation });
    this.events.broken(error);
  }

  private receive(message: BusMessage, from: string): void {
    if (this.closing !== undefined) return;
    try {
      this.handle(message, from);
    } catch (err) {
      this.services.log.debug(
        { document: this.id, node: from, err },
        'a message of another node made no sense',
      );
    }
  }

  private handle(message: BusMessage, from: string): void {
    switch (message.kind) {
      case 'updates':
        this.replica.received(message);
        break;
      case 'awareness':
        this.presence.receiveFrom(from, message.update);
        break;
      case 'awareness-wanted':
        this.presence.tell();
        break;
      case 'snapshot':
        if (message.generation === this.generation) this.replica.adopt(message);
        break;
      case 'generation':
        if (message.generation === this.generation) this.replica.lookAtStore();
        break;
      case 'access':
        this.askIdentities();
        break;
      case 'check':
        if (message.generation === this.generation) this.check.heard(message);
        break;
    }
  }

  /** Whether this node may know less than the client, or less than it should. */
  private mayLag({ generation, seq }: JoinRequest): boolean {
    const { bus } = this.line;
    if (bus.alone) return false;
    const other = generation !== undefined && generation !== this.generation;
    return other || !bus.connected || this.replica.behind || (seq ?? 0) > this.head;
  }

  private isSomebodyElse(session: Session, client: number): boolean {
    return this.clients.belongsToAnother(session, client) || this.presence.isElsewhere(client);
  }

  private rejoinAfter(): number {
    return Math.floor(this.services.random() * REJOIN_WITHIN_MS);
  }

  private admitSession(session: Session): void {
    if (this.sessions.has(session)) return;
    this.sessions.add(session);
    this.events.joined();
  }

  private admitted(update: Uint8Array, facts: AdmissionFacts): CheckedUpdate {
    try {
      return admit(update, facts, this.services.limits);
    } catch (error) {
      if (error instanceof CoscribeError && error.code === 'document-busy') this.replica.compaction.hurry();
      throw error;
    }
  }

  private checkCopy({ generation, seq }: JoinRequest): void {
    if (generation === undefined) return;
    if (generation !== this.generation) throw new CoscribeError('generation-changed');
    // A client that was shown more than the log holds has seen a past that was undone from outside.
    if ((seq ?? 0) > this.head) {
      throw new CoscribeError('generation-changed', `the copy is at ${seq}, the log ends at ${this.head}`);
    }
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
      role: session.identity.role,
      limits: { maxUpdateBytes, maxDeleteRanges, maxAwarenessBytes },
      saving: this.services.commits.saving,
      content,
      awareness: this.presence.everybody(),
    };
  }

  private refuseWhenClosing(): void {
    if (this.closing !== undefined) throw this.closing;
  }

  /** Sessions may leave while they are told something. */
  private eachSession(tell: (session: Session) => void): void {
    for (const session of [...this.sessions]) tell(session);
  }
}

/** What a commit takes, about, in milliseconds: so long before a crowded document's next frame it has to begin. */
const COMMIT_MS = 1.5;

/** Sessions of a document that has to be loaded again come back spread over this time, in milliseconds. */
const REJOIN_WITHIN_MS = 1_000;
