import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { AccessControl, Credentials } from '../auth/access.js';
import type { Hooks } from '../hooks/hooks.js';
import type { Census } from '../telemetry/node-sources.js';
import { AccessWatch } from './access-watch.js';
import type { Admission } from './admitted.js';
import { type CheckedState, checkState, fillDocument } from './beginning.js';
import { BusLine } from './bus-line.js';
import { takeCensus } from './census.js';
import { CommitPace, type Pace } from './commit-pace.js';
import { type CompactionPolicy, DEFAULT_COMPACTION } from './compaction-policy.js';
import { DEFAULT_DIFF_AT_BYTES } from './content.js';
import { DocumentHooks } from './document-hooks.js';
import { type DrainOptions, moveSessions, sessionsOf, untilEmpty } from './drain.js';
import { GroupCommit } from './group-commit.js';
import { HeadWatch } from './head-watch.js';
import { JoinContents } from './join-contents.js';
import { partsOf } from './large-parts.js';
import type { LiveDocument } from './live-document.js';
import { PresenceRoom } from './presence-room.js';
import { type QuietCheckPolicy, QuietChecks } from './quiet-checks.js';
import { Registry } from './registry.js';
import type { DocumentServices } from './services.js';
import { Session } from './session.js';
import type { SessionTransport } from './session-transport.js';
import { SlowSessions } from './slow-sessions.js';
import { SnapshotCache } from './snapshot-cache.js';
import { UpdateLog } from './update-log.js';

/** Clients told to come back after a stop do so spread over this time, in milliseconds. */
const RECONNECT_WITHIN_MS = 5_000;
const SNAPSHOT_CACHE_BYTES = 64 * 1024 * 1024;
const JOIN_CONTENTS_BYTES = 32 * 1024 * 1024;

export interface DocumentsOptions
  extends Omit<
    DocumentServices,
    | 'commits'
    | 'snapshots'
    | 'contents'
    | 'slow'
    | 'presence'
    | 'checks'
    | 'people'
    | 'hooks'
    | 'createLog'
    | 'compaction'
    | 'diffAtBytes'
  > {
  readonly access: AccessControl;
  /** Where the application takes part. */
  readonly hooks?: Hooks;
  /** How long each of them may take, in milliseconds. 10 s unless given. */
  readonly hookTimeoutMs?: number;
  /** Has the node more to do than it can? Nobody else is let in then. Never unless given. */
  busy?(): boolean;
  readonly compaction?: CompactionPolicy;
  readonly quietChecks?: QuietCheckPolicy;
  readonly createLog?: DocumentServices['createLog'];
  readonly pace?: Pace;
  readonly diffAtBytes?: number;
  /** How long a document without sessions stays loaded. */
  readonly unloadAfterMs: number;
}

/** How long parts of a stop may take, in milliseconds. */
export interface StopTimes {
  /** Of a node with others beside it: how long everything goes on first. 0 unless given. */
  readonly delayMs?: number;
  /** Of such a node: how long it may take until its clients have gone to others. 6.5 s unless given. */
  readonly drainMs?: number;
}

/** All documents of a node, as gateways see them. */
export class Documents {
  private readonly registry: Registry;
  private readonly commits: GroupCommit;
  private readonly heads: HeadWatch;
  private readonly checks: QuietChecks;
  private readonly people: AccessWatch;
  private readonly hooks: DocumentHooks | undefined;
  private sessionNumber = 0;
  private isDraining = false;
  private isStopping = false;
  /** There while its clients are sent to other nodes though it goes on; it lets nobody in once they have been told. */
  private aside: { lettingIn: boolean } | undefined;

