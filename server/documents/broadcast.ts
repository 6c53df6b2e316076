/**
 * One message for many sessions. Each protocol encodes it once, however many of its sessions get it: the encoding
 * is kept here, beside the bytes.
 */
export class Broadcast {
  readonly bytes: Uint8Array;
  private encodings: Map<object, unknown> | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The protocol's form of the message; `protocol` is any object that stands for the protocol. */
  encodeOnce<T>(protocol: object, encode: (bytes: Uint8Array) => T): T {
    this.encodings ??= new Map();
    let encoded = this.encodings.get(protocol) as T | undefined;
    if (encoded === undefined) {
      encoded = encode(this.bytes);
      this.encodings.set(protocol, encoded);
    }
    return encoded;
  }
}
