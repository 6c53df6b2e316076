import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, test } from '@jest/globals';
import { NetworkBytes } from '../../../server/telemetry/network-bytes.js';
import { selfSigned } from '../../support/certificate.js';
import { until } from '../../support/until.js';

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

function certificate(): { readonly cert: string; readonly key: string } {
  const { certificate: cert, key } = selfSigned();
  return { cert, key };
}

test.each([
  ['HTTP', () => createServer(), (port: number): Socket => connect(port, '127.0.0.1')],
  [
    'HTTPS',
    () => createTlsServer(certificate()),
    (port: number): Socket => connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }),
  ],
])(
  '[METRIC2] what goes over connections of %s is counted while they are open and when they are not',
  async (_, create, open) => {
    const server = create();
    const bytes = new NetworkBytes(server);
    server.on('request', (_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const socket = open((server.address() as AddressInfo).port);
      let heard = 0;
      socket.on('data', ({ length }: Buffer) => {
        heard += length;
      });
      socket.write(REQUEST);
      await until(() => heard > 0 && bytes.sent === heard, 'the answer is there');
      expect(bytes.received).toBe(REQUEST.length);
      socket.write(REQUEST);
      await until(() => bytes.received === 2 * REQUEST.length && bytes.sent === heard, 'the second one, too');
      const before = { received: bytes.received, sent: bytes.sent };
      await new Promise((resolve) => socket.once('close', resolve).end());
      await until(
        () => bytes.received + bytes.sent === before.received + before.sent,
        'nothing is forgotten',
      );
      expect({ received: bytes.received, sent: bytes.sent }).toEqual(before);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
);
