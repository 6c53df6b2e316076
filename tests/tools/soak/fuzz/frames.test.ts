import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  BINARY,
  clientFrame,
  PING,
  PONG,
  serverFrames,
  TEXT,
  upgradeRequest,
} from '../../../../tools/soak/fuzz/frames.js';
import { until } from '../../../support/until.js';

const LENGTHS = [0, 1, 125, 126, 65_535, 65_536, 100_000];

test('[HOST4] frames of every length are read by a WebSocket server as they were meant, and its own are read', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const heard: [string, number][] = [];
  server.on('connection', (socket: WebSocket) => {
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      heard.push([isBinary ? 'bytes' : 'text', data.length]);
      socket.send(data, { binary: isBinary });
    });
  });
  const line = connect((server.address() as AddressInfo).port, '127.0.0.1');
  try {
    line.write(upgradeRequest('/'));
    const [head] = (await once(line, 'data')) as [Buffer];
    expect(head.toString()).toContain(' 101 ');
    const answers: [number, number][] = [];
    let rest: Buffer = Buffer.alloc(0);
    line.on('data', (chunk: Buffer) => {
      rest = serverFrames(Buffer.concat([rest, chunk]), (opcode, { length }) =>
        answers.push([opcode, length]),
      );
    });
    for (const length of LENGTHS) {
      line.write(clientFrame('t'.repeat(length)));
      line.write(clientFrame(Buffer.alloc(length)));
    }
    line.write(clientFrame('mark', { opcode: PING }));
    await until(() => answers.length === 2 * LENGTHS.length + 1, 'all answers');
    expect(heard).toEqual(
      LENGTHS.flatMap((length) => [
        ['text', length],
        ['bytes', length],
      ]),
    );
    expect(answers.filter(([opcode]) => opcode !== PONG)).toEqual(
      LENGTHS.flatMap((length) => [
        [TEXT, length],
        [BINARY, length],
      ]),
    );
    expect(rest).toHaveLength(0);
  } finally {
    line.destroy();
    server.close();
  }
});
