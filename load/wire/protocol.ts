/**
 * How one kind of server is spoken to: just enough of its protocol to type into a document and to see what arrives,
 * at the least cost to the generator, so that the server is what gets measured. One file per protocol.
 */
export interface Protocol {
  readonly name: string;
  /** Whether the server tells a client that its edit is taken, by whatever it means. */
  readonly acknowledges: boolean;
  /** `true` if its clients have one update under way at a time, and send what is typed meanwhile as the next one. */
  readonly mergesEdits?: true;
  /** `true` if the server passes messages on and keeps no document: whoever comes later gets nothing. */
  readonly relay?: true;
  /** `true` if clients must say every now and then that they are still there: stock ones renew their awareness state. */
  readonly renewsAwareness?: true;
  /** Path and query of the WebSocket, such as `/socket.io/?EIO=4&transport=websocket`. */
  path(request: OpenRequest): string;
  /** The WebSocket is open: says hello, and joins the document. */
  begin(line: Line, request: OpenRequest, events: ConversationEvents): Conversation;
}

/** A place in the log of our own protocol: everything up to `seq`. */
export interface Place {
  readonly generation: string;
  readonly seq: number;
}

export interface OpenRequest {
  readonly document: string;
  /** Yjs clientID that the client writes under. */
  readonly clientId: number;
  /** What a returning client has already; absent for a fresh one. */
  readonly known?: Place & { readonly stateVector: Uint8Array };
  /** What the client sends was made by others, too: our own protocol wants to know. */
  readonly catchUp?: true;
  /** Shows who the client is, as the protocol shows that. */
  readonly token?: string;
}

/** What a server says when it refuses something. */
export interface Refusal {
  /** Of our own servers' table of errors; of others as far as they have such a thing. */
  readonly code: string;
  /** Whether the same may be taken later. */
  readonly retryable: boolean;
  /** The server has named the time after which to come back, in milliseconds; -1: never. */
  readonly afterMs?: number;
}

/** The client's end of one open WebSocket. */
export interface Line {
  sendText(text: string): void;
  sendBinary(bytes: Uint8Array): void;
  /** Both messages in one write. */
  sendTextAndBinary(text: string, bytes: Uint8Array): void;
  close(): void;
}

/** Takes what the server sends. Buffers are views into the read buffer, good during the call only. */
export interface Conversation {
  text(message: Buffer): void;
  binary(message: Buffer): void;
  /** `tag` comes back in `ConversationEvents.acked`. */
  sendUpdate(update: Uint8Array, tag: number): void;
  /** A y-protocols awareness update of the client's own clientID. */
  sendAwareness(update: Uint8Array): void;
  /** A connection over which nothing has come for so many milliseconds is dead, as this protocol's stock clients see it. */
  readonly silenceMs?: number;
  /** How far the client has got in the log of our own protocol. */
  readonly place?: Place | undefined;
}

/** In place of a tag: of what the server had asked for. */
export const WANTED = -1;

export interface ConversationEvents {
  /**
   * The server has let the client in and has sent the document: Yjs updates (version 1), `bytes` in all. `place` is where
   * our own protocol's log stood.
   */
  joined(content: readonly Uint8Array[], place?: Place): void;
  /**
   * Edits arrived. `decode` turns the message into its Yjs updates; it depends on nothing but the message, so that the
   * same message to many clients is decoded once.
   */
  updates(message: Buffer, decode: (message: Buffer) => readonly Uint8Array[]): void;
  acked(tag: number): void;
  /** The payload of an awareness message: a y-protocols awareness update. */
  awareness(update: Buffer): void;
  /** The server refused an update, with its reason; without this method that is `failed`. */
  refused?(tag: number, why: Refusal): void;
  /**
   * The server asks for what it lacks of the client's copy.
   *
   * @returns a Yjs update with all that is beyond the state vector; without this method there is nothing. Where the answer is
   *   acknowledged, `acked` gets `WANTED`
   */
  wanted?(stateVector: Uint8Array): Uint8Array;
  /** The server refused something or does not make sense: the conversation is over. */
  failed(reason: string, why?: Refusal): void;
}
