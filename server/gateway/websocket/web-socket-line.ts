import type { Credentials } from '../../auth/access.js';
import type { Meter } from '../../documents/meter.js';

/** One WebSocket that has been let in, as a protocol sees it. All of it may be called when it is closed already. */
export interface WebSocketLine {
  /** Where it comes from, in its normal form; empty if that is not known any more. */
  readonly address: string;
  /** Measures what comes over it, whatever document it is for. */
  readonly meter: Meter;
  /** Neither closed nor about to be. */
  readonly isOpen: boolean;

  /** What shows who is at the other end: headers and address of the handshake, and a token that came in another way. */
  credentials(token?: string): Credentials;

  /**
   * Somebody known may open a document over this connection: the first time it counts as one of his.
   *
   * @throws CoscribeError `too-many-connections`
   */
  enterUser(user: string): void;

  /** A document is open. Before that, and after `unjoined`, there is a time limit, at which `LineListener.late` is called. */
  joined(): void;
  unjoined(): void;

  /** Sends one binary message that consists of these parts. They must not change afterwards. */
  send(...parts: readonly Uint8Array[]): void;

  /** Sends what `webSocketFrames` made: once for all who get it, in one write to the network. */
  sendFrames(frames: Buffer): void;

  /** Bytes handed over and not yet to the operating system. */
  queuedBytes(): number;

  /**
   * Closes it behind everything that was sent. What still comes is not heard any more; `LineListener.closed` is called when
   * it is gone, 2 s later at most.
   *
   * @param reason cut to the 123 bytes that WebSockets have for it
   */
  close(code: number, reason: string): void;

  /** Ends it at once, with all that waits for it. */
  cutOff(): void;
}

/** What a protocol does with one WebSocket. None of it may throw. */
export interface LineListener {
  /** A binary message; the bytes are valid during the call only, so that whoever keeps them takes a copy. */
  message(bytes: Uint8Array): void;
  /** It has had its time to join; the protocol closes it. */
  late(): void;
  /** It is being asked whether it is there, every 15 s. */
  pulse?(): void;
  /** It is gone, whoever ended it. Called once. */
  closed(): void;
}

/** To what a WebSocket was opened. */
export interface LineTarget {
  /** What follows the protocol's path and its slash, as it was sent: percent-encoded, and without the query. */
  readonly rest: string;
  readonly query: URLSearchParams;
}

/** A protocol over WebSockets, at a path of its own. */
export interface WebSocketProtocol {
  readonly name: 'y-websocket' | 'hocuspocus';
  /** Begins with a slash and does not end with one. */
  readonly path: string;
  /** With what a message that is too large is answered: 1009 unless given. */
  readonly tooLargeCode?: number;
  /**
   * What is sent with every WebSocket ping, in frames (`webSocketFrames`), every 15 s: for clients that end a connection
   * over which no message comes, and do not count pings.
   */
  readonly pulse?: Buffer;
  /**
   * Takes a WebSocket that was let in. Until the promise is fulfilled nothing is read of it. A refusal is the protocol's own
   * affair: it closes the line, then or later.
   */
  open(line: WebSocketLine, target: LineTarget): LineListener | Promise<LineListener>;
}
