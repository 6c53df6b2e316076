import type { CoscribeError } from '../../../shared/errors.js';
import type { Role } from '../../../shared/protocol.js';
import type { Broadcast } from '../../documents/broadcast.js';
import type { ClientProtocol } from '../../documents/session-transport.js';

/** What somebody is sent who has asked for what he lacks. */
export interface SyncContent {
  /** To be applied in this order. Only the last one may say that this was all. There is one at least. */
  readonly updates: readonly Uint8Array[];
  /**
   * What the document has (`Y.encodeStateVector`): whatever the client has beyond it is to be sent. It comes before `awareness`: by
   * its answer it shows what the client says of itself unasked, and what it may say again.
   */
  readonly stateVector: Uint8Array;
  /** Everybody who shows himself, as an awareness update; empty if nobody does. */
  readonly awareness: Uint8Array;
}

/** How a protocol that is made of y-protocols' messages writes them to one client. */
export interface SyncWire {
  readonly protocol: ClientProtocol;
  /** The answer to what the client has asked for with its state vector. */
  sendContent(content: SyncContent): void;
  /** Committed updates: a frame (`decodeFrame`), to be encoded once for all who get it (`Broadcast.encodeOnce`). */
  sendUpdates(frame: Broadcast): void;
  /** Committed updates that went to nobody else. */
  sendUpdate(update: Uint8Array): void;
  /** An awareness update, to be encoded once as well. */
  sendAwareness(update: Broadcast): void;
  /** Asks the client for whatever it has beyond this state vector. */
  sendStateVector(stateVector: Uint8Array): void;
  /** From now on the client may do something else. */
  sendRole(role: Role): void;
  /** The client's token ends soon. Where the protocol has no message for that nothing is sent. */
  sendRenew(): void;
  /** An edit was refused, and will be again; the client goes on reading. */
  sendRefused(reason: CoscribeError): void;
  /** Something beside the document (UTF-8), to be encoded once; only where the protocol has a message for that. */
  sendStateless?(payload: Broadcast): void;
  /**
   * Ends the session of this document; the wire is not used after that.
   *
   * @param reconnectAfterMs when the client may come back, -1 for never
   */
  close(reason: CoscribeError, reconnectAfterMs: number): void;
  /** Bytes handed over and not yet written to the network. */
  queuedBytes(): number;
}
