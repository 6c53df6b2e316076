import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpSwitch {
  readonly url: string;
  /** Connections that are open. */
  readonly open: number;
  /** New connections go to this port from now on; those that are open stay where they are. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

/** The simplest load balancer there is: it knows one node, and can be told of another. */
export async function startSwitch(port: number): Promise<TcpSwitch> {
  let target = port;
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((client) => {
    const node = connect(target, '127.0.0.1');
    const pair = [client, node] as const;
    pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
    client.pipe(node).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get open() {
      return pairs.size;
    },
    leadTo(next) {
      target = next;
    },
    close() {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
