import { ByteCursor, malformed } from '../../shared/byte-cursor.js';
import { varUintLength, writeVarUint } from '../../shared/var-uint.js';

/** Types of y-websocket's messages, and of what y-protocols' sync messages are (y-protocols/sync.js, y-websocket 3.1.0). */
export const SYNC = 0;
export const AWARENESS = 1;
export const AUTH = 2;
export const QUERY_AWARENESS = 3;
export const STEP_1 = 0;
export const STEP_2 = 1;
export const UPDATE = 2;
const DENIED = 0;

/** What a client says. `none` is of a type that only the client's application may know. */
export type ClientMessage =
  | { readonly type: 'step-1' | 'step-2' | 'update' | 'awareness'; readonly bytes: Uint8Array }
  | { readonly type: 'query-awareness' | 'none' };

const SYNC_TYPES = ['step-1', 'step-2', 'update'] as const;

/**
 * Reads a message. Its bytes are a part of those that were given: lib0 would read beyond their end, into what else the
 * buffer holds.
 *
 * @throws CoscribeError `invalid-update`
 */
export function readMessage(message: Uint8Array): ClientMessage {
  const cursor = new ByteCursor(message);
  const type = cursor.uint();
  if (type === QUERY_AWARENESS) return { type: 'query-awareness' };
  if (type === AWARENESS) return { type: 'awareness', bytes: readBytes(cursor) };
  if (type !== SYNC) return { type: 'none' };
  const step = SYNC_TYPES[cursor.uint()];
  if (step === undefined) throw malformed('there is no such sync message');
  return { type: step, bytes: readBytes(cursor) };
}

function readBytes(cursor: ByteCursor): Uint8Array {
  const length = cursor.uint();
  const start = cursor.pos;
  cursor.skip(length);
  return cursor.bytes.subarray(start, cursor.pos);
}

/** What stands before so many bytes in a message of these types. */
export function messageHead(types: readonly number[], length: number): Uint8Array {
  const head = new Uint8Array(types.length + varUintLength(length));
  head.set(types);
  writeVarUint(head, types.length, length);
  return head;
}

/** A message of these types with bytes. */
export function messageOf(types: readonly number[], bytes: Uint8Array): Uint8Array {
  const head = messageHead(types, bytes.length);
  const message = new Uint8Array(head.length + bytes.length);
  message.set(head);
  message.set(bytes, head.length);
  return message;
}

/** Something is not allowed; clients write it to the console. */
export function denial(reason: string): Uint8Array {
  return messageOf([AUTH, DENIED], Buffer.from(reason));
}
