import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type {
  Committed,
  ContentCheck,
  Joined,
  JoinRequest,
  Refused,
  Renewed,
  Role,
} from '../../shared/protocol.js';
import type { Admission } from '../documents/admitted.js';
import type { Broadcast } from '../documents/broadcast.js';
import type { Documents } from '../documents/documents.js';
import { isUnlogged } from '../documents/hook-failure.js';
import type { Meter } from '../documents/meter.js';
import type { Session } from '../documents/session.js';
import type { SessionTransport } from '../documents/session-transport.js';
import type { Log } from '../telemetry/log.js';
import type { CredentialsOf } from './credentials.js';
import type { Deadlines } from './deadlines.js';
import { EncodedEvent } from './encoded-event.js';
import { cutOff } from './engine-connection.js';
import { queuedBytes } from './outgoing-queue.js';
import { readBytes, readCheck, readJoinRequest, readKind, readToken } from './read-messages.js';
import type { DocumentSocket } from './socket-types.js';

/** Stand for "the frame, encoded as our protocol's event" in `Broadcast.encodeOnce`. */
const UPDATES = { event: 'updates' } as const;
const AWARENESS = { event: 'awareness' } as const;

/** Bytes that may wait for a connection when a join on it is answered. */
const MAX_QUEUED_BEFORE_ANSWER = 4 * 1024 * 1024;

/** Whoever was dismissed because he did not join may try again after so long, in milliseconds. */
const COME_BACK_AFTER_MS = 1_000;

/** What the connections of a gateway have in common. */
export interface SharedByConnections {
  readonly documents: Documents;
  readonly credentialsOf: CredentialsOf;
  readonly log: Log;
  /** Dismisses those that do not join in time. */
  readonly unjoined: Pick<Deadlines<DocumentConnection>, 'start' | 'done'>;
}

/**
 * One Socket.IO client in one document's namespace: turns its messages into calls of its `Session`, and what the
 * document sends into messages. Nothing that a client sends may throw out of here: it costs its sender one error.
 */
export class DocumentConnection implements SessionTransport {
  readonly protocol = 'coscribe';
  private session: Session | undefined;
  private joining = false;
  private renewing = false;

  constructor(
    private readonly socket: DocumentSocket,
    private readonly id: DocumentId,
    private readonly admission: Admission,
    readonly meter: Meter,
    private readonly shared: SharedByConnections,
  ) {
    shared.unjoined.start(this);
    // Socket.IO's middleware and not a listener for each event: listeners are most of what an idle session is.
    socket.use(([event, ...args]) => this.receive(event, args));
  }

  /** The client is gone. */
  leave(): void {
    this.shared.unjoined.done(this);
    this.session?.leave();
  }

  /** The client has had its time to join. */
  dismiss(): void {
    this.close(new CoscribeError('not-joined'), COME_BACK_AFTER_MS);
  }

  sendUpdates(frame: Broadcast): void {
    this.write(frame, UPDATES);
  }

  sendAwareness(update: Broadcast): void {
    this.write(update, AWARENESS);
  }

  sendResync(reason: CoscribeError): void {
    this.socket.emit('resync', reason.toWire());
  }

  sendSaving(possible: boolean): void {
    this.socket.emit('saving', possible);
  }

  /** Past Socket.IO: a crowded document has a thousand sessions, which all get it at once. */
  sendCheck({ seq, hash }: ContentCheck): void {
    const { conn, nsp } = this.socket;
    conn.write(`2${nsp.name},${JSON.stringify(['check', seq, hash])}`);
  }

  sendAccess(role: Role): void {
    this.socket.emit('access', role);
  }

  sendRenew(): void {
    this.socket.emit('renew');
  }

  sendRefused(reason: CoscribeError): void {
    if (!this.meter.refusal()) return;
    if (reason.code === 'internal')
      this.shared.log.error({ document: this.id, err: reason }, 'a message failed');
    this.socket.emit('refused', reason.toWire());
  }

  sendMove(afterMs: number): void {
    this.socket.emit('move', afterMs);
  }

  close(reason: CoscribeError, reconnectAfterMs: number): void {
    // Whoever does not read would not read a farewell either; only without the connection is its queue gone.
    if (reason.code === 'too-slow') cutOff(this.socket.conn);
    this.socket.emit('bye', reason.toWire(), reconnectAfterMs);
    this.socket.disconnect();
  }

  queuedBytes(): number {
    return queuedBytes(this.socket.conn);
  }

