import { type ClientOptions, WebSocket } from 'ws';
import { until } from './until.js';

/** A WebSocket of a protocol without Socket.IO: it sends any message, and keeps what comes. */
export class RawLine {
  readonly received: Buffer[] = [];
  pings = 0;
  pongs = 0;
  closed: { readonly code: number; readonly reason: string } | undefined;
  readonly socket: WebSocket;

  /** @param path with the query */
  constructor(url: string, path: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url.replace('http', 'ws') + path, options);
    this.socket.on('message', (data: Buffer) => this.received.push(data));
    this.socket.on('ping', () => this.pings++);
    this.socket.on('pong', () => this.pongs++);
    this.socket.on('close', (code: number, reason: Buffer) => {
      this.closed = { code, reason: reason.toString() };
    });
    this.socket.on('error', () => {
      // The close that follows says all that a test wants to know.
    });
  }

  static async open(url: string, path: string, options?: ClientOptions): Promise<RawLine> {
    const line = new RawLine(url, path, options);
    await until(() => line.socket.readyState !== WebSocket.CONNECTING, 'the connection');
    return line;
  }

  send(...messages: readonly (string | Uint8Array)[]): void {
    for (const message of messages) this.socket.send(message);
  }

  /** Writes to the network what need not be a frame. */
  write(bytes: Uint8Array): void {
    (this.socket as unknown as { _socket: { write(bytes: Uint8Array): void } })._socket.write(bytes);
  }

  async ended(ms?: number): Promise<{ readonly code: number; readonly reason: string }> {
    await until(() => this.closed !== undefined, 'the end', ms);
    return this.closed ?? { code: 0, reason: '' };
  }

  terminate(): void {
    this.socket.terminate();
  }
}
