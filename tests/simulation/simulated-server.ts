import { GuardedAccess } from '../../server/auth/guarded-access.js';
import { openAccess } from '../../server/auth/open-access.js';
import type { Bus } from '../../server/cluster/bus.js';
import { LocalBus } from '../../server/cluster/local-bus.js';
import type { Admission } from '../../server/documents/admitted.js';
import { Documents } from '../../server/documents/documents.js';
import { Purges } from '../../server/documents/purges.js';
import type { DocumentServices } from '../../server/documents/services.js';
import type { Session } from '../../server/documents/session.js';
import { UpdateLog } from '../../server/documents/update-log.js';
import { DocumentConnection } from '../../server/gateway/document-connection.js';
import { compactUpdates } from '../../server/workers/compact-updates.js';
import { diffState } from '../../server/workers/diff-state.js';
import { hashUpdates } from '../../server/workers/hash-updates.js';
import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { unmetered } from '../support/unmetered.js';
import { AccessGuard } from './access-guard.js';
import { NOTICES_WITHIN } from './faults.js';
import { serverLog } from './server-log.js';
import { type ClientEnd, ServerSocket } from './server-socket.js';
import { StoreLayer } from './store-layer.js';
import type { ProcessClock } from './timeline.js';
import { Weather } from './weather.js';
import type { Wire } from './wire.js';
import type { World } from './world.js';

/** How long a stop may take before it is cut short, in milliseconds, as in production. */
const STOP_TIMEOUT_MS = 25_000;
const CRDT_WORK_FAILS = 0.05;
const KEEP_DELETED_MS = 30 * 86_400_000;
const RESTARTED_AFTER_MS = 500;
/** After a standstill of this length, in milliseconds, the first clients take their connection for dead. */
const PINGS_MISSED_AFTER = 10_000;
/** How wrong a node's wall clock is at most, in milliseconds. */
const SKEW = 2_000;

/** One life of a server process. */
interface Life {
  readonly documents: Documents;
  readonly bus: Bus;
  readonly clock: ProcessClock;
  readonly store: StoreLayer;
  readonly wires: Set<Wire>;
  readonly purges: Purges | undefined;
  readonly sessions: WeakMap<object, Session>;
  /** It lets people in. */
  ready: boolean;
  over: boolean;
}

/** A client at the door. */
interface Visitor {
  readonly id: DocumentId;
  readonly wire: Wire;
  readonly token: string | undefined;
  /** `false` once he has left again. */
  isWanted(): boolean;
}

/** What becomes of a visitor. */
export type Accepted = ServerSocket | CoscribeError | 'unreachable';

/** Clients of the simulation are slow to join now and then. */
const NEVER_DISMISSED = { start: () => {}, done: () => {} };
const EDITOR: Admission = { grant: { identity: {}, role: 'editor' }, revision: 0, at: 0 };

/** A node: a process that can be killed, stopped and started again, on the disk that all nodes share. */
export class SimulatedServer {
  /** Of its line to the disk. */
  readonly weather: Weather;
  #life: Life | undefined;
  #lives = 0;
  /** Since when nobody can join here. */
  #downSince: number | undefined = Number.NEGATIVE_INFINITY;
  /** Since when it has been running without a standstill. */
  #runsSince = Number.NEGATIVE_INFINITY;
  readonly #guard: AccessGuard | undefined;
  readonly #skew: number;

  constructor(
    private readonly world: World,
    readonly name: string,
    private readonly createLog: DocumentServices['createLog'] | undefined,
  ) {
    const { timeline, directory } = world;
    this.weather = new Weather(() => timeline.now);
    this.#guard = directory && new AccessGuard(world, directory, this);
    this.#skew = (world.dice.random() - 0.5) * 2 * SKEW;
  }

  get up(): boolean {
    return this.#life?.ready === true && this.#downSince === undefined;
  }

  /** Whether the load balancer takes it to be up. */
  get seemsUp(): boolean {
    const { timeline, profile } = this.world;
    return this.#downSince === undefined || timeline.now < this.#downSince + profile.balancerNotices;
  }

  /** Since when it could have known what is in the store; infinite while it cannot. */
  get clearSince(): number {
    const isStill = this.#life?.clock.frozen ?? true;
    const runs = isStill ? Number.POSITIVE_INFINITY : this.#runsSince;
    return Math.max(runs, this.weather.clearSince, this.world.weather.clearSince);
  }

  /** Its wall time, in milliseconds since the Unix epoch. */
  get wall(): number {
    return this.world.timeline.wall + this.#skew;
  }

  /** Whether no process is there. */
  get gone(): boolean {
    return this.#life === undefined;
  }

  /** Documents in memory. */
  get openCount(): number {
    return this.#life?.documents.openCount ?? 0;
  }

