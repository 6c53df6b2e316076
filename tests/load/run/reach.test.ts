import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { WebSocketServer } from 'ws';
import { CouldNotBegin } from '../../../load/run/course-types.js';
import { type ReachOptions, reachAll } from '../../../load/run/reach.js';
import { coscribe } from '../../../load/wire/coscribe.js';
import { systemClock } from '../../../shared/time.js';
import { freePort } from '../../../tools/services/ports.js';

const servers: Server[] = [];

/** @param answer what a WebSocket is answered; 101 opens it */
function listening(answer: string, port = 0): Promise<string> {
  const server = createServer();
  servers.push(server);
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (answer === '101') sockets.handleUpgrade(request, socket, head, () => {});
    else socket.end(`HTTP/1.1 ${answer}\r\n\r\n`);
  });
  return new Promise((resolve) =>
    server.listen(port, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    ),
  );
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

function reaching(urls: readonly string[], given: Partial<ReachOptions> = {}): Promise<void> {
  return reachAll({
    targets: urls.map((url) => ({ url })),
    tried: { protocol: 'coscribe' },
    protocol: coscribe,
    request: { document: 'load/nobody', clientId: 1 },
    clock: systemClock(),
    signal: new AbortController().signal,
    withinMs: 0,
    onWaiting: () => {},
    ...given,
  });
}

describe('whether somebody opens at each address', () => {
  test('[LOAD11] all do, also who has too many connections already', async () => {
    await reaching([await listening('101'), await listening('429 Too Many Requests')]);
  });

  test('[LOAD11] one of several that does not is named, with what happened and what to do', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const elsewhere = await listening('404 Not Found');
    const tried = reaching([await listening('101'), nobody, elsewhere]);
    await expect(tried).rejects.toThrow(CouldNotBegin);
    await expect(tried).rejects.toThrow(
      new RegExp(
        `^Nobody gets in at ${nobody}: connect ECONNREFUSED [\\d.:]+; ${elsewhere}: the server answered HTTP/1.1 404 Not Found\\. No server listens there: `,
      ),
    );
  });

  test('[LOAD11] a server that is just starting is waited for, and that is said', async () => {
    const port = await freePort();
    const waits: string[] = [];
    await reaching([`http://127.0.0.1:${port}`], {
      withinMs: Number.POSITIVE_INFINITY,
      onWaiting: (url, reason) => {
        waits.push(`${url}: ${reason}`);
        void listening('101', port);
      },
    });
    expect(waits).toEqual([expect.stringContaining(`:${port}: connect ECONNREFUSED`)]);
  });

  test('[LOAD9] nobody is waited for after Ctrl-C', async () => {
    const stop = new AbortController();
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const signal = stop.signal;
    await reaching([nobody], { withinMs: Number.POSITIVE_INFINITY, signal, onWaiting: () => stop.abort() });
  });
});
