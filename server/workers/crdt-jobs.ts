import { CoscribeError } from '../../shared/errors.js';
import { decodeUpdateList } from '../../shared/frames.js';
import type { Timer } from '../../shared/time.js';
import type { SplitBounds } from '../../shared/update-split.js';
import type { CrdtReply, CrdtRequest } from './crdt-messages.js';
import type { Compacted, CompactionJob, HashJob, VerifiedDocument, VerifyProblem } from './crdt-work.js';
import type { ThreadJob } from './job-thread.js';
import { toPost } from './shared-bytes.js';

export type CrdtJob = ThreadJob<CrdtRequest, CrdtReply>;

interface Settle<T> {
  resolve(result: T): void;
  reject(error: CoscribeError): void;
}

export class CompactJob implements CrdtJob {
  readonly rank;
  readonly bytes: number;

  constructor(
    private readonly job: CompactionJob,
    private readonly settle: Settle<Compacted>,
  ) {
    this.rank = job.again ? ('again' as const) : ('first' as const);
    this.bytes = job.since.length + (job.state?.length ?? 0);
  }

  request(): ReturnType<CrdtJob['request']> {
    return wholeDocument('compact', this.job);
  }

  done(reply: CrdtReply): void {
    if (reply.kind === 'compacted') this.settle.resolve(reply.compacted);
    else this.failed(errorOf(reply));
  }

  failed(error: CoscribeError): void {
    this.settle.reject(error);
  }
}

export class HashContentJob implements CrdtJob {
  /** Nobody waits for it. */
  readonly rank = 'again' as const;
  readonly bytes: number;

  constructor(
    private readonly job: HashJob,
    private readonly settle: Settle<string>,
  ) {
    this.bytes = job.since.length + (job.state?.length ?? 0);
  }

  request(): ReturnType<CrdtJob['request']> {
    return wholeDocument('hash', this.job);
  }

  done(reply: CrdtReply): void {
    if (reply.kind === 'hashed') this.settle.resolve(reply.hash);
    else this.failed(errorOf(reply));
  }

  failed(error: CoscribeError): void {
    this.settle.reject(error);
  }
}

export class SplitJob implements CrdtJob {
  readonly rank = 'awaited' as const;
  readonly bytes: number;

  constructor(
    private readonly update: Uint8Array,
    private readonly bounds: SplitBounds,
    private readonly settle: Settle<readonly Uint8Array[]>,
  ) {
    this.bytes = update.length;
  }

  request(): ReturnType<CrdtJob['request']> {
    const { bytes: update, transfer } = toPost(this.update);
    return { message: { kind: 'split', update, bounds: this.bounds }, transfer };
  }

  done(reply: CrdtReply): void {
    if (reply.kind === 'parts') this.settle.resolve(decodeUpdateList(reply.list));
    else this.failed(errorOf(reply));
  }

  failed(error: CoscribeError): void {
    this.settle.reject(error);
  }
}

export class VerifyJob implements CrdtJob {
  readonly rank = 'again' as const;
  readonly bytes: number;

  constructor(
    private readonly document: VerifiedDocument,
    private readonly settle: Settle<readonly VerifyProblem[]>,
  ) {
    const { snapshot, updates } = document;
    this.bytes = updates.reduce((sum, { length }) => sum + length, snapshot?.state.length ?? 0);
  }

  /** Copied as it is posted: what it consists of belongs to others. */
  request(): ReturnType<CrdtJob['request']> {
    return { message: { kind: 'verify', document: this.document }, transfer: [] };
  }

  done(reply: CrdtReply): void {
    if (reply.kind === 'verified') this.settle.resolve(reply.problems);
    else this.failed(errorOf(reply));
  }

  failed(error: CoscribeError): void {
    this.settle.reject(error);
  }
}

/** Somebody who waits for a difference. */
export interface DiffWaiter extends Settle<Uint8Array | undefined> {
  readonly stateVector: Uint8Array;
  timer: Timer | undefined;
}

/** Copies that one state is compared with, all at once: it is read only once for them. */
export class DiffJob implements CrdtJob {
  readonly rank = 'awaited' as const;
  readonly bytes: number;
  readonly waiters = new Set<DiffWaiter>();
  private asked: readonly DiffWaiter[] = [];

  constructor(readonly state: Uint8Array) {
    this.bytes = state.length;
  }

  request(): ReturnType<CrdtJob['request']> {
    this.asked = [...this.waiters];
    const state = toPost(this.state);
    const stateVectors = this.asked.map(({ stateVector }) => stateVector);
    return { message: { kind: 'diff', state: state.bytes, stateVectors }, transfer: state.transfer };
  }

  done(reply: CrdtReply): void {
    if (reply.kind !== 'diffs') this.failed(errorOf(reply));
    else for (const [at, waiter] of this.asked.entries()) waiter.resolve(reply.diffs[at]);
  }

  failed(error: CoscribeError): void {
    for (const { reject } of this.waiters) reject(error);
  }
}

function wholeDocument(kind: 'compact' | 'hash', job: HashJob): ReturnType<CrdtJob['request']> {
  const { since } = job;
  const state = job.state && toPost(job.state);
  return {
    message: { kind, state: state?.bytes, since },
    transfer: [since.buffer as ArrayBuffer, ...(state?.transfer ?? [])],
  };
}

function errorOf(reply: CrdtReply): CoscribeError {
  return reply.kind === 'failed'
    ? new CoscribeError(reply.code, reply.detail)
    : new CoscribeError('internal', 'the thread answered something else');
}
