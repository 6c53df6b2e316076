import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import {
  type Conversation,
  type ConversationEvents,
  type Line,
  type OpenRequest,
  type Protocol,
  WANTED,
} from './protocol.js';
import {
  EMPTY_STATE_VECTOR,
  EMPTY_UPDATE,
  MessageType,
  payloadAt,
  SyncType,
  withPayload,
} from './sync-messages.js';

/**
 * What Hocuspocus' provider and server say to each other (@hocuspocus/provider and @hocuspocus/server 4.7.0, without
 * session awareness, the default). An acknowledgement means that the server has applied the update in memory.
 */
export const hocuspocus: Protocol = {
  name: 'hocuspocus',
  acknowledges: true,
  renewsAwareness: true,
  path: () => '/',
  begin: (line, request, events) => new HocuspocusConversation(line, request, events),
};

/** What Hocuspocus adds to y-websocket's message types. */
const OwnType = { syncReply: 4, close: 7, syncStatus: 8, ping: 9, pong: 10 } as const;
/** Length of no name: a message for no document, which the provider passes over. With it our own server shows that it is there. */
const NO_NAME = 0;
const AuthType = { token: 0, denied: 1, authenticated: 2 } as const;
/** The provider says its version since 4.0. */
const PROVIDER_VERSION = '4.7.0';

class HocuspocusConversation implements Conversation {
  readonly #line: Line;
  readonly #events: ConversationEvents;
  /** The document's name, with which every message begins. */
  readonly #prefix: Uint8Array;
  /** Tags of what the server has not acknowledged yet, in the order in which it will. */
  readonly #tags: number[] = [];
  /** @hocuspocus/provider 4.8.0, `messageReconnectTimeout`. */
  readonly silenceMs = 30_000;
  readonly #token: string;
  #joined = false;
  #answered = false;

  constructor(line: Line, request: OpenRequest, events: ConversationEvents) {
    this.#line = line;
    this.#events = events;
    this.#token = request.token ?? '';
    this.#prefix = encoding.encode((encoder) => encoding.writeVarString(encoder, request.document));
    this.#sendToken();
    this.#sendSync(SyncType.step1, request.known?.stateVector ?? EMPTY_STATE_VECTOR);
  }

  text(message: Buffer): void {
    this.#events.failed(`the server sent text: ${JSON.stringify(message.toString().slice(0, 80))}`);
  }

  binary(message: Buffer): void {
    const at = this.#prefix.length;
    if (message.length === 1 && message[0] === OwnType.ping) {
      this.#line.sendBinary(Uint8Array.of(OwnType.pong));
    } else if (message[0] === NO_NAME) {
      return;
    } else if (message.compare(this.#prefix, 0, at, 0, Math.min(at, message.length)) !== 0) {
      this.#events.failed('a message for another document');
    } else if (message[at] === MessageType.sync || message[at] === OwnType.syncReply) {
      this.#sync(message, at + 1);
    } else if (message[at] === MessageType.awareness) {
      this.#events.awareness(payloadAt(message, at + 1));
    } else if (message[at] === OwnType.syncStatus) {
      this.#acknowledged(message[at + 1] === 1);
    } else if (message[at] !== MessageType.auth || message[at + 1] !== AuthType.authenticated) {
      this.#events.failed(`the server refused: ${message.subarray(at).toString('latin1')}`);
    }
  }

  sendUpdate(update: Uint8Array, tag: number): void {
    this.#tags.push(tag);
    this.#sendSync(SyncType.update, update);
  }

  sendAwareness(update: Uint8Array): void {
    this.#line.sendBinary(withPayload(this.#prefix, [MessageType.awareness], update));
  }

  #sync(message: Buffer, at: number): void {
    const type = message[at];
    if (type === SyncType.update || (type === SyncType.step2 && this.#joined)) {
      this.#events.updates(message, updateOf);
    } else if (type === SyncType.step1) {
      // The first one comes with the document, and the answer is acknowledged like an update. Only our own server asks
      // again, for what it could not take, and acknowledges the updates themselves then (docs/PROTOCOL.md, Hocuspocus).
      if (!this.#answered) this.#tags.push(WANTED);
      this.#answered = true;
      this.#sendSync(SyncType.step2, this.#events.wanted?.(payloadAt(message, at + 1)) ?? EMPTY_UPDATE);
    } else if (type === SyncType.step2) {
      this.#joined = true;
      this.#events.joined(updateOf(message));
    } else {
      this.#events.failed(`a sync message of type ${type}`);
    }
  }

  #acknowledged(applied: boolean): void {
    const tag = this.#tags.shift();
    if (tag === undefined) this.#events.failed('an acknowledgement came of what nobody sent');
    else if (!applied) this.#events.failed('the server did not apply an update');
    else if (tag !== WANTED || this.#events.wanted !== undefined) this.#events.acked(tag);
  }

  #sendToken(): void {
    const message = encoding.encode((encoder) => {
      encoding.writeUint8Array(encoder, this.#prefix);
      encoding.writeVarUint(encoder, MessageType.auth);
      encoding.writeVarUint(encoder, AuthType.token);
      encoding.writeVarString(encoder, this.#token);
      encoding.writeVarString(encoder, PROVIDER_VERSION);
    });
    this.#line.sendBinary(message);
  }

  #sendSync(type: number, payload: Uint8Array): void {
    this.#line.sendBinary(withPayload(this.#prefix, [MessageType.sync, type], payload));
  }
}

/** The update in a sync message of type step 2 or update; the document's name stands before it. */
function updateOf(message: Buffer): readonly Uint8Array[] {
  const decoder = decoding.createDecoder(message);
  const nameLength = decoding.readVarUint(decoder);
  return [payloadAt(message, decoder.pos + nameLength + 2)];
}
