/** Takes what a `WebSocketReader` finds. Buffers are views, good during the call only. */
export interface FrameEvents {
  text(message: Buffer): void;
  binary(message: Buffer): void;
  ping(payload: Buffer): void;
  /** The server says goodbye; `code` is 1005 if it gave none. */
  closed(code: number, reason: string): void;
  /** These bytes are not what a server may send; nothing after them is read. */
  broken(reason: string): void;
}

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** The longest header of a frame from a server: two bytes, and eight for the length. */
const MAX_HEADER = 10;
/** A frame that is larger is nonsense to a benchmark. */
const MAX_FRAME = 2 ** 30;

/**
 * Reads the WebSocket frames of a server (https://www.rfc-editor.org/rfc/rfc6455#section-5.2, no extensions). Messages are
 * handed on as views into the chunk that they came in; only what is cut by the end of a chunk is copied.
 */
export class WebSocketReader {
  /** The beginning of a frame whose rest is still to come. */
  private partial: Buffer | undefined;
  private filled = 0;
  private pieces: Buffer[] = [];
  private opcode = 0;
  private stopped = false;

  constructor(private readonly events: FrameEvents) {}

  /** Takes the next bytes of the stream; `chunk` may be used again afterwards. */
  push(chunk: Buffer): void {
    let pos = this.partial === undefined ? 0 : this.complete(chunk);
    const end = chunk.length;
    while (pos < end && !this.stopped) {
      const size = frameSize(chunk, pos, end);
      if (size === 0 || size > end - pos) {
        this.keep(chunk, pos, size === 0 ? MAX_HEADER : size);
        return;
      }
      this.frame(chunk, pos, size);
      pos += size;
    }
  }

  private keep(chunk: Buffer, pos: number, needed: number): void {
    this.partial = this.room(needed);
    this.filled = chunk.copy(this.partial, 0, pos);
  }

  /** Adds to the frame that was cut. @returns how many bytes of the chunk belong to it */
  private complete(chunk: Buffer): number {
    let pos = 0;
    while (this.partial !== undefined && !this.stopped) {
      const size = frameSize(this.partial, 0, this.filled);
      if (size !== 0 && size === this.filled) {
        const whole = this.partial;
        this.partial = undefined;
        this.frame(whole, 0, size);
        break;
      }
      if (pos === chunk.length) break;
      if (size === 0) {
        // The header itself was cut; it goes on byte by byte, because its length is not known either.
        this.partial[this.filled++] = chunk[pos++] as number;
        continue;
      }
      if (size > this.partial.length) {
        const grown = this.room(size);
        this.partial.copy(grown, 0, 0, this.filled);
        this.partial = grown;
      }
      const taken = chunk.copy(this.partial, this.filled, pos, pos + size - this.filled);
      pos += taken;
      this.filled += taken;
    }
    return pos;
  }

  private room(bytes: number): Buffer {
    if (bytes <= MAX_FRAME) return Buffer.allocUnsafe(bytes);
    this.fail(`a frame has ${bytes} bytes`);
    return Buffer.alloc(MAX_HEADER);
  }

  private frame(bytes: Buffer, start: number, size: number): void {
    const first = bytes[start] as number;
    const second = bytes[start + 1] as number;
    if ((first & 0x70) !== 0) {
      this.fail('a frame uses an extension that nobody asked for');
      return;
    }
    if ((second & 0x80) !== 0) {
      this.fail('a frame from the server is masked');
      return;
    }
    const payload = bytes.subarray(start + headerSize(second), start + size);
    this.payload(first & 0x0f, (first & 0x80) !== 0, payload);
  }

  private payload(opcode: number, final: boolean, payload: Buffer): void {
    if (final && (opcode === BINARY || opcode === TEXT)) {
      this.message(opcode, payload);
    } else if (opcode === TEXT || opcode === BINARY || opcode === CONTINUATION) {
      if (opcode !== CONTINUATION) this.opcode = opcode;
      this.pieces.push(Buffer.from(payload));
      if (!final) return;
      const whole = Buffer.concat(this.pieces);
      this.pieces = [];
      this.message(this.opcode, whole);
    } else if (opcode === PING) {
      this.events.ping(payload);
    } else if (opcode === CLOSE) {
      this.stopped = true;
      const code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      this.events.closed(code, payload.toString('utf8', 2));
    } else if (opcode !== PONG) {
      this.fail(`there is no frame of type ${opcode}`);
    }
  }

  private message(opcode: number, payload: Buffer): void {
    if (opcode === BINARY) this.events.binary(payload);
    else this.events.text(payload);
  }

  private fail(reason: string): void {
    this.stopped = true;
    this.partial = undefined;
    this.events.broken(reason);
  }
}

/** Bytes of the frame's header, from its second byte. */
function headerSize(second: number): number {
  const length = second & 0x7f;
  if (length < 126) return 2;
  return length === 126 ? 4 : MAX_HEADER;
}

/** Bytes of the frame at `start` with its header; 0 if the header is not whole before `end`. */
function frameSize(bytes: Buffer, start: number, end: number): number {
  if (end - start < 2) return 0;
  const length = (bytes[start + 1] as number) & 0x7f;
  if (length < 126) return 2 + length;
  if (length === 126) return end - start < 4 ? 0 : 4 + bytes.readUInt16BE(start + 2);
  return end - start < MAX_HEADER ? 0 : MAX_HEADER + Number(bytes.readBigUInt64BE(start + 2));
}
