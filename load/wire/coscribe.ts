import * as decoding from 'lib0/decoding';
import { decodeFrame, decodeUpdateList } from '../../shared/frames.js';
import { documentNamespace, parseDocumentId } from '../../shared/ids.js';
import { type Committed, type Joined, PROTOCOL_VERSION, type Refused } from '../../shared/protocol.js';
import type {
  Conversation,
  ConversationEvents,
  Line,
  OpenRequest,
  Place,
  Protocol,
  Refusal,
} from './protocol.js';
import { refusalIn } from './refusal.js';
import {
  type NamespaceEvents,
  PLACEHOLDER,
  SOCKET_IO_PATH,
  SocketIoNamespace,
  withBytes,
} from './socket-io.js';

/** Our own protocol (docs/PROTOCOL.md). An acknowledgement means that the update is committed. */
export const coscribe: Protocol = {
  name: 'coscribe',
  acknowledges: true,
  mergesEdits: true,
  path: () => SOCKET_IO_PATH,
  begin: (line, request, events) => new CoscribeConversation(line, request, events),
};

const JOIN_ID = 0;
const LIVE_UPDATE = withBytes('update', 'live');
const CATCH_UP_UPDATE = withBytes('update', 'catch-up');
const AWARENESS = withBytes('awareness');

class CoscribeConversation implements Conversation, NamespaceEvents {
  readonly #namespace: SocketIoNamespace;
  readonly #events: ConversationEvents;
  readonly #clientId: number;
  readonly #update: string;
  /** What a returning client has, for its first join only: nobody keeps it up to date. */
  #stateVector: Uint8Array | undefined;
  /** Last `seq` up to which the client has everything, and the generation that it belongs to. */
  #seq = 0;
  #generation: string | undefined;
  /** Numbers of own updates, ascending, of which some before them are not known yet. */
  #ahead: number[] = [];
  #live = false;
  #nextId = JOIN_ID + 1;
  /** Tags of the updates that were not answered yet, by the number of their acknowledgement. */
  readonly #tags = new Map<number, number>();

  constructor(line: Line, request: OpenRequest, events: ConversationEvents) {
    this.#events = events;
    this.#clientId = request.clientId;
    this.#update = request.catchUp === true ? CATCH_UP_UPDATE : LIVE_UPDATE;
    this.#stateVector = request.known?.stateVector;
    this.#generation = request.known?.generation;
    this.#seq = request.known?.seq ?? 0;
    this.#namespace = new SocketIoNamespace(
      line,
      {
        namespace: documentNamespace(parseDocumentId(request.document)),
        auth: {
          protocol: PROTOCOL_VERSION,
          ...(request.token === undefined ? {} : { token: request.token }),
        },
        byteEvents: ['updates', 'awareness'],
      },
      this,
    );
  }

  get place(): Place | undefined {
    return this.#generation === undefined ? undefined : { generation: this.#generation, seq: this.#seq };
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

  sendUpdate(update: Uint8Array, tag: number): void {
    const id = this.#nextId++;
    this.#tags.set(id, tag);
    this.#namespace.emitBytes(this.#update, update, id);
  }

  sendAwareness(update: Uint8Array): void {
    this.#namespace.emitBytes(AWARENESS, update);
  }

  connected(): void {
    this.#join();
  }

  bytes(name: string, argument: Buffer): void {
    if (name === 'awareness') this.#events.awareness(argument);
    else if (this.#live) this.#updates(argument);
  }

  event(name: string, args: readonly unknown[]): void {
    if (name === 'resync') this.#join();
    else if (name === 'bye') this.#refused('bye', args[0], Number(args[1]));
    else if (name === 'refused') this.#refused('refused', args[0]);
  }

  answered(id: number, args: readonly unknown[]): void {
    if (id === JOIN_ID) this.#joined(args[0] as Joined | Refused);
    else this.#committed(id, args[0] as Committed | Refused);
  }

  failed(reason: string, why?: Refusal): void {
    this.#events.failed(reason, why);
  }

  #refused(what: string, error: unknown, afterMs?: number): void {
    const why = refusalIn(error);
    this.#events.failed(`${what}: ${why.code}`, afterMs === undefined ? why : { ...why, afterMs });
  }

  #join(): void {
    this.#live = false;
    const stateVector = this.#stateVector;
    this.#stateVector = undefined;
    // The same key for the same clientID, so that a client that comes back takes its own place.
    const clientKey = `key of the generator's client ${this.#clientId}`;
    const since = this.#generation === undefined ? {} : { generation: this.#generation, seq: this.#seq };
    const request = { clientId: this.#clientId, clientKey, ...since };
    if (stateVector === undefined) this.#namespace.emit(JSON.stringify(['join', request]), JOIN_ID);
    else {
      const json = JSON.stringify(['join', { ...request, stateVector: PLACEHOLDER }]);
      this.#namespace.emitBytes(json, stateVector, JOIN_ID);
    }
  }

  #joined(reply: Joined | Refused): void {
    if (!reply.ok) {
      this.#refused('join', reply.error);
      return;
    }
    this.#live = true;
    this.#seq = reply.head;
    this.#generation = reply.generation;
    this.#ahead = [];
    this.#events.joined(decodeUpdateList(reply.content), { generation: reply.generation, seq: reply.head });
    if (reply.awareness.length > 0) this.#events.awareness(reply.awareness as Buffer);
  }

  #committed(id: number, reply: Committed | Refused): void {
    const tag = this.#tags.get(id);
    this.#tags.delete(id);
    if (!reply.ok && (tag === undefined || this.#events.refused === undefined)) {
      this.#refused('update', reply.error);
    } else if (!reply.ok) {
      this.#events.refused?.(tag ?? 0, refusalIn(reply.error));
    } else if (tag === undefined) this.#events.failed('an answer came to what nobody asked');
    else {
      this.#ahead.push(reply.seq);
      this.#advance(this.#seq);
      this.#events.acked(tag);
    }
  }

  #updates(frame: Buffer): void {
    const decoder = decoding.createDecoder(frame);
    const from = decoding.readVarUint(decoder);
    if (from > this.#seq + 1) {
      this.#join();
      return;
    }
    this.#advance(Math.max(this.#seq, from + decoding.readVarUint(decoder) - 1));
    this.#events.updates(frame, frameUpdates);
  }

  #advance(seq: number): void {
    this.#seq = seq;
    for (let own = this.#ahead[0]; own !== undefined && own <= this.#seq + 1; own = this.#ahead[0]) {
      this.#ahead.shift();
      this.#seq = Math.max(this.#seq, own);
    }
  }
}

function frameUpdates(frame: Buffer): readonly Uint8Array[] {
  return decodeFrame(frame).updates;
}
