/** A line's end in HTTP's framing. */
const CRLF = '\r\n';

/**
 * Bytes for any number of event streams, put together once. With its framing as a chunk of HTTP/1.1 (RFC 9112, 7.1) around
 * it, it goes to a network socket as it is; `payload` is what lies within.
 */
export class Chunk {
  readonly framed: Buffer;
  readonly payload: Buffer;

  /** @param parts texts and UTF-8, in this order; not nothing: an empty chunk would be the last one */
  constructor(parts: readonly (string | Uint8Array)[]) {
    const bytes = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
    const length = bytes.reduce((sum, part) => sum + part.length, 0);
    const head = Buffer.from(`${length.toString(16)}${CRLF}`, 'latin1');
    this.framed = Buffer.concat([head, ...bytes, Buffer.from(CRLF, 'latin1')]);
    this.payload = this.framed.subarray(head.length, head.length + length);
  }
}
