import type { Clock, Timer } from '../../shared/time.js';
import type { Session } from './session.js';

const LOOK_EVERY_MS = 250;

/** Sessions that take messages too slowly, looked after by one timer for the whole node while there are any. */
export class SlowSessions {
  private readonly sessions = new Set<Session>();
  private timer: Timer | undefined;

  constructor(private readonly clock: Clock) {}

  add(session: Session): void {
    this.sessions.add(session);
    this.timer ??= this.clock.schedule(LOOK_EVERY_MS, () => this.look());
  }

  private look(): void {
    this.timer = undefined;
    const now = this.clock.monotonic();
    for (const session of this.sessions) {
      if (!session.lookAfter(now)) this.sessions.delete(session);
    }
    if (this.sessions.size > 0) this.timer = this.clock.schedule(LOOK_EVERY_MS, () => this.look());
  }
}
