import { createServer, type Server as HttpServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAdapter } from '@socket.io/redis-adapter';
import { createClient } from 'redis';
import { type RedisProcess, startRedis } from '../../../tools/services/redis.js';
import { temporaryFolder } from '../../support/folder.js';
import { freshDocuments, planFor, withLoad } from '../../support/load-run.js';
import { ROOT } from '../../support/project-files.js';

interface SocketIo {
  adapter(adapter: unknown): void;
  close(): Promise<void>;
}

/** The published server of y-socket.io, and the Socket.IO that it brings along. */
interface Published {
  readonly Server: new (http: HttpServer) => SocketIo;
  readonly YSocketIO: new (
    io: SocketIo,
  ) => {
    initialize(): void;
    readonly documents: ReadonlyMap<string, { readonly awareness: { destroy(): void } }>;
  };
}

const fromPeers = createRequire(join(ROOT, 'tests/peers/package.json'));
const { Server } = fromPeers('socket.io') as Pick<Published, 'Server'>;
const { YSocketIO } = fromPeers('y-socket.io/dist/server') as Pick<Published, 'YSocketIO'>;

describe('published servers of y-socket.io with Socket.IO’s Redis adapter between them', () => {
  const folder = temporaryFolder();
  const ends: (() => unknown)[] = [];
  const urls: string[] = [];
  let redis: RedisProcess | undefined;

  async function startNode(url: string): Promise<string> {
    const clients = [createClient({ url }), createClient({ url })] as const;
    for (const client of clients) await client.connect();
    const http = createServer();
    const io = new Server(http);
    io.adapter(createAdapter(...clients));
    const yjs = new YSocketIO(io);
    yjs.initialize();
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    ends.push(async () => {
      // It keeps them for ever, each with a timer that tells whoever has been silent for 30 s.
      for (const { awareness } of yjs.documents.values()) awareness.destroy();
      await io.close();
      for (const client of clients) await client.close();
    });
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  }

  beforeAll(async () => {
    redis = await startRedis({ folder: folder.path });
    for (const _ of 'ab') urls.push(await startNode(redis.url));
  });

  afterAll(async () => {
    for (const end of ends) await end();
    await redis?.stop();
    folder.remove();
  });

  /** @param at how many of the addresses clients come to */
  async function problemsAt(at: number) {
    let found: readonly { readonly kind: string; readonly message: string }[] = [];
    await withLoad(async (load) => {
      const documents = freshDocuments(1, 2, 2);
      await load.begin(planFor(urls.slice(0, at), { protocol: 'y-socket.io', documents }));
      await load.until(() => load.total('delivered') > 20);
      const truth = await load.settle();
      const { problems, checked } = await load.check(truth);
      expect(checked.freshReads).toBe(at);
      found = problems;
    });
    return found;
  }

  test('[LOADGEN9] one of them is found to be in order, and two are not: each keeps what was typed at it alone', async () => {
    const [one, two] = await Promise.all([problemsAt(1), problemsAt(2)]);
    expect(one).toEqual([]);
    for (const url of urls)
      expect(two).toContainEqual(
        expect.objectContaining({
          kind: 'differs',
          message: expect.stringMatching(new RegExp(`read again at ${url}: of the \\d+ characters`)),
        }),
      );
  });
});
