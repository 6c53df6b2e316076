import type { Conversation, ConversationEvents, OpenRequest, Protocol } from '../../load/wire/protocol.js';
import { type Address, WebSocketClient } from '../../load/wire/websocket-client.js';

/** Where a client's log stood when it joined; our own protocol only. */
type Place = Parameters<ConversationEvents['joined']>[1];

/**
 * One client that hands on every update it gets, in order, as copies: for comparing real documents, where the cost of it
 * does not matter.
 */
export class FollowingClient implements ConversationEvents {
  /** Fulfils when the server has let the client in and sent the document; the size of that in bytes. */
  readonly opened: Promise<number>;
  /** Tags of the updates that the server acknowledged, in that order. */
  readonly acks: number[] = [];
  /** Awareness updates, in the order in which they came. */
  readonly awarenessUpdates: Uint8Array[] = [];
  place: Place;
  /** Everything that went wrong. */
  readonly failures: string[] = [];
  #conversation: Conversation | undefined;
  readonly #socket: WebSocketClient;
  readonly #follow: (update: Uint8Array) => void;
  #open: (bytes: number) => void = () => {};
  #giveUp: (error: Error) => void = () => {};
  #closing = false;

  /** @param follow gets every update of the document, those that it was opened with first */
  constructor(
    protocol: Protocol,
    address: Address,
    request: OpenRequest,
    follow: (update: Uint8Array) => void,
  ) {
    this.#follow = follow;
    this.opened = new Promise((resolve, reject) => {
      this.#open = resolve;
      this.#giveUp = reject;
    });
    this.#socket = new WebSocketClient(address, protocol.path(request), {
      open: () => {
        this.#conversation = protocol.begin(this.#socket, request, this);
      },
      text: (message) => this.#conversation?.text(message),
      binary: (message) => this.#conversation?.binary(message),
      closed: (reason) => {
        if (!this.#closing) this.failed(reason);
      },
    });
  }

  /** Bytes that came from the network. */
  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  sendUpdate(update: Uint8Array, tag = 0): void {
    this.#conversation?.sendUpdate(update, tag);
  }

  sendAwareness(update: Uint8Array): void {
    this.#conversation?.sendAwareness(update);
  }

  close(): void {
    this.#closing = true;
    this.#socket.close();
  }

  joined(content: readonly Uint8Array[], place?: Place): void {
    this.place = place;
    for (const update of content) this.#follow(Uint8Array.from(update));
    this.#open(content.reduce((sum, { length }) => sum + length, 0));
  }

  updates(message: Buffer, decode: (message: Buffer) => readonly Uint8Array[]): void {
    for (const update of decode(message)) this.#follow(Uint8Array.from(update));
  }

  acked(tag: number): void {
    this.acks.push(tag);
  }

  awareness(update: Buffer): void {
    this.awarenessUpdates.push(Uint8Array.from(update));
  }

  failed(reason: string): void {
    this.failures.push(reason);
    this.#giveUp(new Error(reason));
  }
}
