import type { Clock } from '../../../shared/time.js';
import type { Counters } from '../../telemetry/counters.js';
import type { Pace } from '../pace.js';
import { PACKET_BYTES } from '../packet-size.js';

/** What a line may send before others get their turn, in bytes. */
const REST_AFTER_BYTES = 64 * 1024;
/** Somebody who is too fast is not read for so long at least, in milliseconds: to stop and to go on costs, too. */
const LEAST_HOLD_MS = 50;
/** Who has sent so much more than he may that he would have to wait so long, in milliseconds, is cut off. */
const MAX_DEBT_MS = 3_000;

/** A line, as far as its reading goes. */
export interface ReadLine {
  readonly pace: Pace;
  readonly isOpen: boolean;
  /** Reads nothing until it is told to go on for the same reason. */
  hold(why: 'pace' | 'turn'): void;
  goOn(why: 'pace' | 'turn'): void;
  cutOff(): void;
}

/**
 * Lets everybody else go on when somebody sends much over a WebSocket: as `FairTurns` does it for engine.io, where it is said
 * why.
 */
export class LineTurns {
  private speaker: ReadLine | undefined;
  private spent = 0;

  constructor(
    private readonly clock: Clock,
    private readonly counters: Pick<Counters, 'count'>,
  ) {}

  /** Bytes have come. */
  bytes(line: ReadLine, length: number): void {
    this.take(line, 0, length);
    this.spend(line, length);
  }

  /** A message or a control frame has come. */
  packet(line: ReadLine): void {
    this.take(line, 1, 0);
    this.spend(line, PACKET_BYTES);
  }

  /** Cuts off somebody who sends too much. What else has come from him already is not looked at. */
  end(line: ReadLine): void {
    if (!line.isOpen) return;
    this.counters.count('flood-ended');
    line.cutOff();
  }

  private spend(line: ReadLine, bytes: number): void {
    if (this.speaker !== line) {
      this.speaker = line;
      this.spent = 0;
    }
    const rests = this.spent > REST_AFTER_BYTES;
    this.spent += bytes;
    if (rests || this.spent <= REST_AFTER_BYTES) return;
    line.hold('turn');
    setImmediate(() => {
      line.goOn('turn');
      if (this.speaker === line) this.speaker = undefined;
    });
  }

  private take(line: ReadLine, packets: number, bytes: number): void {
    const { pace } = line;
    const now = this.clock.monotonic();
    pace.take(packets, bytes, now);
    const wait = pace.wait(now);
    if (wait > MAX_DEBT_MS) this.end(line);
    else if (wait > 0 && !pace.held) this.hold(line);
  }

  private hold(line: ReadLine): void {
    const { pace } = line;
    this.counters.count('connection-held');
    pace.held = true;
    line.hold('pace');
    const lookAgain = (): void => {
      const wait = pace.wait(this.clock.monotonic());
      if (wait > 0) {
        this.clock.schedule(Math.max(wait, LEAST_HOLD_MS), lookAgain);
        return;
      }
      pace.held = false;
      line.goOn('pace');
    };
    lookAgain();
  }
}
