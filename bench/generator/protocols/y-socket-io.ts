import type { Conversation, ConversationEvents, Line, OpenRequest, Protocol } from '../protocol.js';
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
const STEP_1_ID = 0;

class YSocketIoConversation implements Conversation, NamespaceEvents {
  readonly #namespace: SocketIoNamespace;
  readonly #events: ConversationEvents;
  readonly #stateVector: Uint8Array;
  /** What came before the server asked for our part; `undefined` afterwards. */
  #early: Buffer[] | undefined = [];

  constructor(line: Line, request: OpenRequest, events: ConversationEvents) {
    this.#events = events;
    this.#stateVector = request.known?.stateVector ?? EMPTY_STATE_VECTOR;
    this.#namespace = new SocketIoNamespace(
      line,
      { namespace: `/yjs|${request.document}`, auth: {}, byteEvents: ['sync-update', 'awareness-update'] },
      this,
    );
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
    // The server says when it is ready, by its sync-step-1.
  }

  bytes(name: string, argument: Buffer): void {
    if (name === 'awareness-update') this.#events.awareness(argument);
    else if (this.#early === undefined) this.#events.updates(argument, itself);
    else this.#early.push(Buffer.from(argument));
  }

  event(name: string, _args: readonly unknown[], id: number | undefined): void {
    if (name !== 'sync-step-1' || id === undefined) {
      this.#events.failed(`the server sent the event "${name}"`);
      return;
    }
    this.#namespace.answerBytes(id, EMPTY_UPDATE);
    this.#start();
  }

  /**
   * The provider sends its sync-step-1 when it is connected. While the server still loads the document nobody listens
   * there, the request is lost, and the content comes as `sync-update` to everybody. So the request waits until the
   * server listens, and is left out if the content has come that way: this costs the server what the provider costs it.
   */
  #start(): void {
    const early = this.#early;
    if (early === undefined) return;
    this.#early = undefined;
    if (early.length > 0) this.#events.joined(early);
    else this.#namespace.emitBytes(STEP_1, this.#stateVector, STEP_1_ID);
  }

  answered(_id: number, [content]: readonly unknown[]): void {
    this.#events.joined([content as Buffer]);
  }

  failed(reason: string): void {
    this.#events.failed(reason);
  }
}

function itself(update: Buffer): readonly Uint8Array[] {
  return [update];
}
