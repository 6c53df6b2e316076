import type { Clock } from '../../shared/time.js';
import { Durations } from '../histogram.js';
import type { Sample } from '../messages.js';
import type { Second } from '../result.js';
import { Timeline } from './timeline.js';
import { Window } from './window.js';

/** Kinds of errors that are counted apart; what comes beyond is `other`. */
const MAX_ERRORS = 50;

/** Takes the samples of all processes, and sums them up in every way that is asked for. Its memory does not grow with time. */
export class Recorder {
  readonly timeline: Timeline;
  readonly errors: Record<string, number> = {};
  /** How long every join took, those of the beginning too. */
  readonly joins = new Durations();
  /** How often servers have said that they are about to stop. */
  goodbyes = 0;
  private readonly windows = new Set<Window>();
  private readonly unackedOf: number[];

  /**
   * @param beganAt milliseconds since the Unix epoch
   * @param acknowledges whether the servers say when an edit is safe
   */
  constructor(
    processes: number,
    beganAt: number,
    private readonly acknowledges: boolean,
    private readonly clock: Clock,
    told: (second: Second) => void,
  ) {
    this.timeline = new Timeline(processes, beganAt, told);
    this.unackedOf = Array.from({ length: processes }, () => 0);
  }

  take(process: number, sample: Sample): void {
    this.unackedOf[process] = sample.unacked;
    this.goodbyes += sample.goodbyes;
    for (const [code, count] of Object.entries(sample.errors)) this.count(code, count);
    this.joins.mergeEncoded(sample.joinMs);
    for (const window of this.windows) window.add(process, sample, this.unacked);
    this.timeline.take(process, sample);
  }

  left(process: number): void {
    this.unackedOf[process] = 0;
    this.timeline.left(process);
  }

  /** Edits that wait for their acknowledgement. */
  get unacked(): number {
    return this.unackedOf.reduce((sum, unacked) => sum + unacked, 0);
  }

  /** Sums up from now on. */
  open(): Window {
    const window = new Window(this.acknowledges, this.clock.wall(), this.unacked);
    this.windows.add(window);
    return window;
  }

  /** Takes nothing more. */
  close(window: Window): void {
    this.windows.delete(window);
  }

  private count(code: string, count: number): void {
    const isNew = !Object.hasOwn(this.errors, code);
    const name = isNew && Object.keys(this.errors).length >= MAX_ERRORS ? 'other' : code;
    this.errors[name] = (this.errors[name] ?? 0) + count;
  }
}
