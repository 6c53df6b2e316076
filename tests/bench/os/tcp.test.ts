import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { findTcpEnd, readTcpEnd } from '../../../bench/os/tcp.js';
import { until } from '../../support/until.js';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 0000ABCD:00000000 00:00000000 00000000  1000        0 2 1 0 20 4 30 10 -1
   2: 0100007F:C350 0100007F:1F90 04 00000000:00000000 00:00000000 00000000  1000        0 3 1 0 20 4 30 10 -1`;

test('[BENCH35] an end of a connection is found by its two ports', () => {
  expect(findTcpEnd(TABLE, 0x1f90, 0xc350)).toEqual({ established: true, unsent: 0xabcd });
  expect(findTcpEnd(TABLE, 0xc350, 0x1f90)).toEqual({ established: false, unsent: 0 });
  expect(findTcpEnd(TABLE, 0x1f90, 1)).toBeUndefined();
});

test('[BENCH35] the kernel tells what a client does not read, and that the server has let it go', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1').pause();
  const [socket] = (await once(server, 'connection')) as [Socket];
  const end = () => readTcpEnd(port, client.localPort ?? 0);
  expect(end()).toEqual({ established: true, unsent: 0 });
  socket.write(Buffer.alloc(16 * 2 ** 20));
  await until(() => (end()?.unsent ?? 0) > 0, 'bytes that nobody reads');
  socket.destroy();
  await until(() => end()?.established !== true, 'the end of the connection');
  client.destroy();
  server.close();
});
