import { decodeFrame } from '../../../shared/frames.js';
import { joinUpdates } from '../../../shared/update-join.js';
import type { Broadcast } from '../../documents/broadcast.js';
import type { WebSocketLine } from '../websocket/web-socket-line.js';
import { webSocketFrames } from '../websocket-frames.js';
import { AWARENESS, messageOf, SYNC, UPDATE } from '../y-websocket-messages.js';
import { outgoing } from './messages.js';

/** Before a session's own name in an address. */
const SESSION_MARK = '\0';

/** A message to many: without addresses, and in the frames of those addresses that several have. */
class Addressed {
  private readonly frames = new Map<string, Buffer>();

  constructor(private readonly body: Uint8Array) {}

  send(line: WebSocketLine, address: string, head: Uint8Array): void {
    // Nobody else has this one.
    if (address.includes(SESSION_MARK)) {
      line.send(head, this.body);
      return;
    }
    let frames = this.frames.get(address);
    if (frames === undefined) {
      frames = webSocketFrames(Buffer.concat([head, this.body]));
      this.frames.set(address, frames);
    }
    line.sendFrames(frames);
  }
}

/** A kind of message to many; stands for itself in `Broadcast.encodeOnce`. */
class Encoding {
  constructor(private readonly encode: (bytes: Uint8Array) => Uint8Array) {}

  of(message: Broadcast): Addressed {
    return message.encodeOnce(this, (bytes) => new Addressed(this.encode(bytes)));
  }
}

/** Each is encoded once; of an address, `{workspace}/{name}` or the name alone, there is one copy for all who have it. */
export const UPDATES = new Encoding((bytes) =>
  messageOf([SYNC, UPDATE], joinUpdates(decodeFrame(bytes).updates)),
);
export const PRESENCE = new Encoding((bytes) => messageOf([AWARENESS], bytes));
export const STATELESS = new Encoding((bytes) => outgoing.stateless(bytes));
