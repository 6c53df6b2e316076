import { openAccess } from '../../server/auth/open-access.js';
import type { Bus } from '../../server/cluster/bus.js';
import { LocalBus } from '../../server/cluster/local-bus.js';
import type { Admission } from '../../server/documents/admitted.js';
import { Documents } from '../../server/documents/documents.js';
import type { DocumentServices } from '../../server/documents/services.js';
import { DocumentConnection } from '../../server/gateway/document-connection.js';
import { compactUpdates } from '../../server/workers/compact-updates.js';
import { diffState } from '../../server/workers/diff-state.js';
import { hashUpdates } from '../../server/workers/hash-updates.js';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { unmetered } from '../support/unmetered.js';
import { NOTICES_WITHIN } from './faults.js';
import { serverLog } from './server-log.js';
import { type ClientEnd, ServerSocket } from './server-socket.js';
import { StoreLayer, type StoreWeather } from './store-layer.js';
import type { ProcessClock } from './timeline.js';
import type { Wire } from './wire.js';
import type { World } from './world.js';

/** How long a stop may take before it is cut short, in milliseconds, as in production. */
const STOP_TIMEOUT_MS = 25_000;
const CRDT_WORK_FAILS = 0.05;
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
  over: boolean;
}

/** Clients of the simulation are slow to join now and then. */
const NEVER_DISMISSED = { start: () => {}, done: () => {} };
const EDITOR: Admission = { grant: { identity: {}, role: 'editor' }, revision: 0, at: 0 };

/** A node: a process that can be killed, stopped and started again, on the disk that all nodes share. */
export class SimulatedServer {
  /** Of its line to the disk. */
  readonly weather: StoreWeather = { outage: false };
  #life: Life | undefined;
  #lives = 0;
  /** Since when nobody can join here. */
  #downSince: number | undefined = Number.NEGATIVE_INFINITY;
  readonly #skew: number;

  constructor(
    private readonly world: World,
    readonly name: string,
    private readonly createLog: DocumentServices['createLog'] | undefined,
  ) {
    this.#skew = (world.dice.random() - 0.5) * 2 * SKEW;
  }

  get up(): boolean {
    return this.#life !== undefined && this.#downSince === undefined;
  }

  /** Whether the load balancer takes it to be up. */
  get seemsUp(): boolean {
    const { timeline, profile } = this.world;
    return this.#downSince === undefined || timeline.now < this.#downSince + profile.balancerNotices;
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
    const { world, createLog } = this;
    const { timeline, dice, profile } = world;
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
    const documents = new Documents({
      store,
      access: openAccess,
      bus,
      clock,
      random: dice.random,
      counters: { count: () => {} },
      log: serverLog(this.world, this.name),
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
    this.#life = { documents, bus, clock, store, wires: new Set(), over: false };
    this.#downSince = undefined;
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

  /** A client wants to open a document. */
  accept(id: DocumentId, wire: Wire, client: ClientEnd): ServerSocket | 'unreachable' | 'stopping' {
    const life = this.#life;
    if (life === undefined || (life.documents.stopping && !life.wires.has(wire))) return 'unreachable';
    if (life.documents.stopping) return 'stopping';
    life.wires.add(wire);
    const socket = new ServerSocket(id, wire, client, () => !life.over, this.world.witness);
    const { documents } = life;
    const connection = new DocumentConnection(socket.asSocket(), id, EDITOR, unmetered(), {
      documents,
      log: serverLog(this.world, this.name),
      unjoined: NEVER_DISMISSED,
    });
    socket.onDisconnect = () => connection.leave();
    return socket;
  }

  async #stop(life: Life, idle: boolean): Promise<void> {
    const { trace, profile, timeline } = this.world;
    trace.note(`${this.name} begins to stop`);
    this.#downSince = timeline.now;
    const { clock, documents, bus } = life;
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
