import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface PickyProxy {
  readonly url: string;
  /** Upgrades to WebSocket, and other requests, that came. */
  readonly seen: { upgrades: number; requests: number };
  /** Cuts every connection that is open. */
  cut(): void;
  close(): Promise<void>;
}

/** A proxy as they stand in the way in some networks: it lets upgrades through, or everything else, or both. */
export async function startProxy(
  port: number,
  lets: { readonly upgrades: boolean; readonly requests: boolean },
): Promise<PickyProxy> {
  const seen = { upgrades: 0, requests: 0 };
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A cut connection is what this is here for.
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((client) => {
    keep(client);
    client.once('data', (head) => {
      const isUpgrade = /^upgrade: *websocket/im.test(head.toString('latin1'));
      seen[isUpgrade ? 'upgrades' : 'requests']++;
      if (!lets[isUpgrade ? 'upgrades' : 'requests']) {
        client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
        return;
      }
      const upstream = connect(port, '127.0.0.1');
      keep(upstream);
      upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    cut,
    close() {
      cut();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
