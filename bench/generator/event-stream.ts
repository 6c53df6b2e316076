import { connect, type Socket } from 'node:net';
import type { Address } from '../../load/wire/websocket-client.js';

export interface EventStreamEvents {
  /** The snapshot has begun to come. */
  opened(): void;
  /** Events up to this `seq` have come; `count` of them since the last call. */
  reached(seq: number, count: number): void;
  /** The connection is gone, once, for whatever reason. */
  closed(reason: string): void;
}

/** What comes before is the end of an event, or of a chunk's head. */
const ID = Buffer.from('\nid: ');
/** More than a number of the log has. */
const SEQ_DIGITS = 20;
const EVENT_END = '\n\n\r\n';
/** One buffer for everybody, as in `WebSocketClient`. */
const READ_BUFFER = Buffer.allocUnsafeSlow(256 * 1024);

/** Follows a document over server-sent events, and reads nothing of them but their ids: at the least cost for each. */
export class EventStreamClient {
  bytesRead = 0;
  private readonly socket: Socket;
  /** The beginning of an event whose end has not come. */
  private part: Buffer = Buffer.alloc(0);
  private isAnswered = false;
  private isOpen = false;
  private reason = '';

  constructor(
    { host, port }: Address,
    path: string,
    private readonly events: EventStreamEvents,
  ) {
    const onread = {
      buffer: READ_BUFFER,
      callback: (count: number): boolean => {
        this.bytesRead += count;
        this.read(READ_BUFFER.subarray(0, count));
        return true;
      },
    };
    this.socket = connect({ host, port, noDelay: true, onread });
    this.socket.on('error', (error) => {
      this.reason ||= error.message;
    });
    this.socket.on('close', () => events.closed(this.reason || 'the server closed the connection'));
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nAccept: text/event-stream\r\n\r\n`);
  }

  close(): void {
    this.reason ||= 'closed by the generator';
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    const bytes = this.part.length === 0 ? chunk : Buffer.concat([this.part, chunk]);
    const isWhole = bytes.toString('latin1', bytes.length - EVENT_END.length) === EVENT_END;
    this.part = isWhole ? Buffer.alloc(0) : Buffer.from(bytes);
    if (!isWhole) return;
    if (!this.isAnswered && !this.readHead(bytes)) return;
    if (!this.isOpen && bytes.includes('\nevent: snapshot\n')) {
      this.isOpen = true;
      this.events.opened();
    }
    let count = 0;
    let last = -1;
    for (let at = bytes.indexOf(ID); at >= 0; at = bytes.indexOf(ID, at + ID.length)) {
      count++;
      last = at + ID.length;
    }
    if (count > 0)
      this.events.reached(Number.parseInt(bytes.toString('latin1', last, last + SEQ_DIGITS), 10), count);
  }

  private readHead(bytes: Buffer): boolean {
    const status = bytes.toString('latin1', 0, bytes.indexOf('\r\n'));
    this.isAnswered = status === 'HTTP/1.1 200 OK' && !bytes.includes('\nevent: end\n');
    if (this.isAnswered) return true;
    this.reason ||= `the server answered ${status}`;
    this.socket.destroy();
    return false;
  }
}
