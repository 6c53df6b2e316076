import type { Documents } from '../../server/documents/documents.js';
import type { DocumentServices } from '../../server/documents/services.js';
import { UpdateLog } from '../../server/documents/update-log.js';
import { AccessGuard } from './access-guard.js';
import { type Accepted, Door, type Visitor } from './door.js';
import { NOTICES_WITHIN } from './faults.js';
import { beginLife, type Life } from './life.js';
import type { ClientEnd } from './server-socket.js';
import { Weather } from './weather.js';
import type { World } from './world.js';

/** How long a stop may take before it is cut short, in milliseconds, as in production. */
const STOP_TIMEOUT_MS = 25_000;
/** A process that could not begin is started again after so long, in milliseconds. */
const RESTARTED_AFTER_MS = 500;
/** After a standstill of this length, in milliseconds, the first clients take their connection for dead. */
const PINGS_MISSED_AFTER = 10_000;
/** How wrong a node's wall clock is at most, in milliseconds. */
export const SKEW = 2_000;

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
  readonly #door: Door;
  readonly #skew: number;

  constructor(
    private readonly world: World,
    readonly name: string,
    private readonly createLog: DocumentServices['createLog'] | undefined,
  ) {
    const { timeline, directory } = world;
    this.weather = new Weather(() => timeline.now);
    this.#guard = directory && new AccessGuard(world, directory, this);
    this.#door = new Door(world, name, this.#guard);
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
    const { world, name, weather } = this;
    const { timeline, directory } = world;
    world.trace.note(`${name} starts`);
    const facts = { name, number: ++this.#lives, skew: this.#skew, weather, createLog: this.#createLog() };
    this.#life = beginLife(world, facts);
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
    if (this.#life?.ready === true) this.#door.accept(this.#life, visitor, client, answer);
    else answer('unreachable');
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
      if (life.documents.draining) return;
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
