import type { CheckedUpdate, DocumentIndex } from '../../shared/document-index.js';
import { CoscribeError } from '../../shared/errors.js';
import { encodeUpdateList } from '../../shared/frames.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Joined, JoinRequest, UpdateKind } from '../../shared/protocol.js';
import type { Clock } from '../../shared/time.js';
import { type AdmissionFacts, admit } from './admission.js';
import type { Broadcast } from './broadcast.js';
import { anonymousAuthor, Clients } from './clients.js';
import { Compaction } from './compaction.js';
import { contentBefore } from './content.js';
import { FanOut, type FanOutHome } from './fan-out.js';
import type { GroupCommit } from './group-commit.js';
import type { LoadedDocument } from './load.js';
import { PresenceTable } from './presence-table.js';
import type { DocumentServices } from './services.js';
import { NOBODY, type Session, type SessionHome } from './session.js';
import { type StoredState, storedBytes } from './stored-state.js';
import type { CommittedBatch, UpdateLog, UpdateLogHome } from './update-log.js';

/** What the owner of a document wants to hear of it. */
export interface LiveDocumentEvents {
  joined(): void;
  lastLeft(): void;
  /** The copy in memory can't go on; it has to be put away and loaded again. */
  broken(error: CoscribeError): void;
}

/**
 * The loaded copy of a document on this node: its head, what its content looks like (`DocumentIndex`), the log since
 * the snapshot, and the sessions. There is no `Y.Doc` here: the main thread moves bytes.
 */
export class LiveDocument implements SessionHome, UpdateLogHome<Session>, FanOutHome<Session> {
  readonly id: DocumentId;
  readonly generation: string;
  /** Made with the first awareness update. */
  private presence: PresenceTable | undefined;
  private readonly stored: StoredState;
  /** Runs ahead of the head by what is admitted and not yet committed. */
  private readonly index: DocumentIndex;
  private readonly sessions = new Set<Session>();
  private readonly clients: Clients;
  private readonly log: UpdateLog<Session>;
  private readonly fanOut: FanOut<Session>;
  private readonly compaction: Compaction;
  private closing: CoscribeError | undefined;

  constructor(
    loaded: LoadedDocument,
    private readonly services: DocumentServices,
    private readonly events: LiveDocumentEvents,
  ) {
    const { id, generation } = loaded;
    this.id = id;
    this.generation = generation;
    this.stored = loaded.stored;
    this.index = loaded.index;
    this.clients = new Clients(id, services.store);
    this.fanOut = new FanOut(this);
    this.log = services.createLog(this);
    this.compaction = new Compaction(id, generation, this.stored, services);
    this.compaction.consider();
  }

  /** Last committed `seq`. */
  get head(): number {
    return this.stored.tail.head;
  }

  /** Answers a session's join. @throws CoscribeError as `Session.join` */
  async join(session: Session, request: JoinRequest, answer: (joined: Joined) => void): Promise<void> {
    this.refuseWhenClosing();
    this.admitSession(session);
    this.checkCopy(request);
    // Nobody is shown, or told of, a state that could still be lost.
    await this.log.settled();
    const author = session.identity.author ?? anonymousAuthor(request.clientKey);
    await this.takeClientId(session, request.clientId, author);
    const { tail } = this.stored;
    let before = await contentBefore(this.id, this.stored, request, this.services);
    // A compaction may have shortened the tail meanwhile.
    while (before.upTo < tail.first - 1) {
      before = await contentBefore(this.id, this.stored, request, this.services);
    }
    // From here to the end nothing is awaited: what is committed later reaches the session as a frame.
    this.refuseWhenClosing();
    if (session.left) throw new CoscribeError('not-joined');
    const encode = (): Uint8Array => encodeUpdateList(before.updates, tail.encodedAfter(before.upTo));
    const content = before.whole ? this.services.contents.whole(this.id, this.head, encode) : encode();
    const joined = this.joined(session, content);
    answer(joined);
    session.goLive(joined.content.length);
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
    const { index } = this;
    const { pendingBytes } = this.log;
    const { role } = identity;
    const documentBytes = storedBytes(this.stored) + pendingBytes;
    const mergeableBytes = this.stored.tail.bytes + pendingBytes;
    const facts = { index, role, clientId, kind, documentBytes, mergeableBytes, pendingBytes };
    const checked = this.admitted(update, facts);
    for (const { client } of checked.added) {
      if (client !== clientId && this.clients.belongsToAnother(session, client)) {
        throw new CoscribeError('missing-dependencies', `client ${client} is here and sends its own edits`);
      }
    }
    this.index.admit(checked);
    // A copy: its buffer may be used again, and is often much larger, while this one waits for the disk.
    this.log.append({ update: new Uint8Array(checked.update), clientId, author, owner: session, settle });
  }

  submitAwareness(session: Session, update: Uint8Array): void {
    const { clock, limits, slow } = this.services;
    this.presence ??= new PresenceTable({
      clock,
      maxBytes: limits.maxAwarenessBytes,
      send: (message) =>
        this.eachSession((session) => {
          if (session.sendAwareness(message)) slow.add(session);
        }),
    });
    this.presence.receive(session, update);
  }

  leave(session: Session): void {
    if (!this.sessions.delete(session)) return;
    if (this.clients.release(session)) this.presence?.remove(session);
    if (this.sessions.size === 0) this.events.lastLeft();
  }

  sendSaving(possible: boolean): void {
    this.eachSession((session) => session.sendSaving(possible));
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
    this.presence?.stop();
    await this.compaction.finish({ compact });
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

  onRecorded({ from, rows }: CommittedBatch<Session>): void {
    if (from !== this.head + 1) {
      this.onBroken(new CoscribeError('internal', `the log went on at ${from}, expected ${this.head + 1}`));
      return;
    }
    for (const { update } of rows) this.stored.tail.push(update);
    this.compaction.consider();
  }

  onPublished({ from, rows }: CommittedBatch<Session>): void {
    this.fanOut.push(from, rows);
  }

  onBroken(error: CoscribeError): void {
    if (this.closing !== undefined) return;
    this.closing = error;
    this.services.log.error({ document: this.id, err: error }, 'the document has to be loaded again');
    this.eachSession((session) =>
      session.close(error, Math.floor(this.services.random() * REJOIN_WITHIN_MS)),
    );
    this.events.broken(error);
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
      if (error instanceof CoscribeError && error.code === 'document-busy') this.compaction.hurry();
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
    await this.clients.claim(session, clientId, author, this.index.knows(clientId));
    if (before !== NOBODY && before !== clientId && this.clients.release(session))
      this.presence?.remove(session);
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
      awareness: this.presence?.everybody() ?? new Uint8Array(),
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
