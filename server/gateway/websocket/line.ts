import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Credentials } from '../../auth/access.js';
import type { Meter } from '../../documents/meter.js';
import type { ConnectionCounts } from '../../edge/connection-counts.js';
import type { Deadlines } from '../deadlines.js';
import type { Pace } from '../pace.js';
import { binaryFrame, binaryFrameHead, lengthOf } from '../websocket-frames.js';
import { closeReasonOf, UNSUPPORTED_DATA } from './close-codes.js';
import type { LineTurns, ReadLine } from './line-turns.js';
import type { Receiving, Unfinished } from './unfinished.js';
import type { LineListener, WebSocketLine } from './web-socket-line.js';

/** Longer messages are not copied into one piece with their head: that would cost more than a second write. In bytes. */
const LONGEST_COPIED = 16 * 1024;
/** What may wait for a line in answers to its pings, in bytes. */
const MAX_PONG_BYTES = 256 * 1024;

/** What the lines of a door have in common. */
export interface SharedByLines {
  readonly counts: ConnectionCounts;
  readonly turns: LineTurns;
  readonly unfinished: Unfinished;
  /** Those that have joined nothing yet. */
  readonly unjoined: Pick<Deadlines<Line>, 'start' | 'done'>;
  /** What may wait for one line, in bytes. */
  readonly maxQueuedBytes: number;
}

export interface LineParts {
  readonly ws: WebSocket;
  /** The connection under the WebSocket: what is written to it comes behind everything that the WebSocket has sent. */
  readonly wire: Socket;
  /** Who he is, as far as the handshake says. */
  readonly who: Credentials;
  readonly meter: Meter;
  readonly pace: Pace;
}

type Why = 'opening' | 'pace' | 'turn';
const REASONS: Readonly<Record<Why, number>> = { opening: 1, pace: 2, turn: 4 };

/**
 * A WebSocket. The package `ws` (read in 8.21) reads it, answers pings and closes it; messages go past it. It has no queue
 * of its own as long as nothing is compressed, so that what is written to the network directly keeps its place.
 */
export class Line implements WebSocketLine, ReadLine, Receiving {
  readonly meter: Meter;
  readonly pace: Pace;
  unfinished = 0;
  private readonly ws: WebSocket;
  private readonly wire: Socket;
  private readonly who: Credentials;
  private listener: LineListener | undefined;
  private ended = false;
  private gone = false;
  /** Why nothing is read, as a sum. */
  private held = 0;
  /** Nothing has come since the last ping. */
  private silent = false;
  /** Bytes that the network had taken at the last ping. */
  private taken = 0;
  private overflowing = false;

  constructor(
    { ws, wire, who, meter, pace }: LineParts,
    private readonly shared: SharedByLines,
  ) {
    this.ws = ws;
    this.wire = wire;
    this.who = who;
    this.meter = meter;
    this.pace = pace;
    this.hold('opening');
    shared.unjoined.start(this);
  }

  get address(): string {
    return this.who.address;
  }

  get isOpen(): boolean {
    return !this.ended && this.ws.readyState === this.ws.OPEN;
  }

  /** From now on the protocol hears what comes. */
  listen(listener: LineListener): void {
    if (this.gone) {
      listener.closed();
      return;
    }
    this.listener = listener;
    this.goOn('opening');
  }

  credentials(token?: string): Credentials {
    return token === undefined ? this.who : { ...this.who, token };
  }

  enterUser(user: string): void {
    // A connection that ended meanwhile would be counted for ever.
    if (!this.gone) this.shared.counts.enterUser(this, user);
  }

  joined(): void {
    this.shared.unjoined.done(this);
  }

  unjoined(): void {
    if (!this.gone) this.shared.unjoined.start(this);
  }

  send(...parts: readonly Uint8Array[]): void {
    const length = lengthOf(parts);
    if (length <= LONGEST_COPIED) {
      this.sendFrames(binaryFrame(parts));
      return;
    }
    if (!this.isOpen) return;
    const { wire } = this;
    wire.cork();
    wire.write(binaryFrameHead(length));
    for (const part of parts) wire.write(part);
    wire.uncork();
    this.boundQueue();
  }

  sendFrames(frames: Buffer): void {
    if (!this.isOpen) return;
    this.wire.write(frames);
    this.boundQueue();
  }

  queuedBytes(): number {
    return this.wire.writableLength;
  }

  close(code: number, reason: string): void {
    if (this.ended) return;
    this.ended = true;
    this.shared.unjoined.done(this);
    this.ws.close(code, closeReasonOf(reason));
    // Or the answer to it would not be read.
    this.goOn('opening');
  }

  cutOff(): void {
    this.ended = true;
    this.ws.terminate();
  }

  hold(why: Why): void {
    if (this.held === 0) this.ws.pause();
    this.held |= REASONS[why];
  }

  goOn(why: Why): void {
    if (this.held === 0) return;
    this.held &= ~REASONS[why];
    if (this.held === 0) this.ws.resume();
  }

  // What follows is for the door.

  /** Bytes have come, before `ws` has looked at them. */
  chunk(length: number): void {
    this.silent = false;
    const { unfinished, turns } = this.shared;
    if (!unfinished.add(this, length)) turns.end(this);
    turns.bytes(this, length);
  }

  message(bytes: Uint8Array, isBinary: boolean): void {
    this.shared.unfinished.finish(this);
    this.shared.turns.packet(this);
    if (!this.isOpen) return;
    if (isBinary) this.listener?.message(bytes);
    else this.close(UNSUPPORTED_DATA, 'Messages are binary here.');
  }

  /** A ping or a pong has come. @param length of what is in it, in bytes */
  control(length: number): void {
    this.shared.unfinished.finishControl(this, length);
    this.shared.turns.packet(this);
    if (this.wire.writableLength > MAX_PONG_BYTES) this.overflow();
  }

  late(): void {
    if (this.isOpen) this.listener?.late();
  }

  /**
   * Asks whether it is still there, or cuts it off if it has not answered since the last time. Who takes something of what
   * waits for him is there: the question itself waits behind that.
   */
  beat(pulse: Buffer): void {
    if (!this.isOpen) return;
    const queued = this.wire.writableLength;
    const taken = this.wire.bytesWritten - queued;
    const takes = queued > 0 && taken > this.taken;
    this.taken = taken;
    if (this.silent && !takes) {
      this.cutOff();
      return;
    }
    this.silent = true;
    this.wire.write(pulse);
    this.listener?.pulse?.();
  }

  leave(): void {
    this.gone = true;
    this.ended = true;
    this.shared.unfinished.finish(this);
    this.shared.unjoined.done(this);
    this.shared.counts.leaveUsers(this);
    this.listener?.closed();
  }

  private boundQueue(): void {
    if (this.wire.writableLength > this.shared.maxQueuedBytes) this.overflow();
  }

  private overflow(): void {
    if (this.overflowing) return;
    this.overflowing = true;
    // Not from within whatever is sending.
    setImmediate(() => this.cutOff());
  }
}