  constructor(private readonly options: DocumentsOptions) {
    this.commits = new GroupCommit({
      ...options,
      pace: options.pace ?? new CommitPace(),
      onSaving: (possible) => {
        for (const document of this.registry.loaded()) document.sendSaving(possible);
      },
    });
    const snapshots = new SnapshotCache(options.store, SNAPSHOT_CACHE_BYTES);
    const createLog = options.createLog ?? ((home) => new UpdateLog(home));
    const slow = new SlowSessions(options.clock);
    const compaction = options.compaction ?? DEFAULT_COMPACTION;
    this.checks = new QuietChecks(options.clock, options.quietChecks);
    const loaded = (): Iterable<LiveDocument> => this.registry.loaded();
    this.people = new AccessWatch({ ...options, loaded });
    const { hooks } = options;
    this.hooks = hooks && new DocumentHooks({ ...options, hooks });
    const services = {
      ...options,
      people: this.people,
      hooks: this.hooks,
      commits: this.commits,
      snapshots,
      contents: new JoinContents(options.clock, JOIN_CONTENTS_BYTES),
      slow,
      presence: new PresenceRoom(),
      checks: this.checks,
      createLog,
      compaction,
      diffAtBytes: options.diffAtBytes ?? DEFAULT_DIFF_AT_BYTES,
    };
    this.registry = new Registry(services, options.unloadAfterMs);
    this.heads = new HeadWatch({ ...options, loaded });
    this.watchBus();
  }

  /** What a document may take, in bytes. */
  get maxDocumentBytes(): number {
    return this.options.limits.maxDocumentBytes;
  }

  /** Number of documents in memory. */
  get openCount(): number {
    return this.registry.size;
  }

  /** Who and what is there at this moment. */
  census(): Census {
    return takeCensus(this.registry.loaded());
  }

  /** `false` while the store cannot save. */
  get saving(): boolean {
    return this.commits.saving;
  }

  /** It has been told to stop, or to stand aside, though it may take work for a while. */
  get draining(): boolean {
    return this.isDraining || this.aside !== undefined;
  }

  /** It opens nothing any more. */
  get stopping(): boolean {
    return this.isStopping;
  }

  /** From now on changes of access are looked for. @throws CoscribeError `store-unavailable` */
  async start(): Promise<void> {
    await this.people.start();
  }

  /**
   * Looks who somebody is and what he may do in a document: the one door, whatever protocol he comes by.
   *
   * @throws CoscribeError `unauthenticated`, `token-expired`, `no-access`, `shutting-down`, `server-busy`,
   *   `store-unavailable`, `internal`
   */
  async admit(id: DocumentId, credentials: Credentials): Promise<Admission> {
    if (this.isStopping || this.aside?.lettingIn === false) throw new CoscribeError('shutting-down');
    this.refuseIfBusy();
    return this.people.admit(id, credentials);
  }

  /**
   * Opens the document for a new session, which then has to join. Who may write creates it by that.
   *
   * @param follows it only looks, and neither edits nor shows itself
   * @throws CoscribeError `shutting-down`, `no-access`, `document-deleted`, `store-unavailable`, `document-unreadable`
   */
  async open(
    id: DocumentId,
    admission: Admission,
    transport: SessionTransport,
    follows = false,
  ): Promise<Session> {
    try {
      return await this.openFor(id, admission, transport, follows);
    } catch (error) {
      // Whatever the server opens for somebody else is refused to him in another way.
      if (admission.application === undefined)
        this.options.counters.refuse('join', toCoscribeError(error).code);
      throw error;
    }
  }

  private async openFor(
    id: DocumentId,
    admission: Admission,
    transport: SessionTransport,
    follows: boolean,
  ): Promise<Session> {
    this.refuseIfLeaving(admission);
    if (admission.application === undefined) this.refuseIfBusy();
    transport.meter.join();
    // Who may only read creates nothing, and learns no more than whoever may do nothing.
    if (admission.grant.role === 'viewer' && !(await this.exists(id))) throw new CoscribeError('no-access');
    const document = await this.registry.open(id);
    // Nobody would tell it any more to move.
    this.refuseIfLeaving(admission);
    return new Session(String(++this.sessionNumber), admission, document, transport, follows);
  }

