import { WebSocket } from 'ws';
import { until } from './until.js';

/** An Engine.IO connection without a client: it sends any frame, and keeps what comes. */
export class RawWebSocket {
  readonly received: (string | Buffer)[] = [];
  closed = false;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer, isBinary: boolean) =>
      this.received.push(isBinary ? data : data.toString()),
    );
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('error', () => {
      // The close that follows says all that a test wants to know.
    });
  }

  static async open(url: string): Promise<RawWebSocket> {
    const raw = new RawWebSocket(new WebSocket(address(url)));
    await until(() => raw.received.length > 0, 'the handshake');
    return raw;
  }

  /** A second way into the connection `sid`, which began with polling; the probe is the caller's. */
  static async upgrade(url: string, sid: string): Promise<RawWebSocket> {
    const raw = new RawWebSocket(new WebSocket(`${address(url)}&sid=${sid}`));
    await until(() => raw.socket.readyState === WebSocket.OPEN, 'the connection');
    return raw;
  }

  /** In a document's namespace, and joined if a request is given. */
  static async inDocument(url: string, document: string, clientId?: number): Promise<RawWebSocket> {
    const raw = await RawWebSocket.open(url);
    raw.send(`40/docs/${document},{"protocol":1}`);
    await until(() => raw.text.includes('"sid"', 10), 'the namespace');
    if (clientId === undefined) return raw;
    raw.send(
      `42/docs/${document},0["join",{"clientId":${clientId},"clientKey":"the raw key of ${clientId}"}]`,
    );
    await until(() => raw.text.includes('"generation"'), 'the answer to the join');
    return raw;
  }

  /** All text frames that came. */
  get text(): string {
    return this.received.filter((frame) => typeof frame === 'string').join('\n');
  }

  send(frame: string | Uint8Array): void {
    this.socket.send(frame);
  }

  /** Reads nothing more from the network. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  terminate(): void {
    this.socket.terminate();
  }
}

function address(url: string): string {
  return `${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
}
