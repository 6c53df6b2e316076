import { ByteCursor, malformed } from '../../../shared/byte-cursor.js';
import { varUintLength, writeVarUint } from '../../../shared/var-uint.js';
import {
  AUTH,
  messageOf,
  readMessage as readSync,
  type ClientMessage as SyncMessage,
} from '../y-websocket-messages.js';

/** Types of messages that y-websocket's clients do not have, as in @hocuspocus/server 4.7.0, `types.ts`. */
const SYNC_REPLY = 4;
const STATELESS = 5;
const BROADCAST_STATELESS = 6;
const CLOSE = 7;
const SYNC_STATUS = 8;
const PING = 9;
const PONG = 10;

/** What an auth message is (@hocuspocus/common 4.8.0, `auth.ts`). */
const TOKEN = 0;
const DENIED = 1;
const AUTHENTICATED = 2;

/** `{workspace}/{name}`, a zero byte, and what a client calls one of several providers: a random word of some 11 letters. */
const MAX_ADDRESS_BYTES = 256;
/** Of a message beside the document. */
export const MAX_STATELESS_BYTES = 16 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What a client says about one document. */
export type DocumentMessage =
  | SyncMessage
  /** `version` of the provider, since 4.0. */
  | { readonly type: 'auth'; readonly token: string; readonly version?: string }
  | { readonly type: 'stateless'; readonly payload: string }
  /** The client has done with the document. */
  | { readonly type: 'close' }
  /** What only servers tell one another. */
  | { readonly type: 'not-for-clients' };

/** What a client says: about a document, under the address that answers have to carry, or about the connection. */
export type HocuspocusMessage =
  | { readonly address: string; readonly message: DocumentMessage }
  | { readonly address: undefined; readonly message: 'ping' | 'pong' };

/**
 * Reads a message. Bytes in it are a part of those that were given. What newer versions may append is passed over.
 *
 * @throws CoscribeError `invalid-update`
 */
export function readMessage(bytes: Uint8Array): HocuspocusMessage {
  if (bytes.length === 1) {
    if (bytes[0] === PING) return { address: undefined, message: 'ping' };
    if (bytes[0] === PONG) return { address: undefined, message: 'pong' };
  }
  const cursor = new ByteCursor(bytes);
  const address = readText(cursor, MAX_ADDRESS_BYTES);
  return { address, message: readDocumentMessage(cursor) };
}

function readDocumentMessage(cursor: ByteCursor): DocumentMessage {
  const start = cursor.pos;
  switch (cursor.uint()) {
    case AUTH:
      return readAuth(cursor);
    case STATELESS:
      return { type: 'stateless', payload: readText(cursor, MAX_STATELESS_BYTES) };
    case CLOSE:
      return { type: 'close' };
    case SYNC_REPLY:
    case BROADCAST_STATELESS:
      return { type: 'not-for-clients' };
    default:
      return readSync(cursor.bytes.subarray(start));
  }
}

function readAuth(cursor: ByteCursor): DocumentMessage {
  // To a client that is in, the others are said by servers only.
  if (cursor.uint() !== TOKEN) return { type: 'not-for-clients' };
  const token = readText(cursor, cursor.bytes.length);
  if (cursor.pos === cursor.bytes.length) return { type: 'auth', token };
  return { type: 'auth', token, version: readText(cursor, MAX_ADDRESS_BYTES) };
}

function readText(cursor: ByteCursor, maxBytes: number): string {
  const length = cursor.uint();
  if (length > maxBytes) throw malformed(`a text has more than ${maxBytes} bytes`);
  const start = cursor.pos;
  cursor.skip(length);
  try {
    return utf8.decode(cursor.bytes.subarray(start, cursor.pos));
  } catch {
    throw malformed('a text is not UTF-8');
  }
}

/** What each message for a document begins with. */
export function addressHead(address: string): Uint8Array {
  const text = Buffer.from(address);
  const head = new Uint8Array(varUintLength(text.length) + text.length);
  head.set(text, writeVarUint(head, 0, text.length));
  return head;
}

/** What a document's message is, without its address. */
export const outgoing = {
  tokenRequest: (): Uint8Array => Uint8Array.of(AUTH, TOKEN),
  denied: (reason: string): Uint8Array => messageOf([AUTH, DENIED], Buffer.from(reason)),
  authenticated: (scope: 'readonly' | 'read-write'): Uint8Array =>
    messageOf([AUTH, AUTHENTICATED], Buffer.from(scope)),
  stateless: (payload: Uint8Array): Uint8Array => messageOf([STATELESS], payload),
  close: (reason: string): Uint8Array => messageOf([CLOSE], Buffer.from(reason)),
  syncStatus: (isSaved: boolean): Uint8Array => Uint8Array.of(SYNC_STATUS, isSaved ? 1 : 0),
} as const;

export const PONG_MESSAGE = Uint8Array.of(PONG);

/**
 * A message for no document, which every version of the provider passes over. Theirs has a ping for that, of one byte, but
 * 2.x and 3.x fail at it.
 */
export const IDLE_MESSAGE = Uint8Array.of(0, PING);
