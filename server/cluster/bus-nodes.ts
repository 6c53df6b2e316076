import type { Clock, Timer } from '../../shared/time.js';

const ANNOUNCE_EVERY_MS = 2_000;
/** A node that nobody has heard of for so long is taken for dead. */
const GONE_AFTER_MS = 10_000;
/** A process that stood still for so long may have been taken for dead itself. */
const STOOD_STILL_MS = 5_000;

/** A node that is gone was probably restarted, and its successor is about to say that it is here. */
const BACK_WITHIN_MS = 15_000;

export interface NodesOptions {
  readonly clock: Clock;
  /** Tells the others that this node runs. */
  announce(): void;
  /** Whether others can be heard at all. */
  connected(): boolean;
  gone(node: string): void;
  /** This process stood still, so that others may have taken it for dead. */
  stoodStill(): void;
}

/** Which other nodes run: whoever said something lately and has not said goodbye. */
export class BusNodes {
  private readonly options: NodesOptions;
  private readonly heardAt = new Map<string, number>();
  private timer: Timer;
  private tickAt: number;
  private backUntil = Number.NEGATIVE_INFINITY;

  constructor(options: NodesOptions) {
    const { clock } = options;
    this.options = options;
    this.tickAt = clock.monotonic() + ANNOUNCE_EVERY_MS;
    this.timer = clock.schedule(ANNOUNCE_EVERY_MS, () => this.tick());
  }

  /** Whether there is any other node, or will be in a moment. */
  get any(): boolean {
    return this.heardAt.size > 0 || this.options.clock.monotonic() < this.backUntil;
  }

  /** Those that were heard of lately. */
  get names(): string[] {
    return [...this.heardAt.keys()].sort();
  }

  heard(node: string): void {
    const isNew = !this.heardAt.has(node);
    this.heardAt.set(node, this.options.clock.monotonic());
    // It has not heard of this one either, and must not have to wait for the next announcement.
    if (isNew) this.options.announce();
  }

  /** The node said goodbye, or was not heard of for long. */
  left(node: string): void {
    if (!this.heardAt.delete(node)) return;
    this.backUntil = this.options.clock.monotonic() + BACK_WITHIN_MS;
    this.options.gone(node);
  }

  /** Nobody can be blamed for not having been heard until now. */
  forgive(): void {
    for (const node of this.heardAt.keys()) this.heard(node);
  }

  close(): void {
    this.options.clock.cancel(this.timer);
  }

  private tick(): void {
    const { clock, announce, connected, stoodStill } = this.options;
    const now = clock.monotonic();
    const late = now - this.tickAt;
    this.tickAt = now + ANNOUNCE_EVERY_MS;
    this.timer = clock.schedule(ANNOUNCE_EVERY_MS, () => this.tick());
    if (connected()) announce();
    // What the others said meanwhile has not been read yet, or they could not be heard.
    if (late > STOOD_STILL_MS || !connected()) this.forgive();
    else this.removeSilent(now);
    if (late > STOOD_STILL_MS) stoodStill();
  }

  private removeSilent(now: number): void {
    for (const [node, heardAt] of this.heardAt) if (now - heardAt > GONE_AFTER_MS) this.left(node);
  }
}
