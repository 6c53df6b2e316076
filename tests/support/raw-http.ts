import { type IncomingHttpHeaders, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { until } from './until.js';

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** A request with any headers, which `fetch` would not send. */
export function ask(
  url: string,
  options: RequestOptions & { readonly body?: string } = {},
): Promise<RawAnswer> {
  const { body, ...rest } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { agent: false, ...rest },
      (incoming) => void read(incoming).then(resolve, reject),
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Asks for a WebSocket. @returns the answer; the connection is closed when it is 101 */
export function askForWebSocket(url: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent: false, headers: { ...UPGRADE, ...headers } });
    outgoing.on('response', (incoming) => void read(incoming).then(resolve, reject));
    outgoing.on('upgrade', (incoming, socket) => {
      socket.destroy();
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: '' });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

async function read(incoming: IncomingMessage): Promise<RawAnswer> {
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text };
}

/** A connection on which anything can be sent, and of which one can see when the server closes it. */
export class RawSocket {
  received = '';
  closed = false;

  constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
    });
    socket.on('close', () => {
      this.closed = true;
    });
    // A reset is a close, too.
    socket.on('error', () => {});
  }

  static async open(port: number): Promise<RawSocket> {
    const raw = new RawSocket(connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
    await until(() => raw.socket.readyState !== 'opening', 'the connection');
    return raw;
  }

  send(text: string): void {
    this.socket.write(text);
  }

  destroy(): void {
    this.socket.destroy();
  }
}
