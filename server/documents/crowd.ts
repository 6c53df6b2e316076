import { CoscribeError } from '../../shared/errors.js';
import type { Broadcast } from './broadcast.js';
import type { DocumentServices } from './services.js';
import type { Session } from './session.js';

/** Sessions that have to come back do so spread over this time, in milliseconds. */
const COME_BACK_WITHIN_MS = 1_000;

/** The sessions that this node has in a document. */
export class Crowd {
  private readonly sessions = new Set<Session>();

  constructor(private readonly services: Pick<DocumentServices, 'clock' | 'random' | 'slow'>) {}

  get size(): number {
    return this.sessions.size;
  }

  /**
   * @param most sessions that may be here
   * @returns `false` if it is here already
   * @throws CoscribeError `document-full`
   */
  add(session: Session, most: number): boolean {
    if (this.sessions.has(session)) return false;
    if (this.sessions.size >= most) throw new CoscribeError('document-full', `${most} on this server`);
    this.sessions.add(session);
    return true;
  }

  /** @returns `false` if it is not here */
  delete(session: Session): boolean {
    return this.sessions.delete(session);
  }

  /** Calls for each; sessions may leave meanwhile. */
  each(tell: (session: Session) => void): void {
    for (const session of [...this.sessions]) tell(session);
  }

  sendFrame(frame: Broadcast, soleAuthor: Session | undefined): void {
    const { clock, slow } = this.services;
    const now = clock.monotonic();
    for (const session of this.sessions) {
      if (session !== soleAuthor && session.sendUpdates(frame, now)) slow.add(session);
    }
  }

  sendAwareness(update: Broadcast): void {
    this.each((session) => {
      if (session.sendAwareness(update)) this.services.slow.add(session);
    });
  }

  /** Closes all; each client comes back at another time, unless there is nothing to come back to. */
  sendAway(reason: CoscribeError): void {
    const { random } = this.services;
    const after = () =>
      reason.code === 'document-deleted' ? -1 : Math.floor(random() * COME_BACK_WITHIN_MS);
    this.each((session) => session.close(reason, after()));
  }
}
