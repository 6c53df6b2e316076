import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';
import { CoscribeError } from '../../shared/errors.js';
import { nestsWithin } from './nests-within.js';

/**
 * Socket.IO's default parser, with one difference: where Socket.IO refuses a namespace that no rule of ours accepts,
 * it says "Invalid namespace" and nothing more. Our clients get the coded error of the table with it, and no
 * namespace is created in order to tell them.
 */
class CodedEncoder extends Encoder {
  override encode(packet: Packet): ReturnType<Encoder['encode']> {
    if (packet.type !== PacketType.CONNECT_ERROR || !isInvalidNamespace(packet.data))
      return super.encode(packet);
    const data = new CoscribeError('invalid-document-id').toWire();
    return super.encode({ ...packet, data: { message: data.message, data } });
  }
}

function isInvalidNamespace(data: unknown): boolean {
  return (
    typeof data === 'object' && data !== null && 'message' in data && data.message === 'Invalid namespace'
  );
}

/** Pieces of bytes that one packet may have; ours have one. Until all of them are there they are kept in memory. */
const MAX_ATTACHMENTS = 4;
/** What `auth`, and a message with bytes, may nest; ours nest two. To find the bytes, the parser calls itself for every level. */
const MAX_DEPTH = 32;
/** What a client may say in `auth`, in characters: a token of 8 KB, and what integrators put beside it. */
const MAX_AUTH_LENGTH = 12 * 1024;
/** What stands in the place of an `auth` that is too large. */
const OVERSIZED = { oversized: true } as const;

/** Socket.IO's default parser with bounds on what it is given. What is beyond them ends the connection. */
class BoundedDecoder extends Decoder {
  constructor() {
    super({ maxAttachments: MAX_ATTACHMENTS });
  }
}

/** The typings call it private; `add` calls it for every text. */
interface TextDecoder {
  decodeString(text: string): Packet;
}

const { decodeString } = Decoder.prototype as unknown as TextDecoder;

(BoundedDecoder.prototype as unknown as TextDecoder).decodeString = function decodeBounded(text) {
  const type = Number(text.charAt(0));
  if (type === PacketType.CONNECT) return decodeConnect.call(this, text);
  const hasBytes = type === PacketType.BINARY_EVENT || type === PacketType.BINARY_ACK;
  if (hasBytes && !nestsWithin(text, MAX_DEPTH)) throw new Error('the packet nests too deep');
  return decodeString.call(this, text);
};

function decodeConnect(this: TextDecoder, text: string): Packet {
  const comma = text.charAt(1) === '/' ? text.indexOf(',') : 0;
  const nsp = comma < 0 ? text.slice(1) : text.slice(1, comma);
  const authLength = comma < 0 ? 0 : text.length - comma;
  const packet: Packet =
    authLength <= MAX_AUTH_LENGTH && nestsWithin(text, MAX_DEPTH)
      ? decodeString.call(this, text)
      : { type: PacketType.CONNECT, nsp: nsp === '' ? '/' : nsp, data: OVERSIZED };
  // A part of a string keeps the whole of it in memory, here a token for as long as the namespace is open.
  return { ...packet, nsp: Buffer.from(packet.nsp).toString() };
}

/** @throws CoscribeError `bad-request` for an `auth` that was too large to be read */
export function checkAuth(auth: object): void {
  if (auth === OVERSIZED)
    throw new CoscribeError('bad-request', `auth has ${MAX_AUTH_LENGTH} characters at most`);
}

export const codedParser = { Encoder: CodedEncoder, Decoder: BoundedDecoder };
