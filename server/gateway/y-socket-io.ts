import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import { decodeFrame } from '../../shared/frames.js';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { joinUpdates } from '../../shared/update-join.js';
import type { Broadcast } from '../documents/broadcast.js';
import { Deadlines } from './deadlines.js';
import { EncodedEvent } from './encoded-event.js';
import { cutOff } from './engine-connection.js';
import type { GatewayServices } from './gateway-services.js';
import type { NamespaceProtocol } from './namespace-protocol.js';
import { queuedBytes } from './outgoing-queue.js';
import { readBytes } from './read-messages.js';
import type { DocumentSocket } from './socket-types.js';
import { SyncSession, type SyncSessionOptions } from './yjs/sync-session.js';
import type { SyncContent, SyncWire } from './yjs/sync-wire.js';

const PREFIX = '/yjs|';
const COME_BACK_AFTER_MS = 1_000;

type Answer = (update: Uint8Array) => void;

/** What these clients are sent; our own protocol's types know nothing of it. */
interface Outgoing {
  emit(event: 'sync-step-1', stateVector: Uint8Array, answer: (update: unknown) => void): unknown;
  emit(event: 'sync-update', update: Uint8Array): unknown;
  emit(event: 'bye', reason: object, reconnectAfterMs: number): unknown;
}

/**
 * The protocol of y-socket.io (read in 1.1.3), `/yjs|{id}`, with its published clients unchanged. Its client counts as synced
 * when it answers our `sync-step-1`, so that is sent after the content, never before it.
 */
export function ySocketIo(services: GatewayServices): NamespaceProtocol {
  const { limits, clock, counters } = services;
  const unjoined = new Deadlines<YSocketIoConnection>(clock, limits.joinTimeoutMs, (connection) => {
    counters.count('never-joined');
    connection.close(new CoscribeError('not-joined'), COME_BACK_AFTER_MS);
  });
  return {
    documentOf,
    // It is the application's to choose what is in there.
    check() {},
    connect: (socket, id, admission, meter) =>
      new YSocketIoConnection(socket, { ...services, id, admission, meter }, unjoined),
  };
}

function documentOf(namespace: string): DocumentId | undefined {
  if (!namespace.startsWith(PREFIX)) return undefined;
  try {
    return parseDocumentId(namespace.slice(PREFIX.length));
  } catch {
    return undefined;
  }
}

/** One client of y-socket.io in one document. */
class YSocketIoConnection implements SyncWire {
  readonly protocol = 'y-socket.io';
  private readonly session: SyncSession;
  private readonly out: Outgoing;
  /** Of those that have asked for content and have not got it. */
  private readonly answers: (Answer | undefined)[] = [];
  private hasAsked = false;

  constructor(
    private readonly socket: DocumentSocket,
    options: Omit<SyncSessionOptions, 'wire'>,
    private readonly unjoined: Pick<Deadlines<YSocketIoConnection>, 'start' | 'done'>,
  ) {
    this.out = socket as unknown as Outgoing;
    this.session = new SyncSession({ ...options, wire: this });
    unjoined.start(this);
    socket.conn.on('heartbeat', this.pulse);
    // Socket.IO's middleware and not a listener for each event: listeners are most of what an idle session is.
    socket.use(([event, ...args]) => this.receive(event, args));
  }

  /** The client is gone. */
  leave(): void {
    this.socket.conn.off('heartbeat', this.pulse);
    this.unjoined.done(this);
    this.session.leave();
  }

  sendContent({ updates, stateVector, awareness }: SyncContent): void {
    const answer = this.answers.shift();
    const last = updates.length - 1;
    for (const [at, update] of updates.entries())
      if (at === last && answer !== undefined) answer(bufferOf(update));
      else this.sendUpdate(update);
    this.sendStateVector(stateVector);
    if (awareness.length > 0)
      new EncodedEvent(this.socket.nsp.name, 'awareness-update', awareness).send(this.socket.conn);
  }

  sendUpdates(frame: Broadcast): void {
    const { conn, nsp } = this.socket;
    // Each namespace has its own encoding: a document has two, with and without its workspace.
    frame
      .encodeOnce(
        nsp,
        (bytes) => new EncodedEvent(nsp.name, 'sync-update', joinUpdates(decodeFrame(bytes).updates)),
      )
      .send(conn);
  }

  sendUpdate(update: Uint8Array): void {
    this.out.emit('sync-update', bufferOf(update));
  }

  sendAwareness(update: Broadcast): void {
    const { conn, nsp } = this.socket;
    update.encodeOnce(nsp, (bytes) => new EncodedEvent(nsp.name, 'awareness-update', bytes)).send(conn);
  }

  sendStateVector(stateVector: Uint8Array): void {
    this.out.emit('sync-step-1', bufferOf(stateVector), (update) => {
      this.take(() => this.session.receiveAnswer(readBytes(update)));
    });
  }

  close(reason: CoscribeError, reconnectAfterMs: number): void {
    const { conn } = this.socket;
    this.unjoined.done(this);
    if (reason.code === 'too-slow') cutOff(conn);
    this.out.emit('bye', reason.toWire(), reconnectAfterMs);
    // Socket.IO's client does not come back from a namespace that it was sent out of, but does when its connection ends.
    if (reconnectAfterMs < 0) this.socket.disconnect();
    else conn.close();
  }

  queuedBytes(): number {
    return queuedBytes(this.socket.conn);
  }

  // There are no words for these.
  sendRole(): void {}
  sendRenew(): void {}
  sendRefused(): void {}

  /** The client has answered a ping of the connection. */
  private readonly pulse = (): void => this.session.renewAwareness();

  /** A client may send anything. */
  private receive(event: unknown, [first, second]: unknown[]): void {
    if (!this.socket.connected) return;
    this.take(() => {
      if (event === 'sync-step-1') this.ask(readBytes(first), second);
      // What it wrote before it asked, Socket.IO has kept for it and sends first; its answer will bring that as well.
      else if (event === 'sync-update' && this.hasAsked) this.session.receiveUpdate(readBytes(first));
      else if (event === 'awareness-update' && this.hasAsked) this.session.receiveAwareness(readBytes(first));
      else if (event !== 'sync-update' && event !== 'awareness-update')
        throw new CoscribeError('bad-request', 'unknown event');
    });
  }

  private ask(stateVector: Uint8Array, answer: unknown): void {
    this.hasAsked = true;
    this.unjoined.done(this);
    this.answers.push(
      typeof answer === 'function' ? (update) => this.socket.connected && answer(update) : undefined,
    );
    this.session.receiveStateVector(stateVector);
  }

  private take(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.session.close(toCoscribeError(error), -1);
    }
  }
}

/** Socket.IO looks for bytes in what it sends, and knows a `Buffer` quickest. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
