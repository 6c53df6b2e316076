import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Role } from '../../shared/protocol.js';
import { about, type Clock, type Random, type Timer } from '../../shared/time.js';
import type { Access, AccessControl, Credentials, Grant } from '../auth/access.js';
import type { AccessStore, AccessSubject } from '../storage/access-store.js';
import type { Log } from '../telemetry/log.js';
import type { Admission } from './admitted.js';
import { Expiries } from './expiries.js';
import type { Session } from './session.js';

/** How often the store is asked for changes, in milliseconds; nodes do it at different times. */
const EVERY_MS = 2_000;
const SPREAD = 0.2;
const CHANGES_PER_REQUEST = 1_000;
/** Sessions that are looked at again at the same time: each may cost a request to somebody else's server. */
const REVIEWS_AT_ONCE = 16;

/** A document whose sessions may have to be looked at again. */
export interface WatchedDocument {
  readonly id: DocumentId;
  eachSession(look: (session: Session) => void): void;
}

interface AccessWatchOptions {
  readonly access: AccessControl;
  readonly store: AccessStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The documents that are loaded now. */
  loaded(): Iterable<WatchedDocument>;
}

/**
 * Lets people in, and sees to it that what they were granted is what they may still do: by the store, which it asks every
 * two seconds, whatever the bus says or does not say.
 */
export class AccessWatch {
  private readonly expiries: Expiries;
  /** Changes up to this one are known here. */
  private revision = 0;
  private timer: Timer | undefined;
  private looking: Promise<void> | undefined;
  private reviewing: Promise<unknown> = Promise.resolve();
  private again = false;
  private stopped = false;
  /** To be looked at again: a change concerns them, or whoever had to be asked was away. */
  private readonly concerned = new Set<Session>();

  constructor(private readonly options: AccessWatchOptions) {
    this.expiries = new Expiries(options.clock);
  }

