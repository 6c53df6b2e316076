/** Which jobs go first: one that somebody waits for; one that comes for the first time; one that failed before. */
export type Rank = 'awaited' | 'first' | 'again';

export interface Job {
  readonly rank: Rank;
  /** What the job keeps in memory while it waits. */
  readonly bytes: number;
}

export interface QueueBounds {
  readonly maxJobs: number;
  /** A single job may be larger: with nothing else waiting every job gets its turn. */
  readonly maxBytes: number;
}

/** Jobs that wait, bounded in number and bytes; by rank, and within a rank in the order in which they came. */
export class JobQueue<J extends Job> {
  private readonly waiting: Readonly<Record<Rank, Set<J>>> = {
    awaited: new Set(),
    first: new Set(),
    again: new Set(),
  };
  private jobs = 0;
  private bytes = 0;

  constructor(private readonly bounds: QueueBounds) {}

  get size(): number {
    return this.jobs;
  }

  /** @returns `false` if too much waits already; the job is not taken then */
  add(job: J): boolean {
    const { maxJobs, maxBytes } = this.bounds;
    if (this.jobs >= maxJobs || (this.jobs > 0 && this.bytes + job.bytes > maxBytes)) return false;
    this.waiting[job.rank].add(job);
    this.jobs++;
    this.bytes += job.bytes;
    return true;
  }

  remove(job: J): void {
    if (!this.waiting[job.rank].delete(job)) return;
    this.jobs--;
    this.bytes -= job.bytes;
  }

  /** Takes the job whose turn it is. */
  next(): J | undefined {
    for (const job of this) {
      this.remove(job);
      return job;
    }
    return undefined;
  }

  *[Symbol.iterator](): Iterator<J> {
    const { awaited, first, again } = this.waiting;
    yield* awaited;
    yield* first;
    yield* again;
  }
}
