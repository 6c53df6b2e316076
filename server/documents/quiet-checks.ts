import type { Clock, Timer } from '../../shared/time.js';

/** When contents are compared, and how much that may cost. Times in milliseconds. */
export interface QuietCheckPolicy {
  /** A document is checked once nothing has come for so long. */
  readonly quietMs: number;
  /** A document is checked this often at most, … */
  readonly everyMs: number;
  /** … and more seldom by so much for each MB of it: clients work for a check, too. */
  readonly everyMsPerMb: number;
  /** What part of the time the node may be checking. */
  readonly share: number;
}

export const DEFAULT_QUIET_CHECKS: QuietCheckPolicy = {
  quietMs: 10_000,
  everyMs: 60_000,
  everyMsPerMb: 60_000,
  share: 0.05,
};

/** Small documents are checked without pauses between them, up to so many milliseconds. */
const BURST_MS = 50;
/** Timers are not set shorter than this, in milliseconds: nothing here is urgent. */
const GRAIN_MS = 100;

/** A document, as far as its turn is concerned. */
export interface Checked {
  /** Size of its content, in bytes, about. */
  readonly bytes: number;
  /** Never rejects. */
  check(): Promise<void>;
}

/** Which document is checked when: one at a time, one timer for all of a node. */
export class QuietChecks {
  /** Documents that have changed since their last check, and when they last did. */
  private readonly waiting = new Map<Checked, number>();
  private readonly notBefore = new WeakMap<Checked, number>();
  private timer: Timer | undefined;
  private timerAt = Number.POSITIVE_INFINITY;
  private running = false;
  private stopped = false;
  /** Time that was spent since the last pause. */
  private spentMs = 0;
  private pauseUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly policy: QuietCheckPolicy = DEFAULT_QUIET_CHECKS,
  ) {}

  /** Something is new in the document. */
  changed(document: Checked): void {
    if (this.stopped) return;
    this.waiting.set(document, this.clock.monotonic());
    this.wake(this.dueAt(document));
  }

  /** The document is to be checked, though nothing is new in it. */
  ask(document: Checked): void {
    if (!this.waiting.has(document)) this.changed(document);
  }

  forget(document: Checked): void {
    this.waiting.delete(document);
    if (this.waiting.size === 0) this.stopTimer();
  }

  /** Nothing is checked from now on; what is under way ends by itself. */
  stop(): void {
    this.stopped = true;
    this.waiting.clear();
    this.stopTimer();
  }

  private wake(at: number): void {
    if (this.running || this.stopped || at >= this.timerAt) return;
    this.stopTimer();
    this.timerAt = at;
    this.timer = this.clock.schedule(Math.max(GRAIN_MS, at - this.clock.monotonic()), () => {
      this.stopTimer();
      this.running = true;
      void this.run().finally(() => {
        this.running = false;
        let next = Number.POSITIVE_INFINITY;
        for (const document of this.waiting.keys()) next = Math.min(next, this.dueAt(document));
        this.wake(next);
      });
    });
  }

  private stopTimer(): void {
    if (this.timer !== undefined) this.clock.cancel(this.timer);
    this.timer = undefined;
    this.timerAt = Number.POSITIVE_INFINITY;
  }

  private dueAt(document: Checked): number {
    const changedAt = this.waiting.get(document) ?? Number.POSITIVE_INFINITY;
    const notBefore = this.notBefore.get(document) ?? Number.NEGATIVE_INFINITY;
    return Math.max(changedAt + this.policy.quietMs, notBefore, this.pauseUntil);
  }

  private async run(): Promise<void> {
    for (const document of [...this.waiting.keys()]) {
      // Asked again for each: the one before may have taken long.
      if (this.dueAt(document) > this.clock.monotonic()) continue;
      this.waiting.delete(document);
      const begun = this.clock.monotonic();
      await document.check();
      this.charge(document, begun);
    }
  }

  private charge(document: Checked, begun: number): void {
    const { everyMs, everyMsPerMb, share } = this.policy;
    const now = this.clock.monotonic();
    this.notBefore.set(document, now + everyMs + (document.bytes / 2 ** 20) * everyMsPerMb);
    this.spentMs += now - begun;
    if (this.spentMs < BURST_MS) return;
    this.pauseUntil = now + this.spentMs * (1 / share - 1);
    this.spentMs = 0;
  }
}
