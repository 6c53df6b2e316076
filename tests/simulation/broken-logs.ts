import type { Session } from '../../server/documents/session.js';
import {
  type CommittedBatch,
  type PendingUpdate,
  UpdateLog,
  type UpdateLogOptions,
} from '../../server/documents/update-log.js';

type Options = UpdateLogOptions<Session>;
type Update = PendingUpdate<Session>;

/*
 * Update logs in a wrong order, each of which looks well as long as nothing breaks. The simulation has to find them.
 */

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

  constructor(options: Options) {
    const numbers = new Numbers();
    const waiting = new Waiting();
    super({
      ...options,
      onRecorded: (batch) => {
        waiting.committed(batch);
        numbers.committed(batch, waiting.count);
        options.onRecorded(batch);
      },
    });
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

  constructor(options: Options) {
    const early = new EarlyRecords(options, (batch) => options.onPublished(batch));
    super(early.options);
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

  constructor(options: Options) {
    const early = new EarlyRecords(options);
    super({ ...early.options, onPublished: options.onPublished });
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
  readonly options: Options;
  readonly #numbers = new Numbers();
  readonly #waiting = new Waiting();
  readonly #recorded = new Set<Uint8Array>();

  constructor(
    private readonly real: Options,
    private readonly publish: (batch: CommittedBatch<Session>) => void = () => {},
  ) {
    this.options = {
      ...real,
      onRecorded: (batch) => {
        this.#waiting.committed(batch);
        this.#numbers.committed(batch, this.#waiting.count);
        const late = this.#late(batch);
        if (late.rows.length > 0) real.onRecorded(late);
      },
      onPublished: (batch) => {
        const late = this.#late(batch);
        for (const { update } of batch.rows) this.#recorded.delete(update);
        if (late.rows.length > 0) real.onPublished(late);
      },
    };
  }

  admitted(update: Update): void {
    this.#waiting.count++;
    const from = this.#numbers.take();
    if (from === undefined) return;
    this.#recorded.add(update.update);
    const batch = { from, rows: [update] };
    this.real.onRecorded(batch);
    this.publish(batch);
  }

  /** What of a batch was not recorded early: the beginning of the log's life. */
  #late({ from, rows }: CommittedBatch<Session>): CommittedBatch<Session> {
    return { from, rows: rows.filter(({ update }) => !this.#recorded.has(update)) };
  }
}
