import type { Session } from '../../server/documents/session.js';
import {
  type CommittedBatch,
  type PendingUpdate,
  UpdateLog,
  type UpdateLogHome,
} from '../../server/documents/update-log.js';

type Home = UpdateLogHome<Session>;
type Update = PendingUpdate<Session>;

/*
 * Update logs in a wrong order, each of which looks well as long as nothing breaks. The simulation has to find them.
 */

/** The same home, which hears of batches in another way. */
function withListeners(home: Home, listeners: Partial<Pick<Home, 'onRecorded' | 'onPublished'>>): Home {
  const { id, generation, commits, clock } = home;
  return {
    id,
    generation,
    commits,
    clock,
    mayGather: (committing) => home.mayGather(committing),
    onRecorded: (batch) => home.onRecorded(batch),
    onPublished: (batch) => home.onPublished(batch),
    onRefused: () => home.onRefused(),
    onBroken: (error) => home.onBroken(error),
    ...listeners,
  };
}

/** Numbers updates when they are admitted, once a commit has told where the log stands and nothing waits. */
class Numbers {
  #next: number | undefined;

  take(): number | undefined {
    return this.#next === undefined ? undefined : this.#next++;
  }

  /** `waiting` updates were admitted behind the batch, and have no number. */
  committed(batch: CommittedBatch<Session>, waiting: number): void {
    if (waiting === 0) this.#next ??= batch.from + batch.rows.length;
  }
}

/** Answers at once with the number that an update will probably get. */
export class AckBeforeCommit extends UpdateLog<Session> {
  readonly #numbers: Numbers;
  readonly #waiting: Waiting;

  constructor(home: Home) {
    const numbers = new Numbers();
    const waiting = new Waiting();
    super(
      withListeners(home, {
        onRecorded: (batch) => {
          waiting.committed(batch);
          numbers.committed(batch, waiting.count);
          return home.onRecorded(batch);
        },
      }),
    );
    this.#numbers = numbers;
    this.#waiting = waiting;
  }

  override append(update: Update): void {
    this.#waiting.count++;
    const number = this.#numbers.take();
    if (number === undefined) {
      super.append(update);
      return;
    }
    update.settle(number);
    super.append({ ...update, settle: () => {} });
  }
}

/** Shows an update to the other clients, and to whoever joins, when it is admitted; answers after the commit. */
export class BroadcastBeforeCommit extends UpdateLog<Session> {
  readonly #early: EarlyRecords;

  constructor(home: Home) {
    const early = new EarlyRecords(home, (batch) => home.onPublished(batch));
    super(early.home);
    this.#early = early;
  }

  override append(update: Update): void {
    super.append(update);
    this.#early.admitted(update);
  }
}

/** Shows whoever joins what is admitted and not committed yet; everybody else sees it after the commit. */
export class NoCommitBarrier extends UpdateLog<Session> {
  readonly #early: EarlyRecords;

  constructor(home: Home) {
    const early = new EarlyRecords(home);
    super(withListeners(early.home, { onPublished: (batch) => home.onPublished(batch) }));
    this.#early = early;
  }

  override append(update: Update): void {
    super.append(update);
    this.#early.admitted(update);
  }

  override settled(): Promise<void> {
    return Promise.resolve();
  }
}

/** Updates admitted and not committed. */
class Waiting {
  count = 0;

  committed({ rows }: CommittedBatch<Session>): void {
    this.count -= rows.length;
  }
}

/** Makes updates part of the document when they are admitted instead of when they are committed. */
class EarlyRecords {
  readonly home: Home;
  readonly #numbers = new Numbers();
  readonly #waiting = new Waiting();
  readonly #recorded = new Set<Uint8Array>();

  constructor(
    private readonly real: Home,
    private readonly publish: (batch: CommittedBatch<Session>) => void = () => {},
  ) {
    this.home = withListeners(real, {
      onRecorded: (batch) => {
        this.#waiting.committed(batch);
        this.#numbers.committed(batch, this.#waiting.count);
        const late = this.#late(batch);
        return late.rows.length > 0 && real.onRecorded(late) === undefined ? undefined : batch;
      },
      onPublished: (batch) => {
        const late = this.#late(batch);
        for (const { update } of batch.rows) this.#recorded.delete(update);
        if (late.rows.length > 0) real.onPublished(late);
      },
    });
  }

  admitted(update: Update): void {
    this.#waiting.count++;
    const from = this.#numbers.take();
    if (from === undefined) return;
    this.#recorded.add(update.update);
    const batch = { from, rows: [update], committedAt: 0, takenAt: 0, durableAt: 0 };
    this.real.onRecorded(batch);
    this.publish(batch);
  }

  /** What of a batch was not recorded early: the beginning of the log's life. */
  #late(batch: CommittedBatch<Session>): CommittedBatch<Session> {
    return { ...batch, rows: batch.rows.filter(({ update }) => !this.#recorded.has(update)) };
  }
}
