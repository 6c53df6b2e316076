import type { Conversation, ConversationEvents, Line, OpenRequest, Protocol } from './protocol.js';
import {
  EMPTY_STATE_VECTOR,
  EMPTY_UPDATE,
  MessageType,
  payloadAt,
  SyncType,
  withPayload,
} from './sync-messages.js';

/** What y-websocket's provider and server say to each other (y-websocket 2.1.0; 3.1.0 is the same). */
export const yWebsocket: Protocol = {
  name: 'y-websocket',
  acknowledges: false,
  renewsAwareness: true,
  path: ({ document, token }) =>
    `/${document}${token === undefined ? '' : `?token=${encodeURIComponent(token)}`}`,
  begin: (line, request, events) => new YWebsocketConversation(line, request, events),
};

/** The same clients, with Coscribe at the other end. */
export const coscribeYjs: Protocol = {
  ...yWebsocket,
  name: 'y-websocket at Coscribe',
  path: (request) => `/yjs${yWebsocket.path(request)}`,
};

const NO_PREFIX = new Uint8Array();

class YWebsocketConversation implements Conversation {
  readonly #line: Line;
  readonly #events: ConversationEvents;
  /** y-websocket 3.1.0, `messageReconnectTimeout`. */
  readonly silenceMs = 30_000;
  #joined = false;

  constructor(line: Line, request: OpenRequest, events: ConversationEvents) {
    this.#line = line;
    this.#events = events;
    this.#sendSync(SyncType.step1, request.known?.stateVector ?? EMPTY_STATE_VECTOR);
  }

  text(message: Buffer): void {
    this.#events.failed(`the server sent text: ${JSON.stringify(message.toString().slice(0, 80))}`);
  }

  binary(message: Buffer): void {
    const [type, syncType] = message;
    if (type === MessageType.awareness) this.#events.awareness(payloadAt(message, 1));
    else if (type !== MessageType.sync) this.#events.failed(`a message of type ${type}`);
    else if (syncType === SyncType.update) this.#events.updates(message, updateOf);
    else if (syncType === SyncType.step1) {
      this.#sendSync(SyncType.step2, this.#events.wanted?.(payloadAt(message, 2)) ?? EMPTY_UPDATE);
    } else if (syncType === SyncType.step2) this.#content(message);
    else this.#events.failed(`a sync message of type ${syncType}`);
  }

  sendUpdate(update: Uint8Array): void {
    this.#sendSync(SyncType.update, update);
  }

  sendAwareness(update: Uint8Array): void {
    this.#line.sendBinary(withPayload(NO_PREFIX, [MessageType.awareness], update));
  }

  #content(message: Buffer): void {
    if (this.#joined) {
      this.#events.updates(message, updateOf);
      return;
    }
    this.#joined = true;
    this.#events.joined(updateOf(message));
  }

  #sendSync(type: number, payload: Uint8Array): void {
    this.#line.sendBinary(withPayload(NO_PREFIX, [MessageType.sync, type], payload));
  }
}

/** The update in a sync message of type step 2 or update. */
function updateOf(message: Buffer): readonly Uint8Array[] {
  return [payloadAt(message, 2)];
}
