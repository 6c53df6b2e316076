import { connect as openSocket, type Socket } from 'node:net';
import { CLOSE, clientFrame, PING, PONG, serverFrames, TEXT, upgradeRequest } from './frames.js';
import { connect, type Ground, join, type Shot } from './shots.js';

/** How long anything may take before the connection is given up, in milliseconds. */
const PATIENCE_MS = 5_000;
const PATH = '/socket.io/?EIO=4&transport=websocket';
const HEAD_END = '\r\n\r\n';

/** A connection to one document, without a client: anything can be written to it, and what comes is not kept. */
export class Line {
  closed = false;
  private rest: Buffer = Buffer.alloc(0);
  private upgraded = false;
  private pings = 0;
  /** What is waited for: a frame that fits. */
  private fits: (opcode: number, payload: Buffer) => boolean = () => false;
  private found: Buffer | undefined;
  private wake: () => void = () => {};

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    // A reset is a close, too.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.wake();
    });
  }

  /** Connects, and joins the document. @returns `undefined` if the server does not let it in */
  static async open(port: number, ground: Ground, onSid: (sid: string) => void): Promise<Line | undefined> {
    const line = new Line(openSocket({ port, host: '127.0.0.1' }));
    line.socket.write(upgradeRequest(PATH));
    const handshake = await line.hears((opcode) => opcode === TEXT);
    const sid = /"sid":"([^"]+)"/.exec(handshake?.toString() ?? '')?.[1];
    if (sid === undefined) return undefined;
    onSid(sid);
    line.write(connect(ground));
    const answer = await line.hears(
      (opcode, payload) => opcode === TEXT && payload.includes(ground.namespace),
    );
    if (answer?.toString().startsWith('40') !== true) {
      line.close();
      return undefined;
    }
    line.write(join(ground));
    return line;
  }

  write(...shots: readonly (Shot | Buffer)[]): void {
    const frames = shots.flatMap((shot) =>
      Buffer.isBuffer(shot) ? [shot] : shot.map((part) => clientFrame(part)),
    );
    if (!this.closed) this.socket.write(Buffer.concat(frames));
  }

  /** Whether the server has read everything up to now and keeps the connection. If it does not, it is closed. */
  async settled(patienceMs = PATIENCE_MS): Promise<boolean> {
    const mark = `ping ${++this.pings}`;
    this.write(clientFrame(mark, { opcode: PING }));
    const pong = await this.hears(
      (opcode, payload) => opcode === PONG && payload.toString() === mark,
      patienceMs,
    );
    return pong !== undefined;
  }

  close(): void {
    this.closed = true;
    this.socket.destroy();
    this.wake();
  }

  private read(chunk: Buffer): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    if (!this.upgraded) {
      const end = this.rest.indexOf(HEAD_END);
      if (end < 0) return;
      this.upgraded = true;
      this.rest = this.rest.subarray(end + HEAD_END.length);
    }
    this.rest = serverFrames(this.rest, (opcode, payload) => {
      // The server waits for an answer to that.
      if (opcode === CLOSE) this.close();
      else if (this.found === undefined && this.fits(opcode, payload)) {
        this.found = payload;
        this.wake();
      }
    });
  }

  private async hears(fits: Line['fits'], patienceMs = PATIENCE_MS): Promise<Buffer | undefined> {
    this.found = undefined;
    this.fits = fits;
    const timer = setTimeout(() => this.close(), patienceMs);
    if (!this.closed) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    clearTimeout(timer);
    return this.found;
  }
}
