import type * as Y from 'yjs';
import { toCoscribeError, type WireError } from '../shared/errors.js';
import type { SessionLimits, UpdateKind } from '../shared/protocol.js';
import type { Clock, Timer } from '../shared/time.js';
import { type Change, Outbox } from './outbox.js';
import type { Patience } from './patience.js';
import { readCommitted } from './read-messages.js';

/** What is sent to: there while the provider is live. */
interface Session {
  /** clientID of the join. */
  readonly clientId: number;
  readonly limits: SessionLimits;
}

interface SenderOptions {
  readonly doc: Y.Doc;
  readonly clock: Clock;
  readonly patience: Patience;
  send(update: Uint8Array, kind: UpdateKind, answer: (reply: unknown) => void): void;
  /** A message is on the server's disk, as number `seq`. */
  confirmed(seq: number, update: Uint8Array): void;
  /** All of these changes is. */
  saved(changes: readonly Change[]): void;
  /** The same, once the next message is on its way. */
  changed(): void;
  /** The server can't take it now; it is sent again later. Nothing is wrong with the session. */
  delayed(error: WireError): void;
  /** It builds on something that the server lacks. */
  outOfStep(error: WireError): void;
  /** It will never be taken. */
  rejected(error: WireError): void;
  /** The document writes under another clientID than the one that joined. */
  renamed(): void;
}

/** Sends what the server may lack while there is a session, one message at a time, and keeps what is not confirmed. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #outbox = new Outbox();
  #session: Session | undefined;
  /** Of what is to be sent again. */
  #timer: Timer | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Changes that are not confirmed: one per Yjs transaction. */
  get changes(): number {
    return this.#outbox.changes;
  }

  /** What is not confirmed. */
  all(): readonly Change[] {
    return this.#outbox.all();
  }

  /** The updates that are not confirmed, in the order in which they were made. */
  unconfirmed(): Uint8Array[] {
    return this.#outbox.unconfirmed();
  }

  add(change: Change): void {
    this.#outbox.add(change);
    this.#sendNext();
  }

  /** There is a session, or another one: what was under way in the one before is sent again. */
  begin(session: Session): void {
    this.end();
    this.#session = session;
    this.#sendNext();
  }

  /** Answers that come later do not count. */
  end(): void {
    this.#session = undefined;
    if (this.#timer !== undefined) this.#options.clock.cancel(this.#timer);
    this.#timer = undefined;
    this.#outbox.returned();
  }

  #sendNext(): void {
    const session = this.#session;
    const options = this.#options;
    if (session === undefined || this.#timer !== undefined) return;
    // Yjs takes another clientID when it finds its own in use; the server must know whose edits come.
    if (options.doc.clientID !== session.clientId) {
      options.renamed();
      return;
    }
    try {
      const message = this.#outbox.next(session.clientId, session.limits);
      if (message === undefined) return;
      options.send(message.update, message.kind, (reply) => {
        if (session === this.#session) this.#answered(reply, message.update);
      });
    } catch (error) {
      options.rejected(toCoscribeError(error).toWire());
    }
  }

  /** @throws CoscribeError `bad-request` */
  #answered(raw: unknown, update: Uint8Array): void {
    const options = this.#options;
    const reply = readCommitted(raw);
    if (reply.ok) {
      const saved = this.#outbox.confirmed();
      options.patience.saved();
      options.confirmed(reply.value.seq, update);
      if (saved.length > 0) options.saved(saved);
      this.#sendNext();
      options.changed();
      return;
    }
    const { error } = reply;
    this.#outbox.returned();
    if (error.code === 'missing-dependencies') {
      const way = this.#outbox.giveWay();
      if (way === undefined) options.outOfStep(error);
      else if (way === 'next') this.#sendNext();
      // Another copy is about to send it, or has sent it by the next time.
      else this.#later();
    } else if (error.retryable) {
      this.#later();
      options.delayed(error);
    } else if (this.#outbox.isExtra) {
      options.saved(this.#outbox.confirmed());
      this.#sendNext();
    } else options.rejected(error);
  }

  #later(): void {
    const { clock, patience } = this.#options;
    this.#timer = clock.schedule(patience.pauseBeforeSending(), () => {
      this.#timer = undefined;
      this.#sendNext();
    });
  }
}
