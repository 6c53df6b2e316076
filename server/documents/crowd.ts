import { CoscribeError, type ErrorCode } from '../../shared/errors.js';
import type { Broadcast } from './broadcast.js';
import type { DocumentServices } from './services.js';
import type { Session } from './session.js';

/** Sessions that have to come back do so spread over this time, in milliseconds. */
const COME_BACK_WITHIN_MS = 1_000;

/** There is nothing to come back to. */
const GONE: ReadonlySet<ErrorCode> = new Set(['document-deleted', 'document-moved']);

/** The sessions that this node has in a document. */
export class Crowd {
  private readonly sessions = new Set<Session>();
  /** Those of them that are not people at work: the application's, and those that only look. */
  private others = 0;

  constructor(private readonly services: Pick<DocumentServices, 'clock' | 'random' | 'slow' | 'counters'>) {}

  get size(): number {
    return this.sessions.size;
  }

  /** Those at whose other end somebody may work. */
  get people(): number {
    return this.sessions.size - this.others;
  }

  /**
   * @param most people that may be here
   * @returns `false` if it is here already
   * @throws CoscribeError `document-full`
   */
  add(session: Session, most: number): boolean {
    if (this.sessions.has(session)) return false;
    if (this.people >= most && isPerson(session))
      throw new CoscribeError('document-full', `${most} on this server`);
    this.sessions.add(session);
    if (!isPerson(session)) this.others++;
    return true;
  }

  /** @returns `false` if it is not here */
  delete(session: Session): boolean {
    const isHere = this.sessions.delete(session);
    if (isHere && !isPerson(session)) this.others--;
    return isHere;
  }

  /** Calls for each; sessions may leave meanwhile. */
  each(tell: (session: Session) => void): void {
    for (const session of [...this.sessions]) tell(session);
  }

  /** @returns how many clients it was sent to */
  sendFrame(frame: Broadcast, soleAuthor: Session | undefined): number {
    const { clock, slow, counters } = this.services;
    const now = clock.monotonic();
    let sent = 0;
    for (const session of this.sessions) {
      if (session === soleAuthor) continue;
      const outcome = session.sendUpdates(frame, now);
      if (outcome === 'sent' && !session.byApplication) sent++;
      else if (outcome === 'behind') {
        slow.add(session);
        counters.add('sessions-slow', 1);
      }
    }
    return sent;
  }

  sendAwareness(update: Broadcast): void {
    this.each((session) => {
      if (!session.sendAwareness(update)) return;
      this.services.slow.add(session);
      this.services.counters.add('presence-dropped', 1);
    });
  }

  /** Closes all; each client comes back at another time, unless there is nothing to come back to. */
  sendAway(reason: CoscribeError): void {
    const { random } = this.services;
    const after = () => (GONE.has(reason.code) ? -1 : Math.floor(random() * COME_BACK_WITHIN_MS));
    this.each((session) => session.close(reason, after()));
  }
}

function isPerson({ byApplication, follows }: Session): boolean {
  return !byApplication && !follows;
}
