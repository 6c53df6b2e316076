import * as Y from 'yjs';
import { hashContent, isComparableHash } from '../../shared/content-hash.js';
import { CoscribeError } from '../../shared/errors.js';
import { decodeFrame, decodeUpdateList } from '../../shared/frames.js';
import type { DocumentId } from '../../shared/ids.js';
import type { ContentCheck, Joined, SessionLimits } from '../../shared/protocol.js';
import { takeUpdates } from '../../shared/take-updates.js';
import { sectionsOf, updateKind } from '../../shared/update-order.js';
import type { Admission } from './admitted.js';
import type { Broadcast } from './broadcast.js';
import type { Documents } from './documents.js';
import type { EditAuthor } from './edit-authors.js';
import { EditWriters } from './edit-writers.js';
import type { Meter } from './meter.js';
import type { Session } from './session.js';
import type { SessionTransport } from './session-transport.js';
import { isThenable, refusedThenable } from './thenable.js';

/** Committed updates of others that wait until the copy is needed again; beyond that it is given up, in bytes. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** What is larger is loaded again instead of compared in a quiet moment: that takes this thread too long. */
const COMPARED_BYTES = 128 * 1024;

/** So much has to come before it is looked again how large the copy is, in bytes. */
const MEASURED_EVERY_BYTES = 256 * 1024;

/** Marks what comes from the log. */
const FROM_LOG = { from: 'log' };

interface ReplicaOptions {
  readonly documents: Documents;
  readonly id: DocumentId;
  /** As what somebody comes in. */
  admission(author: EditAuthor): Admission;
  readonly meter: Meter;
  /** The copy cannot go on; whatever is under way is still answered. */
  onEnd(): void;
  /** The application's code did something to the document that it must not. */
  onMisuse(what: string): void;
}

/** What a function did to the document. */
export interface Made<T> {
  readonly value: T;
  /** Absent if it changed nothing. */
  readonly update: Uint8Array | undefined;
}

/**
 * A document as the application has it in this process: a `Y.Doc`, kept up to date by a session like anybody's. All for whom it
 * edits write in it, each under a clientID of his own. A copy with which anything is wrong ends, and another one takes its place:
 * nothing in it is mended.
 */
export class EditReplica implements SessionTransport {
  readonly meter: Meter;
  private readonly doc = new Y.Doc();
  private session: Session | undefined;
  private readonly writers: EditWriters;
  private joinedAs: Joined | undefined;
  private hasEnded = false;
  /** Committed updates that the copy lacks. */
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  private takenBytes = 0;
  private measureAt = Number.POSITIVE_INFINITY;
  /** What is made while a function runs. */
  private making: Uint8Array[] | undefined;

  constructor(private readonly options: ReplicaOptions) {
    const { meter, documents, id, admission } = options;
    this.meter = meter;
    this.writers = new EditWriters({
      meter,
      open: (author, transport) => documents.open(id, admission(author), transport),
      onEnd: () => this.end(),
    });
    this.doc.on('update', (update: Uint8Array, origin: unknown) => this.changed(update, origin));
    this.doc.on('destroy', () => this.misused('destroyed the document'));
  }

  get ended(): boolean {
    return this.hasEnded;
  }

  /** What the copy takes, in bytes of updates: an object in memory is several times as large. */
  get bytes(): number {
    return this.takenBytes + this.waitingBytes;
  }

  get generation(): string | undefined {
    return this.joinedAs?.generation;
  }

  /** What one update may hold. @throws RangeError before it is open */
  get limits(): SessionLimits {
    if (this.joinedAs === undefined) throw new RangeError('the copy is not open');
    return this.joinedAs.limits;
  }

  /** Gets the document, for somebody. @throws CoscribeError as `Documents.open` and `Session.join`; the copy has ended then */
  async open(author: EditAuthor): Promise<void> {
    const { documents, id, admission } = this.options;
    const { clientId, clientKey } = author;
    await this.orEnd(async () => {
      const session = await documents.open(id, admission(author), this);
      this.session = session;
      if (this.hasEnded) throw new CoscribeError('document-reloading');
      await session.join({ clientId, clientKey }, (joined) => {
        this.joinedAs = joined;
        this.take(decodeUpdateList(joined.content));
      });
      this.catchUp();
      this.measureAt = 2 * this.takenBytes + MEASURED_EVERY_BYTES;
      this.writers.begin(author, session);
    });
  }

  /** Whether somebody may edit in it at once. */
  admits(author: EditAuthor): boolean {
    return this.writers.of(author) !== undefined;
  }

  /** Lets somebody in, who may edit then. @throws CoscribeError as `open`; the copy has ended then */
  async admit(author: EditAuthor): Promise<void> {
    await this.orEnd(() => this.writers.open(author, this.generation));
  }

  private async orEnd(open: () => Promise<void>): Promise<void> {
    try {
      await open();
      if (this.hasEnded) throw new CoscribeError('document-reloading');
    } catch (error) {
      this.end();
      // It was closed while it joined.
      const isClosed = error instanceof CoscribeError && error.code === 'not-joined';
      throw isClosed ? new CoscribeError('document-reloading') : error;
    }
  }

