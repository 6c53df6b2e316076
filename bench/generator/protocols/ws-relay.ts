import type { Conversation, ConversationEvents, Line, Protocol } from '../../../load/wire/protocol.js';

/**
 * bench/peers/ws-relay.mjs: one WebSocket path per document, and every message goes to all others on the path as it is.
 * The first byte of a message says what it is; the relay does not look at it.
 */
export const wsRelay: Protocol = {
  name: 'ws-relay',
  acknowledges: false,
  relay: true,
  path: ({ document }) => `/${document}`,
  begin: (line, _request, events) => new WsRelayConversation(line, events),
};

const UPDATE = 0;
const AWARENESS = 1;

class WsRelayConversation implements Conversation {
  readonly #line: Line;
  readonly #events: ConversationEvents;

  constructor(line: Line, events: ConversationEvents) {
    this.#line = line;
    this.#events = events;
    // The relay knows the client once the WebSocket is open. Not at once: the caller has no conversation yet.
    queueMicrotask(() => events.joined([]));
  }

  text(message: Buffer): void {
    this.#events.failed(`the relay sent text: ${JSON.stringify(message.toString().slice(0, 80))}`);
  }

  binary(message: Buffer): void {
    if (message[0] === UPDATE) this.#events.updates(message, withoutType);
    else if (message[0] === AWARENESS) this.#events.awareness(message.subarray(1));
    else this.#events.failed('a message of no known type');
  }

  sendUpdate(update: Uint8Array): void {
    this.#line.sendBinary(withType(UPDATE, update));
  }

  sendAwareness(update: Uint8Array): void {
    this.#line.sendBinary(withType(AWARENESS, update));
  }
}

function withType(type: number, bytes: Uint8Array): Uint8Array {
  const message = new Uint8Array(bytes.length + 1);
  message[0] = type;
  message.set(bytes, 1);
  return message;
}

function withoutType(message: Buffer): readonly Uint8Array[] {
  return [message.subarray(1)];
}
