import { isComparableHash } from '../../shared/content-hash.js';
import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import { decodeFrame } from '../../shared/frames.js';
import type { DocumentId } from '../../shared/ids.js';
import type { ContentCheck, SessionLimits } from '../../shared/protocol.js';
import type { Broadcast } from '../documents/broadcast.js';
import type { Documents } from '../documents/documents.js';
import type { Meter } from '../documents/meter.js';
import type { Session } from '../documents/session.js';
import type { SessionTransport } from '../documents/session-transport.js';
import type {
  CopyAnswer,
  CopyFeed,
  CopyKeeper,
  CopyTask,
  CopyWork,
  Followed,
  FollowedChange,
  HeldCopy,
} from '../workers/copy-work.js';
import { BegunFollower } from './begun-follower.js';
import type { Follower, Following, Position, Viewed } from './copies.js';
import { FeedQueue } from './feed-queue.js';

/** Committed updates that wait until the copy is needed again; beyond that it is given up, in bytes. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** Of a copy that is followed: the thread has not come to it for long. */
const MAX_WAITING_FOLLOWED_BYTES = 16 * 1024 * 1024;

interface CopyOptions {
  readonly documents: Documents;
  readonly work: CopyWork;
  readonly id: DocumentId;
  readonly meter: Meter;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Whether the document is made if there is none. */
  readonly create: boolean;
  /** It is in use, or is not any more. */
  onUse(copy: DocumentCopy): void;
  /** A follower has thrown. */
  onMistake(error: unknown): void;
  /** @param isCause as `CopyKeeper.ended` */
  onEnd(copy: DocumentCopy, isCause: boolean): void;
}

/**
 * A document as it is kept in the thread, seen from here: a session like anybody's, whose updates go there as bytes. A copy
 * with which anything is wrong ends, and another one takes its place: nothing in it is mended.
 */
export class DocumentCopy implements SessionTransport, CopyKeeper {
  readonly meter: Meter;
  private session: Session | undefined;
  private held: HeldCopy | undefined;
  private joined: { readonly generation: string; readonly limits: SessionLimits } | undefined;
  private readonly queue = new FeedQueue();
  private size = 0;
  private users = 0;
  private lastNumber = 0;
  private readonly followers = new Map<number, Follower>();
  private ending: CoscribeError | undefined;
  private isPumping = false;
  private isDirty = false;

  constructor(private readonly options: CopyOptions) {
    this.meter = options.meter;
  }

  /** It has ended: nothing more comes of it. */
  get gone(): boolean {
    return this.ending !== undefined;
  }

  get followed(): boolean {
    return this.followers.size > 0;
  }

  get inUse(): boolean {
    return this.users > 0 || this.followed;
  }

  get bytes(): number {
    return this.size + this.queue.bytes;
  }

  /** Where the rows end that have come here. @throws RangeError before it is open */
  get position(): Position {
    return { generation: this.opened.generation, seq: this.queue.head };
  }

  /** What one update may hold. @throws RangeError before it is open */
  get limits(): SessionLimits {
    return this.opened.limits;
  }

  /** Gets the document. @throws CoscribeError as `Documents.open` and `Session.join`; the copy has ended then */
  async open(): Promise<void> {
    const { documents, id, create, now } = this.options;
    // The application's own: nobody sees it, and nobody is asked whether it may.
    const admission = {
      grant: { identity: {}, role: create ? ('editor' as const) : ('viewer' as const) },
      revision: 0,
      at: now,
      application: { author: 'server' },
    };
    try {
      this.session = await documents.open(id, admission, this, true);
      this.refuseIfEnded();
      await this.session.join({}, ({ generation, limits, head, content }) => {
        this.joined = { generation, limits };
        this.size = content.length;
        this.queue.begin(content, head);
      });
      this.refuseIfEnded();
    } catch (error) {
      this.end(new CoscribeError('document-reloading'));
      // It was closed while it joined.
      const isClosed = error instanceof CoscribeError && error.code === 'not-joined';
      throw isClosed ? new CoscribeError('document-reloading') : error;
    }
  }

