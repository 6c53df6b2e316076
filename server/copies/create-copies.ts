import { CoscribeError, type ErrorCode, toCoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { backoff, type Clock, type Random } from '../../shared/time.js';
import type { Admission } from '../documents/admitted.js';
import type { Documents } from '../documents/documents.js';
import { IdleQueue } from '../documents/idle-queue.js';
import { Meter, UNLIMITED } from '../documents/meter.js';
import { demand } from '../documents/permissions.js';
import type { WriteGuard } from '../documents/write-guard.js';
import type { Log } from '../telemetry/log.js';
import type { CopyWork, Followed, View } from '../workers/copy-work.js';
import { BarredDocuments } from './barred-documents.js';
import type { Call } from './change-line.js';
import type { Change, Changed, DocumentCopies, Follower, Following, Viewed } from './copies.js';
import { CopyAuthors } from './copy-authors.js';
import { CopyRoom } from './copy-room.js';
import { DocumentCopy } from './document-copy.js';
import { KeptDocument } from './kept-document.js';

/** How long anybody waits for an answer, in milliseconds. */
const TIMEOUT_MS = 10_000;
const KEPT_MS = 10_000;
const MAX_DOCUMENTS = 1_000;
const ATTEMPTS = 5;
const RETRY_BASE_MS = 20;
const RETRY_MAX_MS = 500;

/** Nothing has happened, and with another copy it may go well. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['document-reloading']);
/** The same for a change. */
const PASSING_CHANGE: ReadonlySet<ErrorCode> = new Set([
  'document-reloading',
  'document-busy',
  'too-many-updates',
  'missing-dependencies',
  'client-id-in-use',
  'generation-changed',
  'not-joined',
]);

export interface CopiesOptions {
  readonly documents: Documents;
  /** Where the copies are. It is closed with them. */
  readonly work: CopyWork;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How much the copies may take together, in bytes of updates: in memory it is many times that. */
  readonly maxBytes: number;
  /** How long a copy is kept after its last use, in milliseconds. 10 s unless given. */
  readonly keepMs?: number;
  /** How many copies are held at once; 1,000 unless given. */
  readonly maxDocuments?: number;
}

/** The copies of documents on this node. */
export function createCopies(options: CopiesOptions): DocumentCopies {
  return new Copies(options);
}

class Copies implements DocumentCopies {
  private readonly kept = new Map<DocumentId, KeptDocument>();
  /** Calls that are not answered, by document. */
  private readonly calls = new Map<DocumentId, number>();
  private readonly barred: BarredDocuments;
  private readonly idle: IdleQueue<DocumentCopy>;
  private readonly copies = new Set<DocumentCopy>();
  private readonly room: CopyRoom;
  private readonly home;
  private isClosed = false;

  constructor(private readonly options: CopiesOptions) {
    const { documents, clock, maxBytes, keepMs = KEPT_MS, maxDocuments = MAX_DOCUMENTS } = options;
    this.idle = new IdleQueue(clock, keepMs, (copy) => copy.end(new CoscribeError('document-reloading')));
    this.barred = new BarredDocuments(clock);
    this.room = new CopyRoom({ clock, maxDocuments, maxBytes });
    this.home = {
      documents,
      clock,
      meter: new Meter(UNLIMITED, clock),
      authors: new CopyAuthors(),
      openCopy: (id: DocumentId, create: boolean) => this.openCopy(id, create),
    };
  }

  view(id: DocumentId, view: View): Promise<Viewed> {
    return this.call(id, PASSING, (kept, call) => kept.view(view, call));
  }

  async change(id: DocumentId, by: Admission, change: Change, guard?: WriteGuard): Promise<Changed> {
    demand(by.grant.role, 'edit');
    const { documents } = this.options;
    if (guard?.after !== undefined && !(await documents.exists(id)))
      throw new CoscribeError('precondition-failed');
    const passing = change.as === 'update' || guard?.after !== undefined ? PASSING : PASSING_CHANGE;
    return this.call(id, passing, (kept, call) => kept.change({ by, change, guard, call }));
  }

  follow(id: DocumentId, what: Followed, follower: Follower): Promise<Following> {
    return this.call(id, PASSING, (kept, call) => kept.follow(what, follower, call));
  }

  letGo(id: DocumentId): void {
    this.kept.get(id)?.letGo();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const copy of [...this.copies]) copy.end(new CoscribeError('shutting-down'));
    await this.options.work.close();
  }

  /** Does something with a document, again if that may help. @throws CoscribeError what the last attempt threw, or why it is late */
  private async call<T>(
    id: DocumentId,
    passing: ReadonlySet<ErrorCode>,
    work: (kept: KeptDocument, call: Call) => Promise<T>,
  ): Promise<T> {
    this.refuse(id);
    const { clock } = this.options;
    const call = { over: false, isUnderWay: false };
    let late = (_: CoscribeError): void => {};
    const timeout = new Promise<never>((_, reject) => {
      late = reject;
    });
    const timer = clock.schedule(TIMEOUT_MS, () => {
      call.over = true;
      late(this.whyLate(call));
    });
    try {
      return await Promise.race([this.attempts(id, passing, call, work), timeout]);
    } finally {
      clock.cancel(timer);
    }
  }

  private async attempts<T>(
    id: DocumentId,
    passing: ReadonlySet<ErrorCode>,
    call: Call,
    work: (kept: KeptDocument, call: Call) => Promise<T>,
  ): Promise<T> {
    const { clock, random } = this.options;
    this.calls.set(id, (this.calls.get(id) ?? 0) + 1);
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await work(this.keptOf(id), call);
        } catch (thrown) {
          const error = toCoscribeError(thrown);
          if (attempt === ATTEMPTS || call.over || !passing.has(error.code)) throw error;
        }
        const pause = backoff(attempt, RETRY_BASE_MS, RETRY_MAX_MS, random);
        await new Promise<void>((resolve) => {
          clock.schedule(pause, resolve);
        });
        this.refuse(id);
      }
    } finally {
      const left = (this.calls.get(id) ?? 1) - 1;
      if (left > 0) this.calls.set(id, left);
      else this.calls.delete(id);
      this.tidy(id);
    }
  }

  private async openCopy(id: DocumentId, create: boolean): Promise<DocumentCopy> {
    const { documents, work, clock, log } = this.options;
    // Whoever has waited since may be about to ask for the same once more.
    this.refuse(id);
    const copy = new DocumentCopy({
      documents,
      work,
      id,
      meter: this.home.meter,
      now: clock.wall(),
      create,
      onUse: (used) => {
        if (used.gone || used.inUse) this.idle.delete(used);
        else this.idle.add(used);
        this.room.changed(used);
      },
      onMistake: (err) => log.error({ document: id, err }, 'whoever follows a document made a mistake'),
      onEnd: (ended, isCause) => {
        this.copies.delete(ended);
        this.idle.delete(ended);
        this.room.changed(ended);
        if (isCause) this.bar(id);
        this.tidy(id);
      },
    });
    this.copies.add(copy);
    await copy.use(() => this.room.enter(copy));
    return copy;
  }

  private keptOf(id: DocumentId): KeptDocument {
    const kept = this.kept.get(id) ?? new KeptDocument(id, this.home);
    this.kept.set(id, kept);
    return kept;
  }

  /** Forgets a document of which nothing is kept. */
  private tidy(id: DocumentId): void {
    const kept = this.kept.get(id);
    if (kept === undefined || this.calls.has(id) || !kept.empty) return;
    kept.end();
    this.kept.delete(id);
  }

  private bar(document: DocumentId): void {
    const forMs = this.barred.add(document);
    const what = 'the copy of a document took too long or too much memory: all copies are made anew';
    this.options.log.error({ document, forMs }, `${what}, but this one is left alone for a while`);
  }

  /** @throws CoscribeError `shutting-down`, `server-busy` */
  private refuse(id: DocumentId): void {
    if (this.isClosed) throw new CoscribeError('shutting-down');
    if (this.barred.has(id)) throw new CoscribeError('server-busy');
  }

  private whyLate({ isUnderWay }: Call): CoscribeError {
    if (isUnderWay) return new CoscribeError('store-unavailable', 'it is under way, and may still be saved');
    return new CoscribeError(this.options.documents.saving ? 'server-busy' : 'store-unavailable');
  }
}
