import { MESSAGE } from './encoded-event.js';
import { type EngineConnection, freeSocketOf } from './engine-connection.js';
import { webSocketFrames } from './websocket-frames.js';

type Write = (
  this: EngineConnection,
  message: string | Buffer,
  options?: object,
  sent?: () => void,
) => unknown;

interface WritableConnection {
  write: Write;
}

/** Longer ones are not copied into one piece with their head: that would cost more than a second write. In bytes. */
const LONGEST = 16 * 1024;

/**
 * From now on a message to this connection goes to the network in one write, without engine.io's packets, events and
 * callbacks, whenever nothing else waits for it. Answers are as many as edits, and cost as much as what they answer.
 */
export function writeDirectly(connection: object): void {
  (connection as WritableConnection).write = write;
}

const write: Write = function (message, options, sent) {
  const socket = sent === undefined && message.length <= LONGEST ? freeSocketOf(this) : undefined;
  if (socket === undefined) {
    const { write: queue } = Object.getPrototypeOf(this) as WritableConnection;
    return queue.call(this, message, options, sent);
  }
  socket.write(webSocketFrames(typeof message === 'string' ? MESSAGE + message : message));
  return this;
};
