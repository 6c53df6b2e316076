import { Documents } from '../../server/documents/documents.js';
import type { DocumentServices } from '../../server/documents/services.js';
import { DocumentConnection } from '../../server/gateway/document-connection.js';
import type { Log } from '../../server/telemetry/log.js';
import { compactUpdates } from '../../server/workers/compact-updates.js';
import { diffState } from '../../server/workers/diff-state.js';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { type ClientEnd, ServerSocket } from './server-socket.js';
import { StoreLayer } from './store-layer.js';
import type { ProcessClock } from './timeline.js';
import type { Wire } from './wire.js';
import type { World } from './world.js';

/** How long a stop may take before it is cut short, in milliseconds, as in production. */
const STOP_TIMEOUT_MS = 25_000;
const CRDT_WORK_FAILS = 0.05;

/** One life of the server process. */
interface Life {
  readonly documents: Documents;
  readonly clock: ProcessClock;
  readonly store: StoreLayer;
  readonly wires: Set<Wire>;
  over: boolean;
}

/** The server: a process that can be killed, stopped and started again on the same disk. */
export class SimulatedServer {
  #life: Life | undefined;

  constructor(
    private readonly world: World,
    private readonly createLog: DocumentServices['createLog'] | undefined,
  ) {}

  get up(): boolean {
    return this.#life !== undefined && !this.#life.documents.stopping;
  }

  /** Documents in memory. */
  get openCount(): number {
    return this.#life?.documents.openCount ?? 0;
  }

  start(): void {
    if (this.#life !== undefined) return;
    const { world, createLog } = this;
    const { timeline, dice, profile } = world;
    world.trace.note('server starts');
    const clock = timeline.process();
    const store = new StoreLayer(world.disk, world.weather, profile, timeline, dice);
    const aside = <T>(work: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        clock.schedule(dice.random() * 50, () => {
          if (dice.chance(CRDT_WORK_FAILS)) reject(new CoscribeError('internal', 'a simulated worker crash'));
          else resolve(work());
        });
      });
    const documents = new Documents({
      store,
      clock,
      random: dice.random,
      log: this.#log(),
      crdt: {
        compact: (job) => aside(() => compactUpdates(job)),
        diff: (state, stateVector) => aside(() => diffState(state, [stateVector])[0]),
        close: async () => {},
      },
      compaction: {
        atRows: profile.compactAtRows,
        atBytes: 4_096,
        everyMs: 50,
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
        maxPendingBytes: profile.maxPendingBytes,
      },
      ...(createLog === undefined ? {} : { createLog }),
    });
    this.#life = { documents, clock, store, wires: new Set(), over: false };
  }

  /** The process is gone, and what it had in memory with it. */
  crash(): void {
    if (this.#life === undefined) return;
    this.world.trace.note('server crashes');
    this.#end(this.#life);
  }

  /** Stops in an orderly way; when that takes too long, less so. */
  async stop(): Promise<void> {
    const life = this.#life;
    if (life === undefined || life.documents.stopping) return;
    this.world.trace.note('server begins to stop');
    life.clock.schedule(STOP_TIMEOUT_MS, () => life.documents.abandon());
    life.clock.schedule(STOP_TIMEOUT_MS + 2_000, () => this.#end(life));
    await life.documents.stop();
    // What was said last still has to leave.
    life.clock.schedule(this.world.profile.latency, () => this.#end(life));
  }

  /** A client wants to open a document. */
  accept(id: DocumentId, wire: Wire, client: ClientEnd): ServerSocket | 'unreachable' | 'stopping' {
    const life = this.#life;
    if (life === undefined || (life.documents.stopping && !life.wires.has(wire))) return 'unreachable';
    if (life.documents.stopping) return 'stopping';
    life.wires.add(wire);
    const socket = new ServerSocket(id, wire, client, () => !life.over, this.world.witness);
    const { documents } = life;
    const connection = new DocumentConnection(
      socket.asSocket(),
      id,
      { role: 'editor' },
      documents,
      this.#log(),
    );
    socket.onDisconnect = () => connection.leave();
    return socket;
  }

  #end(life: Life): void {
    if (life.over) return;
    life.over = true;
    life.clock.kill();
    life.store.kill();
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
    this.world.trace.note('server is gone');
  }

  #log(): Log {
    const note = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
      const { err } = fields;
      this.world.trace.note(`server ${level}: ${message}${err === undefined ? '' : ` (${String(err)})`}`);
    };
    return {
      debug: note('debug'),
      info: note('info'),
      warn: note('warn'),
      error: (fields, message) => {
        note('error')(fields, message);
        this.world.serverError(fields.err, message);
      },
    };
  }
}
