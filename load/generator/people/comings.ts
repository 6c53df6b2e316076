import type { Random } from '../../../shared/time.js';
import type { GeneratorPlan } from '../../plan.js';
import type { Protocol } from '../../wire/protocol.js';
import type { Crowd, Seat } from './crowd.js';

/** Until somebody has got in so many try; then so many at once. */
const FIRST_TRIES = 5;
const AT_ONCE = 100;
/** Stock Yjs clients renew their awareness state this often, in milliseconds (y-protocols 1.0.7, half of 30 s). */
const RENEW_EVERY_MS = 15_000;
/** After a pause of this process nothing is made up for that lies further back, in milliseconds. */
const MAX_STEP_MS = 1_000;

/** Something that happens so often a second on average: how often it is due after some time has passed. */
class Rate {
  #owed = 0;

  constructor(private readonly perSecond: number) {}

  due(passedMs: number): number {
    this.#owed += (this.perSecond * passedMs) / 1000;
    const whole = Math.floor(this.#owed);
    this.#owed -= whole;
    return whole;
  }
}

/** Who comes, who goes and who loses his network, and whose caret moves. Called every few milliseconds. */
export class Comings {
  readonly #crowd: Crowd;
  readonly #random: Random;
  readonly #plan: GeneratorPlan;
  readonly #arrivals: Rate;
  readonly #churn: Rate;
  readonly #spells: Rate;
  readonly #carets: Rate;
  /** When those without a network get it back, in the order of these times. */
  readonly #back: { readonly at: number; readonly seat: Seat }[] = [];
  #begun = 0;
  #caret = 0;
  #steppedAt: number;
  #stopped = false;

  constructor(crowd: Crowd, plan: GeneratorPlan, protocol: Protocol, random: Random, now: number) {
    this.#crowd = crowd;
    this.#plan = plan;
    this.#random = random;
    this.#steppedAt = now;
    const clients = crowd.seats.length;
    const renewals = protocol.renewsAwareness === true ? 1000 / RENEW_EVERY_MS : 0;
    this.#arrivals = new Rate(plan.arrivalsPerSecond);
    this.#churn = new Rate(plan.churnPerSecond);
    this.#spells = new Rate((clients * plan.offline.perMinute) / 60);
    this.#carets = new Rate(clients * (plan.presencePerSecond + renewals));
  }

  /** Everybody has begun to come. */
  get complete(): boolean {
    return this.#begun === this.#crowd.seats.length;
  }

  step(now: number): void {
    const passedMs = Math.min(now - this.#steppedAt, MAX_STEP_MS);
    this.#steppedAt = now;
    if (!this.complete) this.#arrive(passedMs);
    for (let left = this.#carets.due(passedMs); left > 0; left--) {
      this.#seat(this.#caret++ % this.#crowd.seats.length)?.client.showCaret();
    }
    this.#comeBack(now);
    if (this.#stopped) return;
    for (let left = this.#churn.due(passedMs); left > 0; left--) this.#leave();
    for (let left = this.#spells.due(passedMs); left > 0; left--) this.#loseNetwork(now);
  }

  /** Nobody comes or goes any more; who has no network, or waits before he tries again, tries at once. */
  stop(): void {
    this.#stopped = true;
    this.#back.length = 0;
    for (const { client } of this.#crowd.seats) client.connect();
    this.#begun = this.#crowd.seats.length;
  }

  #arrive(passedMs: number): void {
    const someIn = this.#crowd.seats.slice(0, this.#begun).some(({ client }) => client.everIn);
    const under = this.#crowd.count(({ client }) => client.connecting);
    const room = someIn ? AT_ONCE - under : FIRST_TRIES - this.#begun;
    const due = Math.max(this.#begun === 0 ? 1 : 0, this.#arrivals.due(passedMs));
    for (let left = Math.min(due, room); left > 0 && !this.complete; left--) {
      this.#seat(this.#begun++)?.client.connect();
    }
  }

  /** A typist first finishes what he has under way. */
  #leave(): void {
    const seat = this.#someone(({ client, leaving }) => client.isIn && !leaving);
    if (seat !== undefined) seat.leaving = true;
  }

  #loseNetwork(now: number): void {
    const seat = this.#someone(({ client, leaving }) => client.isIn && !leaving);
    if (seat === undefined) return;
    seat.client.goOffline();
    this.#back.push({ at: now + this.#plan.offline.forMs, seat });
  }

  #comeBack(now: number): void {
    for (let first = this.#back[0]; first !== undefined && first.at <= now; first = this.#back[0]) {
      this.#back.shift();
      first.seat.client.connect();
    }
  }

  /** Anybody for whom it holds; `undefined` if there is none after a few looks. */
  #someone(holds: (seat: Seat) => boolean): Seat | undefined {
    for (let look = 0; look < 10; look++) {
      const seat = this.#seat(Math.floor(this.#random() * this.#crowd.seats.length));
      if (seat !== undefined && holds(seat)) return seat;
    }
    return undefined;
  }

  #seat(index: number): Seat | undefined {
    return this.#crowd.seats[index];
  }
}
