import type { Clock, Timer } from '../../../shared/time.js';
import { SHORTEST_WAIT_MS } from '../../documents/shortest-wait.js';

/** A round stops for others after so long, in milliseconds: a keystroke that comes meanwhile waits no longer. */
const TURN_MS = 1;

interface RoundsOptions<Member> {
  readonly clock: Clock;
  /** May change at any time; who comes during a round has a place in it. */
  readonly members: ReadonlySet<Member>;
  /** From the beginning of one round to that of the next at least, in milliseconds. */
  interval(): number;
  begin(): void;
  visit(member: Member): void;
}

/**
 * Visits all members, as often as there is reason to: at once after a rest, then at a pace. A round of thousands takes many
 * turns of the event loop, between which others have theirs.
 */
export class Rounds<Member> {
  private timer: Timer | undefined;
  private place: IterableIterator<Member> | undefined;
  private isDue = false;
  private lastAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: RoundsOptions<Member>) {}

  /** There is reason for a round that begins after this. */
  request(): void {
    this.isDue = true;
    if (this.timer !== undefined || this.place !== undefined) return;
    const { clock, interval } = this.options;
    const wait = this.lastAt + interval() - clock.monotonic();
    if (wait < SHORTEST_WAIT_MS) this.start();
    else this.timer = clock.schedule(wait, () => this.start());
  }

  stop(): void {
    if (this.timer !== undefined) this.options.clock.cancel(this.timer);
    this.timer = undefined;
    this.place = undefined;
    this.isDue = false;
  }

  private start(): void {
    const { clock, members, begin } = this.options;
    this.timer = undefined;
    this.isDue = false;
    this.lastAt = clock.monotonic();
    this.place = members.values();
    begin();
    this.turn();
  }

  private turn(): void {
    const { clock, visit } = this.options;
    this.timer = undefined;
    const begun = clock.monotonic();
    for (;;) {
      const next = this.place?.next();
      if (next === undefined) return;
      if (next.done === true) break;
      visit(next.value);
      if (clock.monotonic() - begun < TURN_MS) continue;
      this.timer = clock.schedule(0, () => this.turn());
      return;
    }
    this.place = undefined;
    if (this.isDue) this.request();
  }
}
