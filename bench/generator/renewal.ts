import type { Protocol } from '../../load/wire/protocol.js';
import { caretUpdate } from './carets.js';
import type { Member } from './fleet.js';

/** Stock Yjs clients renew their awareness state this often, in milliseconds (y-protocols 1.0.7, half of 30 s). */
const RENEW_EVERY_MS = 15_000;
const STEP_MS = 100;

/** Clients that sit idle as stock clients do: each says who it is, and says so again every 15 seconds if its protocol wants that. */
export class Renewal {
  private timer: NodeJS.Timeout | undefined;
  private renewed = 0;
  private steps = 0;

  constructor(
    protocol: Protocol,
    private readonly members: readonly Member[],
  ) {
    if (protocol.renewsAwareness === true) this.timer = setInterval(() => this.step(), STEP_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Everybody in turn, evenly over the time. */
  private step(): void {
    this.steps++;
    const due = Math.floor((this.steps * STEP_MS * this.members.length) / RENEW_EVERY_MS);
    for (; this.renewed < due; this.renewed++) {
      const round = Math.floor(this.renewed / this.members.length);
      const member = this.members[this.renewed % this.members.length];
      member?.sendAwareness(caretUpdate(member.clientId, round + 1));
    }
  }
}
