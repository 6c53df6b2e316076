import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { startGateway } from '../../support/gateway-server.js';
import { freshDocuments, planFor, withLoad } from '../../support/load-run.js';

/** More than are read at once. */
const DOCUMENTS = 40;

test('[LOADGEN15] one address of several that is dead is told for each document, and not waited for each time', async () => {
  const node = await startGateway();
  const dead = createServer();
  const asked = new Set<string | undefined>();
  dead.on('upgrade', ({ url }, socket) => {
    asked.add(url);
    socket.destroy();
  });
  await new Promise<void>((resolve) => dead.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(dead.address() as AddressInfo).port}`;
  try {
    await withLoad(async (load) => {
      const documents = freshDocuments(DOCUMENTS, 1, 1);
      await load.begin(planFor([`${node.url}/yjs`, address], { protocol: 'y-websocket', documents }));
      const truth = await load.settle();
      const { problems } = await load.check(truth, 2_000);
      expect(problems.filter(({ kind }) => kind === 'not-typed')).toEqual([]);
      const why = `could not be read again at ${address}: the server closed the connection.`;
      expect(problems.filter(({ message }) => message.endsWith(why)).length).toBeGreaterThan(0);
      expect(asked.size).toBeGreaterThan(0);
      expect(asked.size).toBeLessThan(DOCUMENTS);
    });
  } finally {
    await node.stop();
    dead.close();
  }
});
