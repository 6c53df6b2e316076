import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const TYPE_A = 1;
const HEADER_BYTES = 12;

/**
 * A name server (RFC 1035) that says the same IPv4 addresses for every name, as Docker's does for the name of a
 * service; other types have no answer.
 */
export class NameServer {
  /** Changed by a test at any time. */
  addresses: readonly string[] = [];

  private constructor(
    private readonly socket: Socket,
    readonly address: string,
  ) {
    socket.on('message', (query, { port, address: from }) => {
      socket.send(answer(query, this.addresses), port, from);
    });
  }

  static async start(): Promise<NameServer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { address, port } = socket.address();
    return new NameServer(socket, `${address}:${port}`);
  }

  stop(): void {
    this.socket.close();
  }
}

function answer(query: Buffer, addresses: readonly string[]): Buffer {
  // One question: labels, an empty one, type and class.
  let end = HEADER_BYTES;
  while (query[end] !== 0) end += (query[end] ?? 0) + 1;
  end += 5;
  const question = query.subarray(HEADER_BYTES, end);
  const found = query.readUInt16BE(end - 4) === TYPE_A ? addresses : [];
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  // A response, authoritative, of a server that recurses.
  header.writeUInt16BE(0x8580, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(found.length, 6);
  const records = found.map((address) =>
    // The name of the question, A, IN, one second, four bytes.
    Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]),
  );
  return Buffer.concat([header, question, ...records]);
}
