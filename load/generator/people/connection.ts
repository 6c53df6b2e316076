import type {
  Conversation,
  ConversationEvents,
  OpenRequest,
  Place,
  Protocol,
  Refusal,
} from '../../wire/protocol.js';
import { WebSocketClient, type WebSocketEvents } from '../../wire/websocket-client.js';
import { pathAt, type TargetAddress } from './target.js';

/** Whose connection it is. Nothing is called once it is over; `ended` is the last, and comes once. */
export interface ConnectionOwner {
  /** @param again over the same connection: the server has sent him back to join again */
  entered(content: readonly Uint8Array[], again: boolean): void;
  got(message: Buffer, decode: (message: Buffer) => readonly Uint8Array[]): void;
  acked(tag: number): void;
  refused(tag: number, why: Refusal): void;
  wanted(stateVector: Uint8Array): Uint8Array;
  ended(reason: string, why?: Refusal): void;
}

/** Nobody waits longer for the document. */
const ENTER_WITHIN_MS = 15_000;
const DEFAULT_SILENCE_MS = 45_000;

/** One connection of one client, from the first packet to its end. Times by `performance.now()`. */
export class Connection implements WebSocketEvents, ConversationEvents {
  readonly begunAt: number;
  isIn = false;
  over = false;
  readonly #owner: ConnectionOwner;
  readonly #protocol: Protocol;
  readonly #request: OpenRequest;
  readonly #socket: WebSocketClient;
  #conversation: Conversation | undefined;
  #heardAt: number;

  constructor(
    readonly target: TargetAddress,
    protocol: Protocol,
    request: OpenRequest,
    owner: ConnectionOwner,
  ) {
    this.begunAt = this.#heardAt = performance.now();
    this.#owner = owner;
    this.#protocol = protocol;
    this.#request = request;
    this.#socket = new WebSocketClient(target, pathAt(target, protocol.path(request)), this);
  }

  get bytes(): { readonly sent: number; readonly received: number } {
    return { sent: this.#socket.bytesWritten, received: this.#socket.bytesRead };
  }

  get place(): Place | undefined {
    return this.#conversation?.place;
  }

  sendUpdate(update: Uint8Array, tag: number): void {
    if (this.isIn) this.#conversation?.sendUpdate(update, tag);
  }

  sendAwareness(update: Uint8Array): void {
    if (this.isIn) this.#conversation?.sendAwareness(update);
  }

  /** Ends it if it is dead by its protocol's measure. */
  look(now: number): void {
    const silenceMs = this.#conversation?.silenceMs ?? DEFAULT_SILENCE_MS;
    if (!this.isIn && now - this.begunAt > ENTER_WITHIN_MS) this.#end('no answer');
    else if (now - this.#heardAt > silenceMs) this.#end('silent');
  }

  /** Ends it as a cut cable does. */
  cut(reason: string): void {
    this.#end(reason);
  }

  /** The same, for an owner who knows: `ended` is not called. */
  sever(): void {
    this.over = true;
    this.isIn = false;
    this.#socket.cut('cut by the generator');
  }

  /** Says goodbye. `ended` is not called. */
  close(): void {
    this.over = true;
    this.#socket.close();
  }

  open(): void {
    this.#safely(() => {
      this.#conversation = this.#protocol.begin(this.#socket, this.#request, this);
    });
  }

  text(message: Buffer): void {
    this.#heardAt = performance.now();
    this.#safely(() => this.#conversation?.text(message));
  }

  binary(message: Buffer): void {
    this.#heardAt = performance.now();
    this.#safely(() => this.#conversation?.binary(message));
  }

  closed(reason: string): void {
    this.#end(reason);
  }

  joined(content: readonly Uint8Array[]): void {
    if (this.over) return;
    const again = this.isIn;
    this.isIn = true;
    this.#owner.entered(content, again);
  }

  updates(message: Buffer, decode: (message: Buffer) => readonly Uint8Array[]): void {
    if (!this.over) this.#owner.got(message, decode);
  }

  acked(tag: number): void {
    if (!this.over) this.#owner.acked(tag);
  }

  awareness(): void {
    // Carets are load, not something that is looked at.
  }

  refused(tag: number, why: Refusal): void {
    if (!this.over) this.#owner.refused(tag, why);
  }

  wanted(stateVector: Uint8Array): Uint8Array {
    return this.#owner.wanted(stateVector);
  }

  failed(reason: string, why?: Refusal): void {
    this.#end(reason, why);
  }

  #safely(run: () => void): void {
    if (this.over) return;
    try {
      run();
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
    }
  }

  #end(reason: string, why?: Refusal): void {
    if (this.over) return;
    this.over = true;
    this.isIn = false;
    this.#socket.cut(reason);
    this.#owner.ended(reason, why);
  }
}
