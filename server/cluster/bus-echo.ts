import type { Clock } from '../../shared/time.js';

/** What has not come back after so long was lost, in milliseconds. */
const LOST_AFTER_MS = 10_000;

/**
 * How long a message takes through Redis, without comparing the clocks of two machines: Redis sends a message to its sender,
 * too, over the way on which others get it. One message is timed at a time.
 */
export class BusEcho {
  private sentCount = 0;
  private heardCount = 0;
  private awaited: { readonly number: number; readonly sentAt: number } | undefined;

  /** @param took is told of each that came back, how many milliseconds that took */
  constructor(
    private readonly clock: Pick<Clock, 'monotonic'>,
    private readonly took: (ms: number) => void,
  ) {}

  /** A message goes out. */
  sent(): void {
    const sentAt = this.clock.monotonic();
    if (this.awaited !== undefined && sentAt - this.awaited.sentAt > LOST_AFTER_MS) this.forget();
    this.sentCount++;
    this.awaited ??= { number: this.sentCount, sentAt };
  }

  /** One of them, the oldest that is under way, has come back. */
  heard(): void {
    const { awaited } = this;
    this.heardCount++;
    if (awaited === undefined || this.heardCount < awaited.number) return;
    this.awaited = undefined;
    this.took(this.clock.monotonic() - awaited.sentAt);
  }

  /** What is under way will not come back. */
  forget(): void {
    this.sentCount = 0;
    this.heardCount = 0;
    this.awaited = undefined;
  }
}
