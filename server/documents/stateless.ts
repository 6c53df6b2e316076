import { Broadcast } from './broadcast.js';
import type { BusLine } from './bus-line.js';
import type { Crowd } from './crowd.js';
import type { DocumentHooks } from './document-hooks.js';
import type { Session } from './session.js';

interface StatelessParts {
  readonly crowd: Crowd;
  readonly line: BusLine;
  readonly hooks: DocumentHooks | undefined;
}

/** Messages of a document that change nothing in it, and that are kept nowhere: between its clients and the application. */
export class Stateless {
  constructor(private readonly parts: StatelessParts) {}

  /**
   * Somebody tells the application something, which may answer him, and tell all others.
   *
   * @returns the answer, if there is one
   * @throws CoscribeError `internal` if the hook fails
   */
  async receive(session: Session, payload: string): Promise<string | undefined> {
    const said = await this.parts.hooks?.stateless(session, payload);
    if (typeof said === 'string') return said;
    if (said?.broadcast !== undefined) {
      this.parts.line.publish({ kind: 'stateless', payload: said.broadcast });
      this.tell(said.broadcast, session);
    }
    return said?.reply;
  }

  /** Another node tells all. */
  receiveFrom(payload: string): void {
    this.tell(payload, undefined);
  }

  private tell(payload: string, but: Session | undefined): void {
    const message = new Broadcast(Buffer.from(payload));
    this.parts.crowd.each((session) => {
      if (session !== but) session.sendStateless(message);
    });
  }
}
