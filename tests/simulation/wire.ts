import type { SimulatedServer } from './simulated-server.js';
import type { World } from './world.js';

const NONE = new Uint8Array();

type Direction = 'up' | 'down';

/** How a connection ends. Times from now, in milliseconds. */
export interface Cut {
  readonly clientNoticesAfter: number;
  readonly serverNoticesAfter: number;
  /** Whether what is on its way still arrives, unless the receiver has noticed before. */
  readonly upArrives: boolean;
  readonly downArrives: boolean;
}

/**
 * One connection between a client and a node, as TCP gives it: in order, with latency, until it is cut. Each end
 * learns of a cut at a time of its own; until then what it sends goes nowhere.
 */
export class Wire {
  #cut: Cut | undefined;
  /** What each end does when it learns that the connection is gone. */
  readonly onClientNotices: (() => void)[] = [];
  readonly onServerNotices: (() => void)[] = [];
  #clientGone = false;
  #serverGone = false;
  #upUntil = 0;
  #downUntil = 0;
  /** Bytes that the server could not hand to the network. */
  congestion: Uint8Array = NONE;

  /** @param node where the load balancer leads it; `undefined` if it knows of none that is up */
  constructor(
    private readonly world: World,
    readonly node: SimulatedServer | undefined,
  ) {}

  /** Whether the server knows that it is gone. */
  get isClosedByServer(): boolean {
    return this.#serverGone;
  }

  get cutOff(): boolean {
    return this.#cut !== undefined;
  }

  /** Whether something is on its way to the client. */
  get brings(): boolean {
    return this.#downUntil > this.world.timeline.now;
  }

  /** Sends something that `arrive` is, on the other side. */
  carry(direction: Direction, arrive: () => void): void {
    if (this.#cut !== undefined) return;
    const { timeline, dice, profile } = this.world;
    const earliest = timeline.now + dice.random() * profile.latency;
    const at = Math.max(earliest, direction === 'up' ? this.#upUntil : this.#downUntil);
    if (direction === 'up') this.#upUntil = at;
    else this.#downUntil = at;
    timeline.after(at - timeline.now, () => {
      if (direction === 'down') this.#arrive(direction, arrive);
      else this.#atServer(() => this.#arrive(direction, arrive));
    });
  }

  /** Nothing arrives for so many milliseconds; then all of it does. */
  stall(duration: number): void {
    const until = this.world.timeline.now + duration;
    this.#upUntil = Math.max(this.#upUntil, until);
    this.#downUntil = Math.max(this.#downUntil, until);
  }

  cut(cut: Cut): void {
    if (this.#cut !== undefined) return;
    this.#cut = cut;
    this.world.timeline.after(cut.clientNoticesAfter, () => this.#clientNotices());
    this.world.timeline.after(cut.serverNoticesAfter, () => this.#atServer(() => this.#serverNotices()));
  }

  /** The server closes the connection at once, and what waits for the client is gone. */
  closeByServer(): void {
    const clientNoticesAfter = this.world.profile.latency;
    this.cut({ clientNoticesAfter, serverNoticesAfter: 0, upArrives: false, downArrives: false });
  }

  /** A process that stands still takes nothing. */
  #atServer(run: () => void): void {
    if (this.node === undefined) run();
    else this.node.arrive(run);
  }

  #arrive(direction: Direction, arrive: () => void): void {
    const gone = direction === 'up' ? this.#serverGone : this.#clientGone;
    const lost = direction === 'up' ? this.#cut?.upArrives === false : this.#cut?.downArrives === false;
    if (!gone && !lost) arrive();
  }

  #clientNotices(): void {
    this.#clientGone = true;
    for (const notice of this.onClientNotices.splice(0)) notice();
  }

  #serverNotices(): void {
    this.#serverGone = true;
    for (const notice of this.onServerNotices.splice(0)) notice();
  }
}
