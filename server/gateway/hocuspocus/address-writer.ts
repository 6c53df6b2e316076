import type { CoscribeError } from '../../../shared/errors.js';
import { type Role, roleReaches } from '../../../shared/protocol.js';
import type { Broadcast } from '../../documents/broadcast.js';
import type { WebSocketLine } from '../websocket/web-socket-line.js';
import { webSocketFrames } from '../websocket-frames.js';
import {
  AWARENESS,
  messageHead,
  type STEP_1,
  type STEP_2,
  SYNC,
  type UPDATE,
} from '../y-websocket-messages.js';
import { PRESENCE, STATELESS, UPDATES } from './hocuspocus-frames.js';
import { addressHead, outgoing } from './messages.js';

/** SyncStatuses that go in one write. */
const MAX_STATUSES = 1_000;

/** Writes the messages for one document of a connection, under the address by which the client calls it. */
export class AddressWriter {
  private readonly head: Uint8Array;
  private readonly saved: Buffer;

  constructor(
    private readonly line: WebSocketLine,
    private readonly address: string,
  ) {
    this.head = addressHead(address);
    this.saved = webSocketFrames(Buffer.concat([this.head, outgoing.syncStatus(true)]));
  }

  sync(step: typeof STEP_1 | typeof STEP_2 | typeof UPDATE, bytes: Uint8Array): void {
    this.send(messageHead([SYNC, step], bytes.length), bytes);
  }

  /** A committed frame. */
  updates(frame: Broadcast): void {
    UPDATES.of(frame).send(this.line, this.address, this.head);
  }

  awareness(update: Uint8Array): void {
    this.send(messageHead([AWARENESS], update.length), update);
  }

  awarenessToMany(update: Broadcast): void {
    PRESENCE.of(update).send(this.line, this.address, this.head);
  }

  stateless(payload: string): void {
    this.send(outgoing.stateless(Buffer.from(payload)));
  }

  statelessToMany(payload: Broadcast): void {
    STATELESS.of(payload).send(this.line, this.address, this.head);
  }

  /** So many SyncStatuses with 1. */
  areSaved(count: number): void {
    for (let left = count; left > 0; left -= MAX_STATUSES)
      this.line.sendFrames(Buffer.concat(Array<Buffer>(Math.min(left, MAX_STATUSES)).fill(this.saved)));
  }

  isNotSaved(): void {
    this.send(outgoing.syncStatus(false));
  }

  /** The client may do what the role allows. It is in, if it was not. */
  role(role: Role): void {
    this.send(outgoing.authenticated(roleReaches(role, 'editor') ? 'read-write' : 'readonly'));
  }

  /** 2.x does not know this, and passes it over. */
  tokenRequest(): void {
    this.send(outgoing.tokenRequest());
  }

  denied(reason: CoscribeError): void {
    this.send(outgoing.denied(reasonOf(reason)));
  }

  closed(reason: CoscribeError): void {
    this.send(outgoing.close(reasonOf(reason)));
  }

  private send(...parts: readonly Uint8Array[]): void {
    this.line.send(this.head, ...parts);
  }
}

/** An error as providers are told it: code and sentence. */
export function reasonOf({ code, message }: CoscribeError): string {
  return `${code}: ${message}`;
}
