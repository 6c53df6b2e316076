import { describe, expect, test } from '@jest/globals';
import { type FrameEvents, WebSocketReader } from '../../../load/wire/websocket-reader.js';
import { between, forSeeds, randomBytes } from '../../support/seeds.js';

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

function frame(
  opcode: number,
  payload: Uint8Array,
  { final = true, masked = false, reserved = 0 } = {},
): Buffer {
  const { length } = payload;
  const mask = masked ? 0x80 : 0;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = (final ? 0x80 : 0) | reserved | opcode;
  header[1] = mask | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}

/** What a reader tells of these chunks; each chunk is overwritten after it was read, as the shared buffer is. */
function read(chunks: readonly Buffer[]): string[] {
  const told: string[] = [];
  const events: FrameEvents = {
    text: (message) => told.push(`text ${message.toString('hex')}`),
    binary: (message) => told.push(`binary ${message.toString('hex')}`),
    ping: (payload) => told.push(`ping ${payload.toString('hex')}`),
    closed: (code, reason) => told.push(`closed ${code} ${reason}`),
    broken: (reason) => told.push(`broken: ${reason}`),
  };
  const reader = new WebSocketReader(events);
  for (const chunk of chunks) {
    const shared = Buffer.from(chunk);
    reader.push(shared);
    shared.fill(0xee);
  }
  return told;
}

describe('reading WebSocket frames', () => {
  test('[BENCH1] messages come out whole however the stream is cut into chunks', () => {
    forSeeds(20, 'tests/load/wire/websocket-reader.test.ts', (random) => {
      const parts: Buffer[] = [];
      const expected: string[] = [];
      for (let i = between(random, 1, 12); i > 0; i--) {
        // Around the sizes at which the header grows, 126 and 65,536.
        const size = random() < 0.05 ? between(random, 65_530, 65_540) : between(random, 0, 250);
        const payload = Buffer.from(randomBytes(random, size));
        const opcode = random() < 0.5 ? TEXT : BINARY;
        const ping = frame(PING, Buffer.from('?'));
        expected.push(`${opcode === TEXT ? 'text' : 'binary'} ${payload.toString('hex')}`);
        if (random() < 0.6) {
          parts.push(frame(opcode, payload));
          continue;
        }
        const cut = between(random, 0, payload.length);
        const cut2 = between(random, cut, payload.length);
        parts.push(frame(opcode, payload.subarray(0, cut), { final: false }), ping);
        parts.push(
          frame(CONTINUATION, payload.subarray(cut, cut2), { final: false }),
          frame(PONG, payload.subarray(0, 5)),
        );
        parts.push(frame(CONTINUATION, payload.subarray(cut2)));
        expected.splice(-1, 0, 'ping 3f');
      }
      const stream = Buffer.concat(parts);
      const chunks: Buffer[] = [];
      for (let at = 0; at < stream.length; ) {
        const size = random() < 0.5 ? between(random, 1, 12) : between(random, 1, 70_000);
        chunks.push(stream.subarray(at, at + size));
        at += size;
      }
      expect(read(chunks)).toEqual(expected);
    });
  });

  test('[BENCH1] byte by byte and all at once are the same', () => {
    const stream = Buffer.concat([
      frame(TEXT, Buffer.from('a')),
      frame(BINARY, Buffer.alloc(200, 7)),
      frame(BINARY, Buffer.alloc(0)),
      frame(CLOSE, Buffer.concat([Buffer.from([0x03, 0xe9]), Buffer.from('bye')])),
    ]);
    const told = read([stream]);
    expect(told).toHaveLength(4);
    expect(told[3]).toBe('closed 1001 bye');
    expect(read(Array.from(stream, (byte) => Buffer.of(byte)))).toEqual(told);
  });

  test('[BENCH1] what a server must not send is told once, and nothing is read after it', () => {
    const after = frame(TEXT, Buffer.from('after'));
    const bad = [
      frame(TEXT, Buffer.from('masked'), { masked: true }),
      frame(TEXT, Buffer.from('squeezed'), { reserved: 0x40 }),
      frame(5, Buffer.from('unknown')),
      Buffer.concat([Buffer.of(0x82, 127), Buffer.alloc(8, 0x01)]),
    ];
    for (const bytes of bad) {
      expect(read([bytes, after])).toEqual([expect.stringMatching(/^broken: /)]);
      expect(read([Buffer.concat([bytes, after])])).toEqual([expect.stringMatching(/^broken: /)]);
    }
    expect(read([frame(CLOSE, Buffer.alloc(0)), after])).toEqual(['closed 1005 ']);
  });
});
