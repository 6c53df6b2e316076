import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpSwitch {
  readonly url: string;
  /** New connections go to this port from now on; those that are open, of either transport, stay where they are. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

const SID_IN_ANSWER = /"sid":"([\w-]+)"/;
const SID_IN_REQUEST = /[?&]sid=([\w-]+)/;
const UPGRADE = /^upgrade: *websocket/im;

/**
 * The simplest load balancer there is: it knows one node, and can be told of another. A request of the polling transport goes
 * where the first one of its connection went.
 */
export async function startSwitch(
  port: number,
  { upgrades = true }: { readonly upgrades?: boolean } = {},
): Promise<TcpSwitch> {
  let target = port;
  const nodeOf = new Map<string, number>();
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    client.once('data', (bytes) => {
      const head = bytes.toString('latin1');
      if (!upgrades && UPGRADE.test(head)) {
        client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
        return;
      }
      const to = nodeOf.get(SID_IN_REQUEST.exec(head)?.[1] ?? '') ?? target;
      const node = connect(to, '127.0.0.1');
      keep(node);
      node.on('close', () => client.destroy());
      client.on('close', () => node.destroy());
      node.on('data', (answer) => {
        const sid = SID_IN_ANSWER.exec(answer.toString('latin1'))?.[1];
        if (sid !== undefined && !nodeOf.has(sid)) nodeOf.set(sid, to);
      });
      node.write(bytes);
      client.pipe(node).pipe(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo(next) {
      target = next;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
