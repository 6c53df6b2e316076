import type { ServerResponse } from 'node:http';
import type { AdminOverview } from '../../../shared/admin.js';
import { CoscribeError, toCoscribeError } from '../../../shared/errors.js';
import type { Clock, Random } from '../../../shared/time.js';
import type { Operator } from '../../admin/operators.js';
import type { Watcher } from '../../admin/watch.js';
import { Chunk } from './chunk.js';
import { EventLine } from './event-line.js';
import { endEvent, retryLine } from './events.js';

/** Streams on this node. */
const MOST = 100;
/** An `EventSource` that lost its connection comes back after this, give or take half, in milliseconds. */
const RETRY_MS = 2_000;
/** A stream that takes nothing for so long is cut, in milliseconds. */
const CUT_AFTER_MS = 10_000;
/** So often it is looked whether somebody is still an operator, in milliseconds. */
const REVIEW_EVERY_MS = 10_000;

export interface OverviewStreamsOptions {
  readonly admin: { watch(watcher: Watcher): void; unwatch(watcher: Watcher): void };
  readonly clock: Pick<Clock, 'monotonic' | 'wall'>;
  readonly random: Random;
}

/** Somebody who watches. */
export interface OverviewRequest {
  readonly operator: Operator;
  /** The same once more, as things stand then. @throws CoscribeError if he is no operator any more */
  review(): Promise<Operator>;
}

/** What operators watch: one encoding for all of them, and nothing at all while nobody does. */
export class OverviewStreams implements Watcher {
  private readonly streams = new Set<OverviewStream>();
  private latest: Chunk | undefined;

  constructor(private readonly options: OverviewStreamsOptions) {}

  get size(): number {
    return this.streams.size;
  }

  /** @throws CoscribeError `too-many-connections` */
  demandRoom(): void {
    if (this.streams.size >= MOST) throw new CoscribeError('too-many-connections', `${MOST} operators watch`);
  }

  /** Writes from now on, to a response whose head is on its way, until that is closed. */
  begin(response: ServerResponse, request: OverviewRequest): void {
    const { admin } = this.options;
    const stream = new OverviewStream(response, request, this.options);
    response.once('close', () => {
      stream.release();
      this.streams.delete(stream);
      if (this.streams.size > 0) return;
      admin.unwatch(this);
      this.latest = undefined;
    });
    // Nobody would tell of its end.
    if (response.destroyed) return;
    this.streams.add(stream);
    if (this.latest !== undefined) stream.give(this.latest);
    if (this.streams.size === 1) admin.watch(this);
  }

  overview(overview: AdminOverview): void {
    const chunk = new Chunk([`event: overview\ndata: ${JSON.stringify(overview)}\n\n`]);
    this.latest = chunk;
    for (const stream of this.streams) stream.give(chunk);
  }

  ended(): void {
    for (const stream of this.streams) stream.end(new CoscribeError('shutting-down'));
  }
}

/** One operator's stream. What he does not take in time he misses: the next overview says it all. */
class OverviewStream {
  private readonly line: EventLine;
  private stalled: { readonly waiting: number; readonly since: number } | undefined;
  private operator: Operator;
  private reviewedAt: number;
  private over = false;

  constructor(
    response: ServerResponse,
    private readonly request: OverviewRequest,
    private readonly options: OverviewStreamsOptions,
  ) {
    this.operator = request.operator;
    this.reviewedAt = options.clock.monotonic();
    this.line = new EventLine(response, () => {});
    this.line.write(new Chunk([retryLine(this.retryMs())]));
  }

  give(chunk: Chunk): void {
    if (this.over) return;
    const { clock } = this.options;
    const now = clock.monotonic();
    const { expiresAt } = this.operator;
    if (expiresAt !== undefined && clock.wall() >= expiresAt) this.end(new CoscribeError('token-expired'));
    else if (this.line.waiting === 0) {
      this.stalled = undefined;
      this.line.write(chunk);
      if (now - this.reviewedAt >= REVIEW_EVERY_MS) this.review(now);
    } else this.wait(now);
  }

  end(error: CoscribeError): void {
    if (this.over) return;
    this.over = true;
    if (this.line.free) {
      this.line.write(new Chunk([endEvent(error, this.retryMs())]));
      this.line.end();
    } else this.line.cut();
  }

  release(): void {
    this.over = true;
    this.line.release();
  }

  /** What was given before has not been taken yet. */
  private wait(now: number): void {
    const { waiting } = this.line;
    const { stalled } = this;
    if (stalled === undefined || waiting < stalled.waiting) this.stalled = { waiting, since: now };
    else if (now - stalled.since >= CUT_AFTER_MS) {
      this.over = true;
      this.line.cut();
    }
  }

  private review(now: number): void {
    this.reviewedAt = now;
    this.request.review().then(
      (operator) => {
        this.operator = operator;
      },
      (thrown: unknown) => {
        const error = toCoscribeError(thrown);
        // While nobody can be asked, everything stays as it was.
        if (!error.retryable) this.end(error);
      },
    );
  }

  private retryMs(): number {
    return RETRY_MS * (0.5 + this.options.random());
  }
}
