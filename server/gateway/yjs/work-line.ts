/** What may wait while a client is let in or its clientID is looked up, in bytes, before one message more, and in messages. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const MAX_WAITING = 1_000;

interface Job {
  readonly bytes: number;
  run(): Promise<void>;
}

/** What there is to do for one client, one thing after the other. */
export class WorkLine {
  private waiting: Job[] = [];
  private waitingBytes = 0;
  private isBusy = false;

  get isEmpty(): boolean {
    return !this.isBusy;
  }

  /**
   * Does something when all that came before it is done.
   *
   * @param bytes of the message that it is about, which is kept until then
   * @param run must not reject
   * @returns `false` if too much waits; then it is not done
   */
  add(bytes: number, run: () => Promise<void>): boolean {
    if (this.waiting.length >= MAX_WAITING || this.waitingBytes > MAX_WAITING_BYTES) return false;
    this.waiting.push({ bytes, run });
    this.waitingBytes += bytes;
    if (!this.isBusy) void this.work();
    return true;
  }

  /** What waits is not done any more, and not kept. */
  clear(): void {
    this.waiting = [];
    this.waitingBytes = 0;
  }

  private async work(): Promise<void> {
    this.isBusy = true;
    await Promise.resolve();
    for (let job = this.waiting[0]; job !== undefined; job = this.waiting[0]) {
      await job.run();
      // Unless all of them are gone meanwhile.
      if (this.waiting[0] !== job) continue;
      this.waiting.shift();
      this.waitingBytes -= job.bytes;
    }
    this.isBusy = false;
  }
}