  /** Skips the changes made so far: nobody is in yet. @throws CoscribeError `store-unavailable` */
  async start(): Promise<void> {
    this.revision = await this.options.store.accessRevision();
    if (this.options.access.mode !== 'open' && !this.stopped) this.lookLater();
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== undefined) this.options.clock.cancel(this.timer);
    this.timer = undefined;
    this.expiries.stop();
  }

  /** @throws CoscribeError as `AccessControl.admit` */
  async admit(id: DocumentId, credentials: Credentials): Promise<Admission> {
    // Before the question: what changes after it will be seen again.
    const { revision } = this;
    return this.admission(revision, await this.options.access.admit(credentials, id), credentials.address);
  }

  /**
   * A session comes in; from now on it must be among those of its document.
   *
   * @throws CoscribeError as `AccessControl.review`, if access has changed or ended since it was admitted
   */
  async enter(session: Session): Promise<void> {
    if (session.byApplication) return;
    const { revision, grant } = session.admission;
    const hasEnded = grant.expiresAt !== undefined && grant.expiresAt <= this.options.clock.wall();
    if (hasEnded || revision !== this.revision) await this.review(session);
    this.expiries.add(session);
  }

  /**
   * Takes other credentials of the same user.
   *
   * @throws CoscribeError as `admit`; `unauthenticated` if they are somebody else's
   */
  async renew(session: Session, credentials: Credentials): Promise<void> {
    const admission = await this.admit(session.document, credentials);
    const { identity, link } = session.admission.grant;
    const { grant } = admission;
    if (grant.identity.user !== identity.user || (grant.link === undefined) !== (link === undefined))
      throw new CoscribeError('unauthenticated', 'the token is of another user');
    // A change that the session knows of already, and this does not, must not be undone for a moment.
    if (admission.revision < session.admission.revision) await this.renew(session, credentials);
    else this.renewed(session, admission);
    // What changed while it was looked at was looked for in the sessions as they were before.
    if (session.admission.revision !== this.revision) await this.lookAt(session);
  }

  /** Access has changed, or may have: looks now, or once more after the look that is under way. */
  async lookNow(): Promise<void> {
    this.again = true;
    this.looking ??= this.look();
    await this.looking;
    await this.reviewing;
  }

  private renewed(session: Session, admission: Admission): void {
    if (session.left) return;
    session.admitAs(admission);
    this.expiries.add(session);
  }

  private lookLater(): void {
    const { clock, random } = this.options;
    this.timer = clock.schedule(about(EVERY_MS, SPREAD, random), () => {
      void this.lookNow();
      if (!this.stopped) this.lookLater();
    });
  }

  private async look(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      try {
        await this.collectChanges();
        // Not awaited: whoever takes long to answer about one session holds up nobody else's.
        this.reviewing = Promise.all([this.reviewing, this.reviewConcerned()]);
      } catch (err) {
        // Nothing can be saved either while the store is away; the next look finds whatever was missed.
        this.options.log.debug({ err }, 'could not look whether access has changed');
      }
    }
    this.looking = undefined;
  }

  /** Finds the sessions that changes concern. What one request has brought stays, whatever becomes of the next one. */
  private async collectChanges(): Promise<void> {
    for (;;) {
      const changes = await this.options.store.accessChangesAfter(this.revision, CHANGES_PER_REQUEST);
      const last = changes.at(-1);
      if (last === undefined) return;
      this.revision = last.revision;
      this.collect(changes.map(({ subject }) => subject));
      if (changes.length < CHANGES_PER_REQUEST) return;
    }
  }

  private collect(subjects: readonly AccessSubject[]): void {
    const named = (kind: AccessSubject['kind']) =>
      new Set(subjects.filter((subject) => subject.kind === kind).map(({ id }) => id));
    const documents = named('document');
    const users = named('user');
    const tokens = named('token');
    for (const document of this.options.loaded()) {
      const all = documents.has(document.id);
      if (!all && users.size + tokens.size === 0) continue;
      document.eachSession((session) => {
        if (session.byApplication) return;
        const { user = '', tokenId = '' } = session.admission.grant.identity;
        if (all || users.has(user) || tokens.has(tokenId)) this.concerned.add(session);
      });
    }
  }

  private async reviewConcerned(): Promise<void> {
    const waiting = [...this.concerned].values();
    this.concerned.clear();
    const reviewer = async (): Promise<void> => {
      for (const session of waiting) await this.lookAt(session);
    };
    await Promise.all(Array.from({ length: REVIEWS_AT_ONCE }, reviewer));
  }

  private async lookAt(session: Session): Promise<void> {
    if (session.left) return;
    const { role } = session;
    try {
      await this.review(session);
      if (!session.left && role !== session.role) this.note(session, role, session.role);
    } catch (thrown) {
      const error = toCoscribeError(thrown);
      if (error.retryable) {
        this.concerned.add(session);
        return;
      }
      const hasEnded = error.code === 'token-expired';
      if (!session.left && !hasEnded) this.note(session, role, 'none');
      // Whoever has another token may come back with it.
      session.close(error, hasEnded ? 0 : -1);
    }
  }

  private note({ document, admission }: Session, from: Role, to: Access): void {
    const { identity, link } = admission.grant;
    this.options.log.info(
      { audit: 'access-changed', document, user: identity.user, link, from, to },
      'what somebody who is in a document may do has changed',
    );
  }

  /**
   * Asks anew what a session may do. If something else has admitted it anew meanwhile, the later answer is not the newer
   * one: then that counts if it knows as much, and otherwise it is asked once more.
   *
   * @throws CoscribeError as `AccessControl.review`
   */
  private async review(session: Session): Promise<void> {
    for (;;) {
      const { admission: before, document } = session;
      const { revision } = this;
      try {
        const grant = await this.options.access.review(before.grant, document);
        if (session.admission === before) {
          this.renewed(session, this.admission(revision, grant, before.address));
          return;
        }
      } catch (error) {
        if (session.admission === before) throw error;
      }
      if (session.admission.revision >= revision) return;
    }
  }

  private admission(revision: number, grant: Grant, address: string | undefined): Admission {
    return { grant, revision, at: this.options.clock.wall(), address };
  }
}