  start(): void {
    if (this.#life !== undefined) return;
    const { world } = this;
    const { timeline, dice, profile, directory } = world;
    const createLog = this.#createLog();
    world.trace.note(`${this.name} starts`);
    const clock = timeline.process(this.#skew);
    const weathers = [world.weather, this.weather];
    const store = new StoreLayer(world.disk, weathers, profile, timeline, dice, clock);
    const alone = profile.nodes === 1;
    const bus = alone
      ? new LocalBus({ sharedStore: false })
      : world.bus.connect(this.name, `${this.name}.${++this.#lives}`, clock);
    const aside = <T>(work: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        clock.schedule(dice.random() * 50, () => {
          if (dice.chance(CRDT_WORK_FAILS)) reject(new CoscribeError('internal', 'a simulated worker crash'));
          else resolve(work());
        });
      });
    const log = serverLog(world, this.name);
    const access =
      directory === undefined
        ? openAccess
        : new GuardedAccess({
            mode: 'tokens',
            authenticator: directory.authenticator(clock),
            store,
            clock,
            log,
          });
    const documents = new Documents({
      store,
      access,
      bus,
      clock,
      random: dice.random,
      counters: { count: () => {} },
      log,
      crdt: {
        compact: (job) => aside(() => compactUpdates(job)),
        diff: (state, stateVector) => aside(() => diffState(state, [stateVector])[0]),
        hash: ({ state, since }) => aside(() => hashUpdates({ state, since })),
        close: async () => {},
      },
      compaction: {
        atRows: profile.compactAtRows,
        atBytes: 4_096,
        everyMs: profile.compactEveryMs,
        onUnloadAtRows: 3,
        onUnloadAtBytes: 1_000,
        keepRows: profile.keepRows,
      },
      diffAtBytes: 200,
      unloadAfterMs: profile.unloadAfterMs,
      limits: {
        maxUpdateBytes: profile.maxUpdateBytes,
        maxDocumentBytes: 10_000_000,
        maxDeleteRanges: 20,
        maxAwarenessBytes: 1_024,
        maxAwarenessDepth: 4,
        maxPendingBytes: profile.maxPendingBytes,
        maxSessions: 1_000,
        maxClientIds: 10_000,
      },
      ...(createLog === undefined ? {} : { createLog }),
    });
    const purges =
      directory && new Purges({ store, clock, random: dice.random, log, keepDeletedMs: KEEP_DELETED_MS });
    const life = { documents, bus, clock, store, purges, wires: new Set<Wire>(), over: false };
    this.#life = { ...life, sessions: sessionsBySocket(documents), ready: directory === undefined };
    this.#downSince = undefined;
    this.#runsSince = timeline.now;
    if (directory !== undefined) void this.#begin(this.#life);
  }

  /** The process is gone, and what it had in memory with it. */
  crash(): void {
    if (this.#life === undefined) return;
    this.world.trace.note(`${this.name} crashes`);
    this.#end(this.#life);
  }

  /**
   * Stops in an orderly way; when that takes too long, less so.
   *
   * @param idle nobody is here, so that no timer may be left
   */
  stop({ idle } = { idle: false }): void {
    const life = this.#life;
    life?.clock.arrive(() => {
      if (!life.documents.stopping) void this.#stop(life, idle);
    });
  }

  /** The process stands still for so long. */
  freeze(duration: number): void {
    const life = this.#life;
    const { timeline, trace, dice } = this.world;
    if (life === undefined || this.#downSince !== undefined) return;
    trace.note(`${this.name} stands still for ${duration.toFixed(0)} ms`);
    this.#downSince = timeline.now;
    life.clock.freeze();
    for (const wire of life.wires) {
      const noticed = dice.spread(PINGS_MISSED_AFTER, NOTICES_WITHIN);
      if (noticed > duration) continue;
      timeline.after(noticed, () => {
        if (!life.clock.frozen) return;
        const upArrives = dice.chance(0.5);
        wire.cut({ clientNoticesAfter: 0, serverNoticesAfter: 0, upArrives, downArrives: false });
      });
    }
    timeline.after(duration, () => this.#thaw(life));
  }

  /** Whatever has happened to it, it is up, or will be. */
  heal(): void {
    this.weather.outage = false;
    if (this.#life === undefined) this.start();
    else this.#thaw(this.#life);
  }

  /** Something comes to the process: it happens now, when the process goes on, or never. */
  arrive(run: () => void): void {
    if (this.#life === undefined) run();
    else this.#life.clock.arrive(run);
  }

  /** Has the process do something, if there is one. */
  tell(run: (documents: Documents) => Promise<void>): void {
    const life = this.#life;
    life?.clock.arrive(() => {
      if (life.ready) run(life.documents).catch((error: unknown) => this.world.fail(error));
    });
  }

  /** A client wants to open a document; `answer` is called once, unless the process ends before. */
  accept(visitor: Visitor, client: ClientEnd, answer: (accepted: Accepted) => void): void {
    const life = this.#life;
    const { wire } = visitor;
    if (life?.ready !== true || (life.documents.stopping && !life.wires.has(wire))) answer('unreachable');
    else if (life.documents.stopping) answer(new CoscribeError('shutting-down'));
    else {
      life.wires.add(wire);
      if (this.world.directory === undefined) answer(this.#connect(life, visitor, client, EDITOR));
      else void this.#admit(life, visitor, client, answer);
    }
  }

  async #admit(
    life: Life,
    visitor: Visitor,
    client: ClientEnd,
    answer: (accepted: Accepted) => void,
  ): Promise<void> {
    const { id, token, wire, isWanted } = visitor;
    const shown = token === undefined ? {} : { token };
    try {
      const admission = await life.documents.admit(id, { headers: {}, address: '127.0.0.1', ...shown });
      if (isWanted() && !wire.isClosedByServer && !life.over)
        answer(this.#connect(life, visitor, client, admission));
    } catch (thrown) {
      if (!life.over) answer(toCoscribeError(thrown));
    }
  }

  #connect(life: Life, { id, wire }: Visitor, client: ClientEnd, admission: Admission): ServerSocket {
    const socket = new ServerSocket(id, wire, client, () => !life.over, this.world.witness);
    const { documents } = life;
    const connection = new DocumentConnection(socket.asSocket(), id, admission, unmetered(), {
      documents,
      log: serverLog(this.world, this.name),
      unjoined: NEVER_DISMISSED,
    });
    socket.onDisconnect = () => connection.leave();
    socket.onShow = () => {
      const session = life.sessions.get(connection);
      if (session !== undefined) this.#guard?.shown(id, session);
    };
    return socket;
  }

  #createLog(): DocumentServices['createLog'] | undefined {
    const { createLog: create = (home) => new UpdateLog(home) } = this;
    const guard = this.#guard;
    return guard === undefined ? this.createLog : (home) => guard.watch(home.id, create(home));
  }

  /** A process that cannot read the store ends, and another one is started. */
  async #begin(life: Life): Promise<void> {
    try {
      await life.documents.start();
      life.purges?.start();
      life.ready = true;
      this.#runsSince = this.world.timeline.now;
    } catch {
      this.#end(life);
      this.world.timeline.after(RESTARTED_AFTER_MS, () => this.start());
    }
  }

  async #stop(life: Life, idle: boolean): Promise<void> {
    const { trace, profile, timeline } = this.world;
    trace.note(`${this.name} begins to stop`);
    this.#downSince = timeline.now;
    const { clock, documents, bus, purges } = life;
    purges?.stop();
    const giveUp = clock.schedule(STOP_TIMEOUT_MS, () => documents.abandon());
    const end = clock.schedule(STOP_TIMEOUT_MS + 2_000, () => this.#end(life));
    await documents.stop();
    await bus.close();
    clock.cancel(giveUp);
    clock.cancel(end);
    if (idle && clock.timers > 0)
      this.world.fail(new Error(`${clock.timers} timers are left after ${this.name} has stopped`));
    // What was said last still has to leave.
    timeline.after(profile.latency, () => this.#end(life));
  }

  #thaw(life: Life): void {
    if (life.over || life.documents.stopping) return;
    this.#downSince = undefined;
    this.#runsSince = this.world.timeline.now;
    life.clock.thaw();
  }

  #end(life: Life): void {
    if (life.over) return;
    life.over = true;
    life.clock.kill();
    life.store.kill();
    void life.bus.close();
    const { dice, profile } = this.world;
    for (const wire of life.wires) {
      wire.cut({
        // Mostly the kernel closes the connection; a machine that loses power says nothing.
        clientNoticesAfter: dice.chance(0.8) ? profile.latency : dice.spread(100, 30_000),
        serverNoticesAfter: 0,
        upArrives: false,
        downArrives: dice.chance(0.5),
      });
    }
    this.#life = undefined;
    this.#downSince ??= this.world.timeline.now;
    this.world.trace.note(`${this.name} is gone`);
  }
}

/** The session of each connection, as documents open them. */
function sessionsBySocket(documents: Documents): WeakMap<object, Session> {
  const sessions = new WeakMap<object, Session>();
  const open = documents.open.bind(documents);
  documents.open = async (id, admission, transport) => {
    const session = await open(id, admission, transport);
    sessions.set(transport, session);
    return session;
  };
  return sessions;
}
