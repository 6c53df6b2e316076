import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Line } from './protocol.js';
import { type FrameEvents, WebSocketReader } from './websocket-reader.js';

export interface Address {
  readonly host: string;
  readonly port: number;
  /** TLS, with a certificate that Node trusts. */
  readonly tls?: true;
}

export interface WebSocketEvents {
  /** The server has agreed to speak WebSocket. */
  open(): void;
  text(message: Buffer): void;
  binary(message: Buffer): void;
  /** The connection is gone, once, for whatever reason. */
  closed(reason: string): void;
}

const TEXT = 0x81;
const BINARY = 0x82;
const CLOSE = 0x88;
const PONG = 0x8a;
/** Two bytes, eight for the length, four for the mask. */
const MAX_HEADER = 14;
const MAX_ANSWER = 16_384;

/**
 * One buffer for everybody: Node reads into it and calls back at once, and nobody keeps what is in it. Saves the
 * allocation of 64 KB per read that a stream makes.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * A WebSocket client without comfort, at the least cost per frame. The mask that clients must use
 * (https://www.rfc-editor.org/rfc/rfc6455#section-5.3) is zero, so that masking changes nothing and costs nothing.
 */
export class WebSocketClient implements Line, FrameEvents {
  /** Bytes that the socket has taken from the network. */
  bytesRead = 0;
  private readonly socket: Socket;
  private readonly reader = new WebSocketReader(this);
  /** The server's answer to the handshake as far as it has come; `undefined` once it is read. */
  private answer: Buffer | undefined = Buffer.alloc(0);
  private reason = '';

  constructor(
    { host, port, tls }: Address,
    path: string,
    private readonly events: WebSocketEvents,
  ) {
    const onread = {
      buffer: READ_BUFFER,
      callback: (count: number): boolean => {
        this.bytesRead += count;
        this.read(READ_BUFFER.subarray(0, count));
        return true;
      },
    };
    const options = { host, port, onread };
    this.socket =
      tls === true ? connectTls({ ...options, servername: isIP(host) === 0 ? host : '' }) : connect(options);
    this.socket.setNoDelay(true);
    this.socket.on('error', (error) => {
      this.reason ||= error.message;
    });
    this.socket.on('close', () => this.events.closed(this.reason || 'the server closed the connection'));
    this.socket.on(tls === true ? 'secureConnect' : 'connect', () =>
      this.socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      ),
    );
  }

  /** The port at this end; 0 while there is none. */
  get localPort(): number {
    return this.socket.localPort ?? 0;
  }

  /** Bytes that were given to the network, or wait for it. */
  get bytesWritten(): number {
    return this.socket.bytesWritten;
  }

  /** Bytes that wait to be written. */
  get queued(): number {
    return this.socket.writableLength;
  }

  sendText(text: string): void {
    this.write(Buffer.from(text), TEXT);
  }

  sendBinary(bytes: Uint8Array): void {
    this.write(bytes, BINARY);
  }

  sendTextAndBinary(text: string, bytes: Uint8Array): void {
    const length = Buffer.byteLength(text);
    const both = Buffer.allocUnsafe(2 * MAX_HEADER + length + bytes.length);
    let end = writeHeader(both, 0, TEXT, length);
    end += both.write(text, end);
    end = writeHeader(both, end, BINARY, bytes.length);
    both.set(bytes, end);
    this.socket.write(both.subarray(0, end + bytes.length));
  }

  /** Reads nothing more from the network until `resume`. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Is gone, as after a cut through the cable: nothing is said. */
  cut(reason: string): void {
    this.fail(reason);
  }

  /** Says goodbye and closes. */
  close(): void {
    if (this.answer === undefined && this.socket.writable) this.write(Buffer.alloc(0), CLOSE);
    this.reason ||= 'closed by the generator';
    this.socket.destroySoon();
  }

  text(message: Buffer): void {
    this.events.text(message);
  }

  binary(message: Buffer): void {
    this.events.binary(message);
  }

  ping(payload: Buffer): void {
    this.write(payload, PONG);
  }

  closed(code: number, reason: string): void {
    this.fail(`the server closed with ${code} ${reason}`.trimEnd());
  }

  broken(reason: string): void {
    this.fail(reason);
  }

  private fail(reason: string): void {
    this.reason ||= reason;
    this.socket.destroy();
  }

  private write(payload: Uint8Array, first: number): void {
    const frame = Buffer.allocUnsafe(MAX_HEADER + payload.length);
    const start = writeHeader(frame, 0, first, payload.length);
    frame.set(payload, start);
    this.socket.write(frame.subarray(0, start + payload.length));
  }

  private read(chunk: Buffer): void {
    if (this.answer === undefined) {
      this.reader.push(chunk);
      return;
    }
    this.answer = Buffer.concat([this.answer, chunk]);
    const end = this.answer.indexOf('\r\n\r\n');
    if (end === -1) {
      if (this.answer.length > MAX_ANSWER) this.fail('the answer to the handshake does not end');
      return;
    }
    const status = this.answer.toString('latin1', 0, this.answer.indexOf('\r\n'));
    if (!status.startsWith('HTTP/1.1 101')) {
      this.fail(`the server answered ${status}${codeIn(this.answer.toString('latin1', end))}`);
      return;
    }
    const rest = this.answer.subarray(end + 4);
    this.answer = undefined;
    this.events.open();
    if (rest.length > 0) this.reader.push(rest);
  }
}

/** Writes the header of a whole, masked frame. @returns where the payload begins */
function writeHeader(frame: Buffer, start: number, first: number, length: number): number {
  frame[start] = first;
  let end = start + 2;
  if (length < 126) {
    frame[start + 1] = 0x80 | length;
  } else if (length < 65_536) {
    frame[start + 1] = 0x80 | 126;
    end = frame.writeUInt16BE(length, end);
  } else {
    frame[start + 1] = 0x80 | 127;
    end = frame.writeBigUInt64BE(BigInt(length), end);
  }
  return frame.writeUInt32LE(0, end);
}

/** The code in the body with which our own servers refuse a handshake, if it is there. */
function codeIn(body: string): string {
  const [, code] = /"code":"([a-z-]+)"/.exec(body) ?? [];
  return code === undefined ? '' : ` (${code})`;
}
