import type { CoscribeError } from '../../shared/errors.js';
import type { ContentCheck, Role } from '../../shared/protocol.js';
import type { Broadcast } from './broadcast.js';
import type { Meter } from './meter.js';

/** What clients speak; `events` are followers over server-sent events. */
export type ClientProtocol = 'coscribe' | 'y-socket.io' | 'y-websocket' | 'hocuspocus' | 'events';

/** How a document reaches one client, whatever protocol that client speaks. A gateway implements it. */
export interface SessionTransport {
  /** Measures what the client sends, over whatever sessions it shares its connection with. */
  readonly meter: Meter;
  /** What the client speaks, for operators. Absent if nobody is at the other end: it is the server's own. */
  readonly protocol?: ClientProtocol;
  sendUpdates(frame: Broadcast): void;
  sendAwareness(update: Broadcast): void;
  /** The stream is interrupted until the client joins again. */
  sendResync(reason: CoscribeError): void;
  /** Whether the server can save at the moment. */
  sendSaving(possible: boolean): void;
  /** The client is to compare what it shows. */
  sendCheck(check: ContentCheck): void;
  /** The client may do something else from now on. */
  sendAccess(role: Role): void;
  /** The client's token ends soon; it is to give a new one. */
  sendRenew(): void;
  /** A message that has no answer of its own was refused. */
  sendRefused(reason: CoscribeError): void;
  /** Something that is beside the document; only some protocols know such messages. */
  sendStateless?(payload: Broadcast): void;
  /** This node will stop and others go on: the client is to join there in so many milliseconds. */
  sendMove(afterMs: number): void;
  /** Ends the session. `reconnectAfterMs` is when the client may come back, -1 for never. */
  close(reason: CoscribeError, reconnectAfterMs: number): void;
  /** Bytes handed over and not yet written to the network. */
  queuedBytes(): number;
}
