import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

/**
 * The messages of y-protocols (https://github.com/yjs/y-protocols/blob/master/PROTOCOL.md) in the envelope that
 * y-websocket and Hocuspocus share.
 */
export const MessageType = { sync: 0, awareness: 1, auth: 2 } as const;
export const SyncType = { step1: 0, step2: 1, update: 2 } as const;

/** State vector of an empty document. */
export const EMPTY_STATE_VECTOR = Uint8Array.of(0);
/** The update that adds nothing: no structs, no deletions. */
export const EMPTY_UPDATE = Uint8Array.of(0, 0);

/** A message: what stands before it, its types, and bytes with their length. */
export function withPayload(prefix: Uint8Array, types: readonly number[], payload: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeUint8Array(encoder, prefix);
  for (const type of types) encoding.writeVarUint(encoder, type);
  encoding.writeVarUint8Array(encoder, payload);
  return encoding.toUint8Array(encoder);
}

/** A view of the bytes whose length stands at `at`. */
export function payloadAt(message: Buffer, at: number): Buffer {
  const decoder = decoding.createDecoder(message);
  decoder.pos = at;
  const length = decoding.readVarUint(decoder);
  return message.subarray(decoder.pos, decoder.pos + length);
}
