import { DeafTransport } from './deaf-transport.js';
import type { EditAuthor } from './edit-authors.js';
import type { Meter } from './meter.js';
import type { Session } from './session.js';
import type { SessionTransport } from './session-transport.js';

/** Of so many the sessions stay open, beside that of the first. */
const MAX_WRITERS = 64;

interface WritersHome {
  readonly meter: Meter;
  /** @throws CoscribeError as `Documents.open` */
  open(author: EditAuthor, transport: SessionTransport): Promise<Session>;
  /** One of the sessions cannot go on. */
  onEnd(): void;
}

/** For whom one copy of a document edits: each has a session in his name. The copy hears through that of the first. */
export class EditWriters extends DeafTransport {
  readonly meter: Meter;
  private first: { readonly clientId: number; readonly session: Session } | undefined;
  /** Of the others, the longest unused first. */
  private readonly sessions = new Map<number, Session>();
  /** Everybody who has, or had, a session. */
  private readonly known = new Set<number>();

  constructor(private readonly home: WritersHome) {
    super();
    this.meter = home.meter;
  }

  /** Whether this clientID is that of somebody who has edited in the copy, and nowhere else. */
  knows(clientId: number): boolean {
    return this.known.has(clientId);
  }

  /** Somebody's session, if he has one; it is the last that was used then. */
  of({ clientId }: EditAuthor): Session | undefined {
    if (clientId === this.first?.clientId) return this.first.session;
    const session = this.sessions.get(clientId);
    if (session === undefined) return undefined;
    this.sessions.delete(clientId);
    this.sessions.set(clientId, session);
    return session;
  }

  /** The session through which the copy hears; whoever opened it ends it. */
  begin({ clientId }: EditAuthor, session: Session): void {
    this.first = { clientId, session };
    this.known.add(clientId);
  }

  /**
   * Gives somebody a session.
   *
   * @param generation of the document that the copy is of; if it is another one by now, the copy cannot go on
   * @throws CoscribeError as `Documents.open` and `Session.join`
   */
  async open(author: EditAuthor, generation: string | undefined): Promise<void> {
    const { clientId, clientKey } = author;
    const session = await this.home.open(author, this);
    await session.join({ clientId, clientKey, content: false }, (joined) => {
      this.known.add(clientId);
      this.sessions.set(clientId, session);
      if (joined.generation !== generation) this.home.onEnd();
    });
    const [oldest] = this.sessions;
    if (this.sessions.size <= MAX_WRITERS || oldest === undefined) return;
    this.sessions.delete(oldest[0]);
    oldest[1].leave();
  }

  /** Leaves. What was handed in is still committed and answered. */
  end(): void {
    for (const session of this.sessions.values()) session.leave();
    this.sessions.clear();
  }

  protected cutOff(): void {
    this.home.onEnd();
  }
}