  /**
   * Runs a function on the document, in one transaction. Whatever it did before it threw, or before it gave a promise, nobody
   * sees: the copy ends.
   *
   * @param author whose edit it is; absent if it is none
   * @throws whatever the function throws; TypeError if it gives a promise
   */
  run<T>(what: string, work: (doc: Y.Doc) => T, author?: EditAuthor): Made<T> {
    const made: Uint8Array[] = [];
    this.making = made;
    // Only now: a `Y.Doc` that finds edits of its own clientID among others' takes another one.
    if (author !== undefined) this.doc.clientID = author.clientId;
    let isDone = false;
    try {
      const value = this.doc.transact(() => work(this.doc));
      if (isThenable(value)) {
        // It may go on at any time.
        this.end();
        throw refusedThenable(value, `The function given to ${what}()`);
      }
      if (this.hasEnded)
        throw new TypeError(`The function given to ${what}() must not destroy the document.`);
      isDone = true;
      return { value, update: made.length > 1 ? Y.mergeUpdates(made) : made[0] };
    } finally {
      this.making = undefined;
      if (!isDone && made.length > 0) this.end();
    }
  }

  /** Takes updates that are in the log, or were made by an earlier copy and will be. */
  take(updates: readonly Uint8Array[]): void {
    if (this.hasEnded) return;
    for (const update of updates) {
      this.waiting.push(update);
      this.waitingBytes += update.length;
    }
  }

  /** Brings the copy up to date. @throws CoscribeError `internal`; it has ended then */
  catchUp(): void {
    this.measure();
    if (this.waiting.length === 0 || this.hasEnded) return;
    const { doc, waiting } = this;
    this.waiting = [];
    this.takenBytes += this.waitingBytes;
    this.waitingBytes = 0;
    try {
      takeUpdates(doc, waiting, FROM_LOG);
    } catch (cause) {
      this.end();
      throw new CoscribeError('internal', "the application's copy cannot take what others wrote", { cause });
    }
  }

  /**
   * Hands in what was made here, all of it or nothing.
   *
   * @param settle told how it ends, later and once, unless it is refused
   * @returns why it is refused
   */
  submit(
    author: EditAuthor,
    updates: readonly Uint8Array[],
    settle: (outcome: number | CoscribeError) => void,
  ): CoscribeError | undefined {
    const session = this.writers.of(author);
    if (session === undefined || this.hasEnded) return new CoscribeError('document-reloading');
    let refused: CoscribeError | undefined;
    let isTaken = false;
    // Whoever takes updates from elsewhere into the document brings others' structs along.
    const isLive = updates.every((update) => updateKind(update, author.clientId) === 'live');
    session.submitWhole(updates, isLive ? 'live' : 'catch-up', (outcome) => {
      if (isTaken) settle(outcome);
      else if (outcome instanceof CoscribeError) refused = outcome;
    });
    isTaken = true;
    return refused;
  }

  /** Leaves the document. What was handed in is still committed and answered. */
  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.waiting = [];
    this.waitingBytes = 0;
    this.session?.leave();
    this.writers.end();
    this.doc.destroy();
    this.options.onEnd();
  }

  sendUpdates(frame: Broadcast): void {
    this.take(decodeFrame(frame.bytes).updates);
    if (this.waitingBytes > MAX_WAITING_BYTES) this.passOverOwn();
    // Nobody has needed it for long, or others write faster than they are worth.
    if (this.waitingBytes > MAX_WAITING_BYTES) this.end();
  }

  sendCheck({ hash }: ContentCheck): void {
    if (!isComparableHash(hash)) return;
    // Whatever goes wrong in this copy is nothing to whoever sends checks.
    try {
      this.catchUp();
      if (this.takenBytes > COMPARED_BYTES || hashContent(this.doc) !== hash) this.end();
    } catch {
      this.end();
    }
  }

  sendResync(): void {
    this.end();
  }

  close(): void {
    this.end();
  }

  queuedBytes(): number {
    return 0;
  }

  // The application shows nobody, is asked for no token, may do everything, and stays on its node.
  sendAwareness(): void {}
  sendSaving(): void {}
  sendAccess(): void {}
  sendRenew(): void {}
  sendRefused(): void {}
  sendMove(): void {}

  private changed(update: Uint8Array, origin: unknown): void {
    if (origin === FROM_LOG) return;
    this.takenBytes += update.length;
    if (this.making !== undefined) this.making.push(update);
    else this.misused('changed the document when its function was over');
  }

  /** What is replaced or deleted takes little: after a while it is seen how much of all that is left. */
  private measure(): void {
    if (this.takenBytes < this.measureAt || this.hasEnded) return;
    this.takenBytes = Y.encodeStateAsUpdate(this.doc).length;
    this.measureAt = 2 * this.takenBytes + MEASURED_EVERY_BYTES;
  }

  /** What was made here comes back, unless it was made in the name of whom the copy was opened for. */
  private passOverOwn(): void {
    this.waiting = this.waiting.filter((update) => {
      const sections = [...sectionsOf(update)];
      return sections.length === 0 || sections.some(({ client }) => !this.writers.knows(client));
    });
    this.waitingBytes = this.waiting.reduce((sum, { length }) => sum + length, 0);
  }

  private misused(what: string): void {
    if (this.hasEnded) return;
    this.options.onMisuse(what);
    this.end();
  }
}