  /** The documents that are loaded now. */
  loaded(): Iterable<LiveDocument> {
    return this.registry.loaded();
  }

  /** Whether a document is loaded, or about to be. */
  isLoaded(id: DocumentId): boolean {
    return this.registry.has(id);
  }

  /** Puts a document away at once if nobody is in it: it was loaded for somebody who does not come back. */
  putAway(id: DocumentId): void {
    this.registry.putAway(id);
  }

  /**
   * Merges a document's log into its snapshot now. It is loaded for that if it is not.
   *
   * @throws CoscribeError `no-access` if there is no such document; `shutting-down`; as `Compaction.now`
   */
  async compact(id: DocumentId): Promise<void> {
    if (this.isStopping) throw new CoscribeError('shutting-down');
    if (!(await this.exists(id))) throw new CoscribeError('no-access');
    const document = await this.registry.open(id);
    await document.compact();
  }

  /** Whether there is such a document; without creating it. @throws CoscribeError `store-unavailable` */
  async exists(id: DocumentId): Promise<boolean> {
    return this.registry.has(id) || (await this.options.store.positions([id])).has(id);
  }

  /** Which of these documents there are; without creating any. @throws CoscribeError `store-unavailable` */
  async existing(ids: readonly DocumentId[]): Promise<readonly DocumentId[]> {
    const positions = await this.options.store.positions(ids);
    return ids.filter((id) => positions.has(id));
  }

  /**
   * Where a document's log ends, as the store says it: on whichever node it was written. `undefined` if there is no such
   * document.
   *
   * @throws CoscribeError `store-unavailable`
   */
  async position(id: DocumentId): Promise<{ readonly generation: string; readonly seq: number } | undefined> {
    const found = (await this.options.store.positions([id])).get(id);
    return found && { generation: found.generation, seq: found.head };
  }

  /** Cuts an update into parts of which each may go into a log. @throws CoscribeError as `partsOf` */
  partsOf(update: Uint8Array): Promise<readonly Uint8Array[]> {
    const { maxUpdateBytes: maxBytes, maxDeleteRanges } = this.options.limits;
    return partsOf(update, { maxBytes, maxDeleteRanges }, this.options.crdt);
  }

  /** Whether a new document could begin with a state. @throws CoscribeError as the function of this name in beginning.ts */
  checkState(state: Uint8Array): Promise<CheckedState> {
    return checkState(state, this.options);
  }

  /**
   * Gives an empty document what it begins with. Whoever is in it sees it, here at once, on other nodes as soon as they hear of it.
   *
   * @throws CoscribeError as `fillDocument`; `shutting-down`
   */
  async fill(id: DocumentId, state: CheckedState, by: Admission): Promise<void> {
    if (this.isStopping) throw new CoscribeError('shutting-down');
    await fillDocument(id, state, by, this.options, this.hooks);
    await this.registry.opened(id);
    for (const document of this.registry.loaded()) if (document.id === id) await document.catchUp();
    void this.tellNodes(id);
  }

  /**
   * If there are other nodes, lets the clients go over to them. Then stops taking joins and edits, waits until everything
   * taken is durable and answered, tells the clients that are left to come back later, puts every document away, and waits for
   * what the application's hooks have not been told yet.
   */
  async stop(times: StopTimes = {}): Promise<void> {
    this.isDraining = true;
    if (this.options.bus.hasOthers) await this.drain(times, () => this.openNothingMore());
    this.openNothingMore();
    this.heads.stop();
    this.checks.stop();
    this.people.stop();
    await this.registry.settled();
    const reason = new CoscribeError('shutting-down');
    const documents = [...this.registry.loaded()];
    for (const document of documents) document.refuseEdits(reason);
    await this.commits.drained();
    for (const document of documents) {
      document.closeSessions(reason, () => this.reconnectAfterMs());
    }
    await Promise.all(documents.map((document) => document.unload({ compact: false })));
    await this.hooks?.drained();
  }

