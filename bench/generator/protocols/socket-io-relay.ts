import type {
  Conversation,
  ConversationEvents,
  Line,
  OpenRequest,
  Protocol,
} from '../../../load/wire/protocol.js';
import {
  type NamespaceEvents,
  SOCKET_IO_PATH,
  SocketIoNamespace,
  withBytes,
} from '../../../load/wire/socket-io.js';

/** bench/peers/socket-io-relay.mjs: one room per document, and every event goes to all others in the room as it is. */
export const socketIoRelay: Protocol = {
  name: 'socket-io-relay',
  acknowledges: false,
  relay: true,
  path: () => SOCKET_IO_PATH,
  begin: (line, request, events) => new RelayConversation(line, request, events),
};

const UPDATE = withBytes('update');
const AWARENESS = withBytes('awareness');

class RelayConversation implements Conversation, NamespaceEvents {
  readonly #namespace: SocketIoNamespace;
  readonly #events: ConversationEvents;

  constructor(line: Line, { document }: OpenRequest, events: ConversationEvents) {
    this.#events = events;
    const options = { namespace: '/', auth: { document }, byteEvents: ['update', 'awareness'] };
    this.#namespace = new SocketIoNamespace(line, options, this);
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
    this.#events.joined([]);
  }

  bytes(name: string, argument: Buffer): void {
    if (name === 'update') this.#events.updates(argument, itself);
    else this.#events.awareness(argument);
  }

  event(name: string): void {
    this.#events.failed(`the relay sent the event "${name}"`);
  }

  answered(): void {
    this.#events.failed('an answer came to what nobody asked');
  }

  failed(reason: string): void {
    this.#events.failed(reason);
  }
}

function itself(update: Buffer): readonly Uint8Array[] {
  return [update];
}
