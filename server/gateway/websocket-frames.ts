const FINAL = 0x80;
const TEXT = 0x1;
const BINARY = 0x2;

/**
 * Messages as a WebSocket server sends them (RFC 6455, 5.2: one unmasked frame each), one behind the other in one buffer:
 * that is one write to a connection, and not one per message. Texts are UTF-8.
 */
export function webSocketFrames(messages: readonly (string | Uint8Array)[]): Buffer {
  const parts = messages.flatMap((message) => {
    const payload = typeof message === 'string' ? Buffer.from(message) : message;
    return [head(typeof message === 'string' ? TEXT : BINARY, payload.length), payload];
  });
  return Buffer.concat(parts);
}

function head(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([FINAL | opcode, length]);
  if (length < 2 ** 16) {
    const bytes = Buffer.from([FINAL | opcode, 126, 0, 0]);
    bytes.writeUInt16BE(length, 2);
    return bytes;
  }
  const bytes = Buffer.alloc(10);
  bytes[0] = FINAL | opcode;
  bytes[1] = 127;
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}
