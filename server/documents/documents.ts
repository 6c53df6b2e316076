import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { AccessControl, Credentials } from '../auth/access.js';
import { AccessWatch } from './access-watch.js';
import type { Admission } from './admitted.js';
import { BusLine } from './bus-line.js';
import { CommitPace, type Pace } from './commit-pace.js';
import { type CompactionPolicy, DEFAULT_COMPACTION } from './compaction-policy.js';
import { DEFAULT_DIFF_AT_BYTES } from './content.js';
import { type DrainOptions, moveSessions, sessionsOf, untilEmpty } from './drain.js';
import { GroupCommit } from './group-commit.js';
import { HeadWatch } from './head-watch.js';
import { JoinContents } from './join-contents.js';
import type { LiveDocument } from './live-document.js';
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
    | 'checks'
    | 'people'
    | 'createLog'
    | 'compaction'
    | 'diffAtBytes'
  > {
  readonly access: AccessControl;
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
  private sessionNumber = 0;
  private isDraining = false;
  private isStopping = false;

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
    const services = {
      ...options,
      people: this.people,
      commits: this.commits,
      snapshots,
      contents: new JoinContents(options.clock, JOIN_CONTENTS_BYTES),
      slow,
      checks: this.checks,
      createLog,
      compaction,
      diffAtBytes: options.diffAtBytes ?? DEFAULT_DIFF_AT_BYTES,
    };
    this.registry = new Registry(services, options.unloadAfterMs);
    this.heads = new HeadWatch({ ...options, loaded });
    this.watchBus();
  }

  /** Number of documents in memory. */
  get openCount(): number {
    return this.registry.size;
  }

  /** `false` while the store cannot save. */
  get saving(): boolean {
    return this.commits.saving;
  }

  /** It has been told to stop, though it may take work for a while. */
  get draining(): boolean {
    return this.isDraining;
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
    if (this.isStopping) throw new CoscribeError('shutting-down');
    this.refuseIfBusy();
    return this.people.admit(id, credentials);
  }

  /**
   * Opens the document for a new session, which then has to join. Who may write creates it by that.
   *
   * @throws CoscribeError `shutting-down`, `no-access`, `document-deleted`, `store-unavailable`, `document-unreadable`
   */
  async open(id: DocumentId, admission: Admission, transport: SessionTransport): Promise<Session> {
    if (this.isStopping) throw new CoscribeError('shutting-down');
    this.refuseIfBusy();
    transport.meter.join();
    if (admission.grant.role === 'viewer' && !this.registry.has(id)) await this.demandExistence(id);
    const document = await this.registry.open(id);
    // Nobody would tell it any more to move.
    if (this.isStopping) throw new CoscribeError('shutting-down');
    return new Session(String(++this.sessionNumber), admission, document, transport);
  }

  /**
   * If there are other nodes, lets the clients go over to them. Then stops taking joins and edits, waits until everything
   * taken is durable and answered, tells the clients that are left to come back later, and puts every document away.
   */
  async stop(times: StopTimes = {}): Promise<void> {
    this.isDraining = true;
    if (this.options.bus.hasOthers) await this.drain(times);
    this.isStopping = true;
    this.heads.stop();
    this.checks.stop();
    this.people.stop();
    await this.registry.settled();
    const reason = new CoscribeError('shutting-down');
    const documents = [...this.registry.loaded()];
    for (const document of documents) document.refuseEdits(reason);
    await this.commits.drained();
    for (const document of documents) {
      document.closeSessions(reason, () => Math.floor(this.options.random() * RECONNECT_WITHIN_MS));
    }
    await Promise.all(documents.map((document) => document.unload({ compact: false })));
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
  async deleted(id: DocumentId): Promise<void> {
    // Whoever was opening it meanwhile may have seen it as it was before.
    await this.registry.opened(id);
    for (const document of this.registry.loaded()) if (document.id === id) document.removed();
    void this.tellNodes(id);
  }

  /** Gives up on commits that can't be made, so that a stop that cannot wait longer can end. */
  abandon(): void {
    this.commits.abandon();
  }

  private refuseIfBusy(): void {
    if (!this.options.busy?.()) return;
    this.options.counters.count('refused-busy');
    throw new CoscribeError('server-busy');
  }

  /** Never rejects. */
  private async tellNodes(id: DocumentId): Promise<void> {
    const line = await BusLine.open(this.options.bus, id);
    line.publish({ kind: 'access' });
    line.close();
  }

  /** Who may only read creates nothing, and learns no more than whoever may do nothing. */
  private async demandExistence(id: DocumentId): Promise<void> {
    const positions = await this.options.store.positions([id]);
    if (!positions.has(id)) throw new CoscribeError('no-access');
  }

  private async drain({ delayMs = 0, drainMs = Number.POSITIVE_INFINITY }: StopTimes): Promise<void> {
    const { clock, random, log } = this.options;
    const drained: DrainOptions = { clock, random, documents: () => this.registry.loaded() };
    await untilEmpty(delayMs, drained);
    this.isStopping = true;
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
