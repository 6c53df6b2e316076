import { readFileSync } from 'node:fs';

/** One end of a TCP connection as the kernel sees it. */
export interface TcpEnd {
  readonly established: boolean;
  /** Bytes that the other end has not taken yet. */
  readonly unsent: number;
}

const ESTABLISHED = '01';

/**
 * The end of a loopback connection that has this local and this remote port; `undefined` if there is none (any longer).
 *
 * @throws Error if this is not Linux
 */
export function readTcpEnd(localPort: number, remotePort: number): TcpEnd | undefined {
  return findTcpEnd(readFileSync('/proc/net/tcp', 'utf8'), localPort, remotePort);
}

/** @param table what /proc/net/tcp holds (https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt) */
export function findTcpEnd(table: string, localPort: number, remotePort: number): TcpEnd | undefined {
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', remote = '', state, queues = ''] = line.trim().split(/\s+/);
    if (portOf(local) !== localPort || portOf(remote) !== remotePort) continue;
    return { established: state === ESTABLISHED, unsent: Number.parseInt(queues.split(':')[0] ?? '', 16) };
  }
  return undefined;
}

function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}
