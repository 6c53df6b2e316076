import { connect as openSocket, type Socket } from 'node:net';
import { clientFrame, PING, upgradeRequest } from './frames.js';
import { connect, type Ground, join, type Shot } from './shots.js';

/** How long anything may take before the connection is given up, in milliseconds. */
const PATIENCE_MS = 5_000;
const PATH = '/socket.io/?EIO=4&transport=websocket';
/** Of what came, so much is kept to look for what is waited for: it may come in parts. */
const KEPT_CHARACTERS = 2_000;

/** A connection to one document, without a client: anything can be written to it, and what comes is not kept. */
export class Line {
  closed = false;
  private heard = '';
  private wake: () => void = () => {};
  private pings = 0;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.heard = (this.heard + chunk.toString('latin1')).slice(-KEPT_CHARACTERS);
      this.wake();
    });
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
    if (!(await line.hears('"sid":"'))) return undefined;
    const sid = /"sid":"([^"]+)"/.exec(line.heard)?.[1];
    if (sid !== undefined) onSid(sid);
    line.write(connect(ground));
    if (!(await line.hears(`40${ground.namespace},{"sid"`))) return undefined;
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
  async settled(): Promise<boolean> {
    const mark = `ping ${++this.pings}.`;
    this.write(clientFrame(mark, { opcode: PING }));
    return this.hears(mark);
  }

  close(): void {
    this.socket.destroy();
  }

  private async hears(text: string): Promise<boolean> {
    const timer = setTimeout(() => this.close(), PATIENCE_MS);
    while (!this.closed && !this.heard.includes(text)) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    clearTimeout(timer);
    return this.heard.includes(text);
  }
}
