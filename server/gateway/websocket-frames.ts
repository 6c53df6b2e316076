const FINAL = 0x80;
const TEXT = 0x1;
const BINARY = 0x2;
const PING = 0x9;

/** A ping without data (RFC 6455, 5.5.2). */
export const PING_FRAME: Readonly<Buffer> = Buffer.of(FINAL | PING, 0);

/**
 * Messages as a WebSocket server sends them (RFC 6455, 5.2: one unmasked frame each), one behind the other in one buffer:
 * that is one write to a connection, and not one per message. Texts are sent as UTF-8.
 */
export function webSocketFrames(...messages: readonly (string | Uint8Array)[]): Buffer {
  const lengths = messages.map((message) =>
    typeof message === 'string' ? Buffer.byteLength(message) : message.length,
  );
  const buffer = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headLength(length) + length, 0));
  let at = 0;
  for (const [position, message] of messages.entries()) {
    const length = lengths[position] ?? 0;
    at = writeHead(buffer, at, typeof message === 'string' ? TEXT : BINARY, length);
    if (typeof message === 'string') buffer.write(message, at);
    else buffer.set(message, at);
    at += length;
  }
  return buffer;
}

/** One binary message out of several parts, as one frame. */
export function binaryFrame(parts: readonly Uint8Array[]): Buffer {
  const length = lengthOf(parts);
  const buffer = Buffer.allocUnsafe(headLength(length) + length);
  let at = writeHead(buffer, 0, BINARY, length);
  for (const part of parts) {
    buffer.set(part, at);
    at += part.length;
  }
  return buffer;
}

/** What comes before a binary message of so many bytes. */
export function binaryFrameHead(length: number): Buffer {
  const buffer = Buffer.allocUnsafe(headLength(length));
  writeHead(buffer, 0, BINARY, length);
  return buffer;
}

export function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function headLength(length: number): number {
  if (length < 126) return 2;
  return length < 2 ** 16 ? 4 : 10;
}

/** @returns where the payload goes */
function writeHead(buffer: Buffer, at: number, opcode: number, length: number): number {
  buffer[at] = FINAL | opcode;
  if (length < 126) {
    buffer[at + 1] = length;
    return at + 2;
  }
  if (length < 2 ** 16) {
    buffer[at + 1] = 126;
    return buffer.writeUInt16BE(length, at + 2);
  }
  buffer[at + 1] = 127;
  return buffer.writeBigUInt64BE(BigInt(length), at + 2);
}