  /** Does something with it, for as long as it takes. @throws whatever `work` throws */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.users++;
    this.options.onUse(this);
    try {
      return await work();
    } finally {
      this.users--;
      this.options.onUse(this);
    }
  }

  /** Fulfils once everything is here that anybody was answered before the call. @throws CoscribeError as `Session.upToDate` */
  async upToDate(): Promise<void> {
    this.refuseIfEnded();
    const seq = (await this.session?.upToDate()) ?? 0;
    this.refuseIfEnded();
    await this.queue.until(seq);
  }

  /** Has the thread do something with all that is here. @throws CoscribeError as `HeldCopy.ask` */
  ask(task: CopyTask): Promise<CopyAnswer> {
    if (this.ending !== undefined) return Promise.reject(this.ending);
    this.held ??= this.options.work.hold(this);
    if (task.kind === 'change') this.isDirty = true;
    // The first task takes what the session began with; the rows since are for the next one.
    if (this.queue.needsTwo && task.kind !== 'follow') this.held.ask({ kind: 'take' }).catch(() => {});
    return this.held.ask(task);
  }

  /** What the last change made is in the log. */
  changeIsDurable(): void {
    this.isDirty = false;
  }

  /**
   * @param isAwaited asked when everything is ready: if nobody waits any more, the follower is told nothing
   * @throws CoscribeError `wrong-type`, `server-busy`, …
   */
  async follow(what: Followed, follower: Follower, isAwaited: () => boolean): Promise<Following> {
    const number = ++this.lastNumber;
    const begun = new BegunFollower(follower, this.options.onMistake);
    this.followers.set(number, begun);
    this.options.onUse(this);
    try {
      const { generation } = this.opened;
      const seen = ({ seq, body }: CopyAnswer): Viewed => ({ generation, seq, body });
      const answer = await this.ask({ kind: 'follow', number, what });
      this.refuseIfEnded();
      if (!isAwaited()) throw new CoscribeError('server-busy');
      begun.begin();
      this.pump();
      return {
        ...seen(answer),
        before: answer.before,
        since: answer.since,
        look: async () => seen(await this.ask({ kind: 'look', number })),
        stop: () => this.unfollow(number),
      };
    } catch (error) {
      this.unfollow(number);
      throw error;
    }
  }

  end(error: CoscribeError, isCause = false): void {
    if (this.ending !== undefined) return;
    this.ending = error;
    this.session?.leave();
    this.held?.drop();
    this.queue.end(error);
    const followers = [...this.followers.values()];
    this.followers.clear();
    for (const follower of followers) follower.ended(error);
    this.options.onEnd(this, isCause);
  }

  // What follows is for the thread.

  takeFeed(): CopyFeed | undefined {
    return this.queue.take();
  }

  ended(error: CoscribeError, isCause: boolean): void {
    this.end(error, isCause);
  }

  measured(bytes: number): void {
    this.size = bytes;
  }

  changed(number: number, change: FollowedChange): void {
    this.followers.get(number)?.changed([change]);
  }

  unfollowed(number: number, error: CoscribeError): void {
    const follower = this.followers.get(number);
    this.followers.delete(number);
    follower?.ended(error);
    this.options.onUse(this);
  }

  // What follows is for the session.

  sendUpdates(frame: Broadcast): void {
    try {
      const { from, updates } = decodeFrame(frame.bytes);
      this.queue.push(from, updates);
    } catch (error) {
      this.end(toCoscribeError(error));
      return;
    }
    if (this.queue.bytes > (this.inUse ? MAX_WAITING_FOLLOWED_BYTES : MAX_WAITING_BYTES))
      this.end(new CoscribeError(this.followed ? 'server-busy' : 'document-reloading'));
    else this.pump();
  }

  sendCheck({ seq, hash }: ContentCheck): void {
    // What is not in the log yet is in no hash of the document.
    if (this.isDirty || this.held === undefined || !isComparableHash(hash)) return;
    this.ask({ kind: 'check', seq, hash }).catch(() => {});
  }

  sendResync(): void {
    this.end(new CoscribeError('document-reloading'));
  }

  close(reason: CoscribeError): void {
    this.end(reason);
  }

  queuedBytes(): number {
    return 0;
  }

  // It shows nobody, is asked for no token, may do everything, and stays on its node.
  sendAwareness(): void {}
  sendSaving(): void {}
  sendAccess(): void {}
  sendRenew(): void {}
  sendRefused(): void {}
  sendMove(): void {}

  private get opened(): NonNullable<DocumentCopy['joined']> {
    if (this.joined === undefined) throw new RangeError('the copy is not open');
    return this.joined;
  }

  /** Whoever follows hears at once; everybody else is patient until the next question. */
  private pump(): void {
    if (!this.followed || this.isPumping || this.queue.bytes === 0) return;
    this.isPumping = true;
    this.ask({ kind: 'take' }).then(
      () => {
        this.isPumping = false;
        this.pump();
      },
      (error: unknown) => this.end(toCoscribeError(error)),
    );
  }

  private unfollow(number: number): void {
    if (!this.followers.delete(number)) return;
    if (!this.gone) this.ask({ kind: 'unfollow', number }).catch(() => {});
    this.options.onUse(this);
  }

  private refuseIfEnded(): void {
    if (this.ending !== undefined) throw this.ending;
  }
}