  /**
   * Sends the clients to other nodes as `stop` does, lets none in, and goes on with everything else. Who has not gone in time
   * is told to come back later, which is elsewhere.
   */
  async standAside(times: StopTimes = {}): Promise<void> {
    if (this.isDraining || this.aside !== undefined) return;
    const turn = { lettingIn: true };
    this.aside = turn;
    await this.drain(times, () => {
      turn.lettingIn = false;
    });
    if (this.aside !== turn || this.isDraining) return;
    const reason = new CoscribeError('shutting-down');
    for (const document of this.registry.loaded())
      document.eachSession((session) => {
        if (!session.byApplication) session.close(reason, this.reconnectAfterMs());
      });
  }

  /** Undoes `standAside`. */
  takeWork(): void {
    this.aside = undefined;
  }

  /**
   * Who may do what has changed, and the store knows it: the sessions concerned are looked at again, here at once, on
   * other nodes as soon as they hear of it, and within 2.2 s if they don't.
   *
   * @param id where, if it is one document
   */
  async accessChanged(id?: DocumentId): Promise<void> {
    // A bus that does not answer holds nobody up.
    if (id !== undefined) void this.tellNodes(id);
    await this.people.lookNow();
  }

  /** A document was deleted: its sessions are closed, here at once, on other nodes as soon as they hear of it. */
  deleted(id: DocumentId): Promise<void> {
    return this.gone(id, 'document-deleted');
  }

  /** A document that was called `id` has another name: as `deleted`. */
  moved(id: DocumentId): Promise<void> {
    return this.gone(id, 'document-moved');
  }

  private async gone(id: DocumentId, reason: Parameters<LiveDocument['gone']>[0]): Promise<void> {
    // Whoever was opening it meanwhile may have seen it as it was before.
    await this.registry.opened(id);
    for (const document of this.registry.loaded()) if (document.id === id) document.gone(reason);
    void this.tellNodes(id);
  }

  /** Gives up on commits that can't be made, so that a stop that cannot wait longer can end. */
  abandon(): void {
    this.commits.abandon();
  }

  private openNothingMore(): void {
    this.isStopping = true;
    this.hooks?.endWaits();
  }

  private reconnectAfterMs(): number {
    return Math.floor(this.options.random() * RECONNECT_WITHIN_MS);
  }

  private refuseIfLeaving({ application }: Admission): void {
    const isAside = this.aside?.lettingIn === false && application === undefined;
    if (this.isStopping || isAside) throw new CoscribeError('shutting-down');
  }

  private refuseIfBusy(): void {
    if (!this.options.busy?.()) return;
    throw new CoscribeError('server-busy');
  }

  /** Never rejects. */
  private async tellNodes(id: DocumentId): Promise<void> {
    const line = await BusLine.open(this.options.bus, id);
    line.publish({ kind: 'access' });
    line.close();
  }

  /** @param refuse from then on nobody is let in */
  private async drain(
    { delayMs = 0, drainMs = Number.POSITIVE_INFINITY }: StopTimes,
    refuse: () => void,
  ): Promise<void> {
    const { clock, random, log } = this.options;
    const drained: DrainOptions = { clock, random, documents: () => this.registry.loaded() };
    await untilEmpty(delayMs, drained);
    refuse();
    await this.registry.settled();
    const before = sessionsOf(drained);
    if (before === 0) return;
    log.info({ sessions: before }, 'Draining: the clients go over to other nodes');
    await moveSessions(drainMs, drained);
    const left = sessionsOf(drained);
    if (left > 0) log.warn({ sessions: left }, 'Some clients have not gone over; they are told to come back');
  }

  private watchBus(): void {
    const { bus } = this.options;
    bus.watch({
      connected: (connected) => {
        if (!connected) return;
        this.heads.lookNow();
        for (const document of this.registry.loaded()) document.busReturned();
      },
      gone: (node) => {
        for (const document of this.registry.loaded()) document.nodeGone(node);
      },
    });
    if (!bus.alone) this.heads.start();
  }
}
