import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import { backoff, type Clock, type Random } from '../../shared/time.js';
import type { AppendBatch, AppendRefusal, AppendResult, DocumentStore } from '../storage/store.js';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import type { Pace } from './commit-pace.js';
import { foundInLog } from './found-in-log.js';
import { lostReason } from './lost-reason.js';

/** A document's queue of updates that wait for the disk. */
export interface CommitSource {
  /**
   * Hands over what waits, or nothing if that has become pointless. Called once per commit. What became of each batch is told in
   * their order.
   */
  take(committedAt: number): readonly AppendBatch[];
  /** The next of the batches taken last is durable; its first row has this number. */
  committed(firstSeq: number): void;
  /** It was guarded and is not stored. What comes after it does not depend on it, or is refused as well. */
  refused(error: CoscribeError): void;
  /** It will never be stored. */
  failed(error: CoscribeError): void;
}

const RETRY_BASE_MS = 100;
const RETRY_MAX_MS = 2_000;

interface GroupCommitOptions {
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Counters;
  readonly pace: Pace;
  /** Told whenever saving becomes impossible or possible again. */
  onSaving(possible: boolean): void;
}

/**
 * The node's one line to the disk. While a commit is under way the next one gathers, from all documents, so that
 * the commit itself is the clock: an idle node commits at once, a busy one pays one fsync for many edits. A very busy
 * one waits a little between commits (`CommitPace`).
 *
 * While the store cannot save, the batch in hand is kept and tried again; the documents bound what may wait behind.
 */
export class GroupCommit {
  private readonly waiting = new Set<CommitSource>();
  private running: Promise<void> | undefined;
  private possible = true;
  private abandoned = false;

  constructor(private readonly options: GroupCommitOptions) {}

  /** `false` from the first failed commit until one succeeds. */
  get saving(): boolean {
    return this.possible;
  }

  /** Puts a document in line for the next commit. */
  schedule(source: CommitSource): void {
    this.waiting.add(source);
    this.running ??= Promise.resolve().then(() => this.run());
  }

  /** Fulfils once nothing waits and nothing is under way. */
  async drained(): Promise<void> {
    while (this.running !== undefined) await this.running;
  }

  /** Stops trying again, so that a stop that cannot wait longer leaves nothing running. */
  abandon(): void {
    this.abandoned = true;
  }

  private async run(): Promise<void> {
    const { clock, pace } = this.options;
    while (this.waiting.size > 0) {
      const wait = pace.wait(clock.monotonic());
      if (wait > 0) await this.pause(wait);
      const sources: CommitSource[] = [];
      const batches: AppendBatch[] = [];
      let documents = 0;
      const committedAt = clock.wall();
      for (const source of this.waiting) {
        const taken = source.take(committedAt);
        if (taken.length > 0) documents++;
        for (const batch of taken) {
          sources.push(source);
          batches.push(batch);
        }
      }
      this.waiting.clear();
      pace.begun(clock.monotonic(), documents);
      if (batches.length === 0) continue;
      const { counters } = this.options;
      counters.observe('commit-documents', documents);
      counters.observe('commit-rows', rowsOf(batches));
      this.settle(sources, await this.append(batches));
    }
    this.running = undefined;
  }

  /** @param sources of each batch, so that one may be there several times */
  private settle(sources: readonly CommitSource[], outcome: readonly Outcome[] | CoscribeError): void {
    for (const [position, source] of sources.entries()) {
      try {
        const result = outcome instanceof CoscribeError ? outcome : outcome[position];
        if (result === undefined) source.failed(new CoscribeError('internal', 'the store gave no result'));
        else if (result instanceof CoscribeError) source.failed(result);
        else if (result.ok) source.committed(result.firstSeq);
        else if (result.code === 'precondition-failed') source.refused(new CoscribeError(result.code));
        else if (result.code === 'already-done') source.refused(new CoscribeError('request-under-way'));
        else source.failed(refusal(result.code));
      } catch (error) {
        // One document's listener must not keep the others from hearing of their commit.
        this.options.log.error({ err: error }, 'a document failed to take note of its commit');
      }
    }
  }

  private async append(batches: readonly AppendBatch[]): Promise<readonly Outcome[] | CoscribeError> {
    const { clock, counters } = this.options;
    for (let attempt = 0; ; attempt++) {
      const begun = clock.monotonic();
      try {
        const answers = await this.options.store.append(batches);
        counters.observe('commit', clock.monotonic() - begun);
        // After an attempt that was not answered they may be there already, and be refused for that.
        const results = attempt === 0 ? answers : await this.recognized(batches, answers);
        this.report(true);
        return results.some(isOfAnother) ? await this.explained(batches, results) : results;
      } catch (thrown) {
        const error = toCoscribeError(thrown);
        counters.add('commit-failures', 1);
        if (error.code !== 'store-unavailable' || this.abandoned) return error;
        this.report(false, error);
        await this.pause(backoff(attempt, RETRY_BASE_MS, RETRY_MAX_MS, this.options.random));
      }
    }
  }

  /** People are told that their document was deleted, if that is what happened. */
  private explained(batches: readonly AppendBatch[], results: readonly Outcome[]): Promise<Outcome[]> {
    const { store } = this.options;
    return Promise.all(
      results.map(async (result, position) => {
        const batch = batches[position];
        return batch && isOfAnother(result) ? lostReason(store, batch.id) : result;
      }),
    );
  }

  private recognized(
    batches: readonly AppendBatch[],
    results: readonly AppendResult[],
  ): Promise<readonly Outcome[]> {
    const { store } = this.options;
    return Promise.all(
      results.map(async (result, position): Promise<Outcome> => {
        const batch = batches[position];
        return batch && !result.ok && result.code === 'precondition-failed'
          ? ((await foundInLog(store, batch)) ?? result)
          : result;
      }),
    );
  }

  private report(possible: boolean, error?: CoscribeError): void {
    if (possible === this.possible) return;
    this.possible = possible;
    if (possible) this.options.log.info({}, 'saving again');
    else
      this.options.log.error(
        { err: error },
        'cannot save; edits wait in the clients until the store is back',
      );
    this.options.onSaving(possible);
  }

  private pause(delay: number): Promise<void> {
    return new Promise((resolve) => {
      this.options.clock.schedule(delay, resolve);
    });
  }
}

function rowsOf(batches: readonly AppendBatch[]): number {
  let sum = 0;
  for (const { rows } of batches) sum += rows.length;
  return sum;
}

type Outcome = AppendResult | CoscribeError;

function isOfAnother(result: Outcome): boolean {
  return !(result instanceof CoscribeError) && !result.ok && result.code === 'generation-changed';
}

function refusal(code: Exclude<AppendRefusal, 'precondition-failed' | 'already-done'>): CoscribeError {
  // Of a whole batch: its other authors have done nothing wrong, and whoever did is refused when he joins again.
  if (code === 'client-id-in-use')
    return new CoscribeError('document-reloading', 'two nodes let in one clientID');
  return new CoscribeError(code);
}
