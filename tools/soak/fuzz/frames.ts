import { randomBytes } from 'node:crypto';

/** What a WebSocket frame says of itself (RFC 6455, 5.2). */
export interface FrameShape {
  readonly opcode: number;
  readonly final: boolean;
  /** The three reserved bits, 0 to 7. */
  readonly reserved: number;
  readonly masked: boolean;
  /** Length to announce, if it is to be a lie. */
  readonly announced: number;
}

export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

const LONGEST_IN_7_BITS = 125;
const LONGEST_IN_16_BITS = 0xffff;

/** One frame as a client sends it; the mask is all zeros, so that the payload stays readable. */
export function clientFrame(payload: string | Uint8Array, shape: Partial<FrameShape> = {}): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const { opcode = typeof payload === 'string' ? TEXT : BINARY, final = true, reserved = 0 } = shape;
  const { masked = true, announced = body.length } = shape;
  const extra = announced <= LONGEST_IN_7_BITS ? 0 : announced <= LONGEST_IN_16_BITS ? 2 : 8;
  const start = 2 + extra + (masked ? 4 : 0);
  const frame = Buffer.alloc(start + body.length);
  frame[0] = (final ? 0x80 : 0) | ((reserved & 7) << 4) | (opcode & 0xf);
  const length = extra === 0 ? announced : extra === 2 ? 126 : 127;
  frame[1] = (masked ? 0x80 : 0) | length;
  if (extra === 2) frame.writeUInt16BE(announced, 2);
  if (extra === 8) frame.writeBigUInt64BE(BigInt(announced), 2);
  frame.set(body, start);
  return frame;
}

/** The request that begins a WebSocket. */
export function upgradeRequest(path: string, headers: readonly string[] = []): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...headers,
    '\r\n',
  ].join('\r\n');
}

/** Reads whole frames as a server sends them, without masks. @returns what is left over */
export function serverFrames(bytes: Buffer, onFrame: (opcode: number, payload: Buffer) => void): Buffer {
  let at = 0;
  for (;;) {
    if (bytes.length < at + 2) return bytes.subarray(at);
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const start = at + (short === 126 ? 4 : short === 127 ? 10 : 2);
    if (bytes.length < start) return bytes.subarray(at);
    const length =
      short === 126
        ? bytes.readUInt16BE(at + 2)
        : short === 127
          ? Number(bytes.readBigUInt64BE(at + 2))
          : short;
    if (bytes.length < start + length) return bytes.subarray(at);
    onFrame((bytes[at] ?? 0) & 0xf, bytes.subarray(start, start + length));
    at = start + length;
  }
}
