import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';
import { CoscribeError } from '../../shared/errors.js';

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

export const codedParser = { Encoder: CodedEncoder, Decoder };