  /** The types promise what an honest client sends; a client may send anything. */
  private receive(event: unknown, [first, second, third]: unknown[]): void {
    // What came with a disconnect in the same packet is too late.
    if (!this.socket.connected) return;
    if (event === 'update') this.whenAnswerable(third, (reply) => this.update(first, second, reply));
    else if (event === 'awareness') this.awareness(first);
    else if (event === 'diverged') this.diverged(first, second);
    else if (event === 'join') this.whenAnswerable(second, (reply) => void this.join(first, reply));
    else if (event === 'token') this.whenAnswerable(second, (reply) => void this.renew(first, reply));
    else this.sendRefused(new CoscribeError('bad-request', 'unknown event'));
  }

  private whenAnswerable(
    answer: unknown,
    run: (reply: (message: Joined | Committed | Renewed | Refused) => void) => void,
  ): void {
    if (typeof answer !== 'function') {
      this.sendRefused(new CoscribeError('bad-request', 'the message needs an acknowledgement callback'));
      return;
    }
    run((message) => {
      // A client that left and came back may use the number of the message again.
      if (this.socket.connected) answer(message);
    });
  }

  private async join(request: unknown, reply: (message: Joined | Refused) => void): Promise<void> {
    try {
      if (this.joining) throw new CoscribeError('bad-request', 'a join is under way');
      await this.joinSession(readJoinRequest(request), reply);
    } catch (error) {
      reply(this.refusal(error));
    }
  }

  private async joinSession(request: JoinRequest, reply: (message: Joined) => void): Promise<void> {
    this.joining = true;
    this.shared.unjoined.done(this);
    try {
      let session = this.session;
      if (session === undefined || session.left) {
        session = await this.shared.documents.open(this.id, this.admission, this);
        this.session = session;
      }
      await session.join(request, (joined) => {
        // The answer is as large as the document: nobody gets one more while so much waits for him.
        if (this.queuedBytes() > MAX_QUEUED_BEFORE_ANSWER) throw new CoscribeError('too-slow');
        reply(joined);
      });
    } finally {
      this.joining = false;
      if (!this.socket.connected) this.session?.leave();
      else if (this.session === undefined || this.session.left) this.shared.unjoined.start(this);
    }
  }

  private update(update: unknown, kind: unknown, reply: (message: Committed | Refused) => void): void {
    try {
      if (this.session === undefined) throw new CoscribeError('not-joined');
      this.session.submit(readBytes(update), readKind(kind), (outcome) => {
        reply(typeof outcome === 'number' ? { ok: true, seq: outcome } : this.refusal(outcome));
      });
    } catch (error) {
      reply(this.refusal(error));
    }
  }

  private async renew(token: unknown, reply: (message: Renewed | Refused) => void): Promise<void> {
    try {
      if (this.session === undefined) throw new CoscribeError('not-joined');
      if (this.renewing) throw new CoscribeError('bad-request', 'a token is being looked at');
      reply({ ok: true, role: await this.renewSession(this.session, readToken(token)) });
    } catch (error) {
      reply(this.refusal(error));
    }
  }

  private async renewSession(session: Session, token: string): Promise<Role> {
    this.renewing = true;
    try {
      return await session.renew(this.shared.credentialsOf(this.socket.conn, token));
    } finally {
      this.renewing = false;
    }
  }

  private awareness(update: unknown): void {
    try {
      if (this.session === undefined) throw new CoscribeError('not-joined');
      this.session.submitAwareness(readBytes(update));
    } catch (error) {
      this.sendRefused(toCoscribeError(error));
    }
  }

  private diverged(seq: unknown, hash: unknown): void {
    try {
      if (this.session === undefined) throw new CoscribeError('not-joined');
      this.session.reportDiverged(readCheck(seq, hash));
    } catch (error) {
      this.sendRefused(toCoscribeError(error));
    }
  }

  private refusal(thrown: unknown): Refused {
    const error = toCoscribeError(thrown);
    if (isUnlogged(error))
      this.shared.log.error({ document: this.id, err: error.cause ?? error }, 'a message failed');
    return { ok: false, error: error.toWire() };
  }

  private write(message: Broadcast, protocol: typeof UPDATES | typeof AWARENESS): void {
    const { conn, nsp } = this.socket;
    message.encodeOnce(protocol, (bytes) => new EncodedEvent(nsp.name, protocol.event, bytes)).send(conn);
  }
}
