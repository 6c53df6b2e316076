/**
 * How one kind of server is spoken to: just enough of its protocol to type into a document and to see what arrives,
 * at the least cost to the generator, so that the server is what gets measured. One file per protocol.
 */
export interface Protocol {
  readonly name: string;
  /** Whether the server tells a client that its edit is taken, by whatever it means. */
  readonly acknowledges: boolean;
  /** `true` if the server passes messages on and keeps no document: whoever comes later gets nothing. */
  readonly relay?: true;
  /** `true` if clients must say every now and then that they are still there: stock ones renew their awareness state. */
  readonly renewsAwareness?: true;
  /** Path and query of the WebSocket, such as `/socket.io/?EIO=4&transport=websocket`. */
  path(request: OpenRequest): string;
  /** The WebSocket is open: says hello, and joins the document. */
  begin(line: Line, request: OpenRequest, events: ConversationEvents): Conversation;
}

export interface OpenRequest {
  readonly document: string;
  /** Yjs clientID that the client writes under. */
  readonly clientId: number;
  /** What a returning client has already; absent for a fresh one. */
  readonly known?: { readonly stateVector: Uint8Array; readonly generation: string; readonly seq: number };
  /** What the client sends was made by others, too: our own protocol wants to know. */
  readonly catchUp?: true;
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
}

export interface ConversationEvents {
  /**
   * The server has let the client in and has sent the document: Yjs updates (version 1), `bytes` in all. `place` is where
   * our own protocol's log stood.
   */
  joined(content: readonly Uint8Array[], place?: { readonly generation: string; readonly seq: number }): void;
  /**
   * Edits arrived. `decode` turns the message into its Yjs updates; it depends on nothing but the message, so that the
   * same message to many clients is decoded once.
   */
  updates(message: Buffer, decode: (message: Buffer) => readonly Uint8Array[]): void;
  acked(tag: number): void;
  /** The payload of an awareness message: a y-protocols awareness update. */
  awareness(update: Buffer): void;
  /** The server refused something or does not make sense. */
  failed(reason: string): void;
}
