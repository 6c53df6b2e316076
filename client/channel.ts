import type { WireError } from '../shared/errors.js';
import type { DocumentId } from '../shared/ids.js';
import type { JoinRequest, UpdateKind } from '../shared/protocol.js';

/** What a channel tells its provider. Bytes and replies are as received: the provider checks them. */
export interface ChannelEvents {
  /** The server accepted the connection; `join` may be sent. */
  opened(): void;
  /** The connection is lost, or could not be made. Answers still due will not come. */
  closed(): void;
  /** The server may be within reach again: another document got through, or the network came back. */
  reachable(): void;
  /** The server refused the connection. */
  refused(error: WireError): void;
  updates(frame: unknown): void;
  awareness(update: unknown): void;
  resync(reason: WireError): void;
  saving(possible: boolean): void;
  /** The client may do something else from now on. */
  access(role: unknown): void;
  /** The token of this session ends soon. */
  renew(): void;
  /** What the document shows at a `seq`. */
  check(seq: unknown, hash: unknown): void;
  /** A message without an answer of its own was refused. */
  messageRefused(error: WireError): void;
  /** The server will stop: the client is to go over to another one in so many milliseconds. */
  move(afterMs: number): void;
  bye(reason: WireError, reconnectAfterMs: number): void;
}

/**
 * One document's line to the server. It makes one attempt for each `open`; when and how often to try is the
 * provider's affair. Messages are sent only while it is open, and are dropped otherwise.
 */
export interface Channel {
  /** @param token who the client is, for this attempt */
  open(token?: string): void;
  close(): void;
  /** Closes for good and lets go of everything. */
  destroy(): void;
  join(request: JoinRequest, answer: (reply: unknown) => void): void;
  update(update: Uint8Array, kind: UpdateKind, answer: (reply: unknown) => void): void;
  awareness(update: Uint8Array): void;
  /** A new token, in place of the one of this session. */
  token(token: string, answer: (reply: unknown) => void): void;
  /** This copy shows something else at `seq`; see the protocol. */
  diverged(seq: number, hash: string): void;
}

/** Makes the channel of a document. */
export type Connect = (document: DocumentId, events: ChannelEvents) => Channel;
