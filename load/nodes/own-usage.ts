import type { Clock, Timer } from '../../shared/time.js';

/** What this process has used of its machine since it was asked last. */
export interface Usage {
  /** By how much its event loop was late, in milliseconds at most. */
  readonly lagMs: number;
  /** Processor time as a share of one core. */
  readonly cpu: number;
  /** Bytes in memory. */
  readonly rss: number;
}

/** How often the event loop is asked whether it is late. */
const LOOK_EVERY_MS = 20;
/** What a timer is late by itself. */
const TIMER_MS = 1;

/** Watches the process that it is in. */
export class OwnUsage {
  private timer: Timer;
  private lookedAt: number;
  private takenAt: number;
  private lagMs = 0;
  private cpu = process.cpuUsage();

  /** @param onLook called whenever the event loop was looked at, with the monotonic time in milliseconds */
  constructor(
    private readonly clock: Clock,
    private readonly onLook: (now: number) => void = () => {},
  ) {
    this.lookedAt = this.takenAt = clock.monotonic();
    this.timer = clock.schedule(LOOK_EVERY_MS, this.look);
  }

  /** Since the call before. */
  take(): Usage {
    const now = this.clock.monotonic();
    const { user, system } = process.cpuUsage(this.cpu);
    const passedMs = now - this.takenAt;
    const usage = {
      lagMs: Math.max(0, this.lagMs),
      cpu: passedMs > 0 ? (user + system) / 1000 / passedMs : 0,
      rss: process.memoryUsage.rss(),
    };
    this.takenAt = now;
    this.lagMs = 0;
    this.cpu = process.cpuUsage();
    return usage;
  }

  stop(): void {
    this.clock.cancel(this.timer);
  }

  private readonly look = (): void => {
    const now = this.clock.monotonic();
    this.lagMs = Math.max(this.lagMs, now - this.lookedAt - LOOK_EVERY_MS - TIMER_MS);
    this.lookedAt = now;
    this.timer = this.clock.schedule(LOOK_EVERY_MS, this.look);
    this.onLook(now);
  };
}
