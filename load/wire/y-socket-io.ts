import type { Conversation, ConversationEvents, Line, OpenRequest, Protocol, Refusal } from './protocol.js';
import { refusalIn } from './refusal.js';
import { type NamespaceEvents, SOCKET_IO_PATH, SocketIoNamespace, withBytes } from './socket-io.js';
import { EMPTY_STATE_VECTOR, EMPTY_UPDATE } from './sync-messages.js';

/** What y-socket.io's provider and server say to each other (y-socket.io 1.1.3). */
export const ySocketIo: Protocol = {
  name: 'y-socket-io',
  acknowledges: false,
  renewsAwareness: true,
  path: () => SOCKET_IO_PATH,
  begin: (line, request, events) => new YSocketIoConversation(line, request, events),
};

const STEP_1 = withBytes('sync-step-1');
const UPDATE = withBytes('sync-update');
const AWARENESS = withBytes('awareness-update');
const FIRST_ID = 0;
const AGAIN_ID = 1;

class YSocketIoConversation implements Conversation, NamespaceEvents {
  readonly #namespace: SocketIoNamespace;
  readonly #events: ConversationEvents;
  readonly #stateVector: Uint8Array;
  /** What came before the client has joined; `undefined` afterwards. */
  #early: Buffer[] | undefined = [];

  constructor(line: Line, request: OpenRequest, events: ConversationEvents) {
    this.#events = events;
    this.#stateVector = request.known?.stateVector ?? EMPTY_STATE_VECTOR;
    const auth = request.token === undefined ? {} : { token: request.token };
    this.#namespace = new SocketIoNamespace(
      line,
      { namespace: `/yjs|${request.document}`, auth, byteEvents: ['sync-update', 'awareness-update'] },
      this,
    );
  }

  get silenceMs(): number {
    return this.#namespace.silenceMs;
  }

  text(message: Buffer): void {
    this.#namespace.text(message);
  }

  binary(message: Buffer): void {
    this.#namespace.binary(message);
  }

  sendUpdate(update: Uint8Array): void {
    this.#namespace.emitBytes(UPDATE, update);
  }

  sendAwareness(update: Uint8Array): void {
    this.#namespace.emitBytes(AWARENESS, update);
  }

  connected(): void {
    this.#namespace.emitBytes(STEP_1, this.#stateVector, FIRST_ID);
  }

  bytes(name: string, argument: Buffer): void {
    if (name === 'awareness-update') this.#events.awareness(argument);
    else if (this.#early === undefined) this.#events.updates(argument, itself);
    else this.#early.push(Buffer.from(argument));
  }

  event(name: string, [first, second]: readonly unknown[], id: number | undefined): void {
    if (name === 'sync-step-1' && id !== undefined) {
      this.#namespace.answerBytes(id, this.#events.wanted?.(first as Buffer) ?? EMPTY_UPDATE);
      this.#ready();
    } else if (name === 'bye') {
      // Only Coscribe says goodbye in words.
      const why = refusalIn(first);
      this.#events.failed(`bye: ${why.code}`, { ...why, afterMs: Number(second) });
    } else {
      this.#events.failed(`the server sent the event "${name}"`);
    }
  }

  answered(_id: number, [content]: readonly unknown[]): void {
    if (this.#early === undefined) this.#events.updates(content as Buffer, itself);
    else this.#join([...this.#early, content as Buffer]);
  }

  /**
   * The provider asks for the content when it is connected. While y-socket.io's server still loads the document nobody listens
   * there, the request is lost, and the content comes as `sync-update` to everybody. So once the server asks itself, that is
   * the content; if nothing has come, the request is sent again.
   */
  #ready(): void {
    if (this.#early === undefined) return;
    if (this.#early.length > 0) this.#join(this.#early);
    else this.#namespace.emitBytes(STEP_1, this.#stateVector, AGAIN_ID);
  }

  #join(content: readonly Uint8Array[]): void {
    this.#early = undefined;
    this.#events.joined(content);
  }

  failed(reason: string, why?: Refusal): void {
    this.#events.failed(reason, why);
  }
}

function itself(update: Buffer): readonly Uint8Array[] {
  return [update];
}
