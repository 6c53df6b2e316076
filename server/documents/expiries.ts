import type { Clock, Timer } from '../../shared/time.js';
import type { Session } from './session.js';

const LOOK_EVERY_MS = 1_000;

/** The sessions whose grant ends at some time, looked after by one timer for the whole node while there are any. */
export class Expiries {
  private readonly sessions = new Set<Session>();
  private timer: Timer | undefined;
  private stopped = false;

  constructor(private readonly clock: Clock) {}

  /** Does nothing for a session whose grant does not end. */
  add(session: Session): void {
    if (this.stopped || session.admission.grant.expiresAt === undefined) return;
    this.sessions.add(session);
    this.timer ??= this.clock.schedule(LOOK_EVERY_MS, () => this.look());
  }

  /** Sessions that are added later are not looked after. */
  stop(): void {
    this.stopped = true;
    if (this.timer !== undefined) this.clock.cancel(this.timer);
    this.timer = undefined;
    this.sessions.clear();
  }

  private look(): void {
    this.timer = undefined;
    const now = this.clock.wall();
    for (const session of this.sessions) {
      if (!session.expire(now)) this.sessions.delete(session);
    }
    if (this.sessions.size > 0) this.timer = this.clock.schedule(LOOK_EVERY_MS, () => this.look());
  }
}
