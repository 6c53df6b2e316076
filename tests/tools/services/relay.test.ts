import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Relay } from '../../../tools/services/relay.js';
import { until } from '../../support/until.js';

let echo: Server;
let relay: Relay;
let clients: Socket[];

beforeEach(async () => {
  clients = [];
  echo = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  relay = await Relay.open({ port: (echo.address() as AddressInfo).port });
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  await relay.close();
  echo.close();
});

interface Talk {
  readonly socket: Socket;
  heard: string;
  ended: boolean;
}

function talk(): Talk {
  const socket = connect(relay.port, '127.0.0.1');
  clients.push(socket);
  const talk: Talk = { socket, heard: '', ended: false };
  socket.setEncoding('utf8').on('data', (text: string) => {
    talk.heard += text;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    talk.ended = true;
  });
  return talk;
}

test('[NODES9] a relay passes everything on, in order, also when it becomes slow and quick again', async () => {
  const ann = talk();
  let said = '';
  for (let number = 0; number < 60; number++) {
    relay.delayMs = number % 20 < 10 ? 0 : 20;
    ann.socket.write(`${number} `);
    said += `${number} `;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => ann.heard.length >= said.length, 'everything is back');
  expect(ann.heard).toBe(said);
});

test('[NODES9] a relay that is held swallows everything, from new connections too, until it is released', async () => {
  const ann = talk();
  ann.socket.write('one ');
  await until(() => ann.heard === 'one ', 'one is back');
  relay.hold();
  ann.socket.write('two ');
  const ben = talk();
  ben.socket.write('three ');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([ann.heard, ben.heard]).toEqual(['one ', '']);
  relay.release();
  await until(() => ann.heard === 'one two ' && ben.heard === 'three ', 'the rest is back');
});

test('[NODES9] a relay that forgets connections says so to nobody, and lets new ones through', async () => {
  const ann = talk();
  ann.socket.write('one ');
  await until(() => ann.heard === 'one ', 'one is back');
  relay.forget();
  ann.socket.write('two ');
  const ben = talk();
  ben.socket.write('three ');
  await until(() => ben.heard === 'three ', 'three is back');
  expect(ann).toMatchObject({ heard: 'one ', ended: false });
});

test('[NODES9] a relay that is cut ends connections, one that refuses the new ones too', async () => {
  const ann = talk();
  await until(() => relay.openLinks === 1, 'the connection is there');
  relay.cut();
  await until(() => ann.ended, 'the connection is cut');
  relay.refuse();
  const ben = talk();
  await until(() => ben.ended, 'the new connection is cut');
  relay.release();
  const eve = talk();
  eve.socket.write('again');
  await until(() => eve.heard === 'again', 'it works again');
});

test('[NODES9] a relay that is closed while somebody waits to be let in ends with everybody', async () => {
  relay.hold();
  const ann = talk();
  await until(() => !ann.socket.connecting, 'it seems to be connected');
  await relay.close();
  await until(() => ann.ended, 'the connection is ended');
});
