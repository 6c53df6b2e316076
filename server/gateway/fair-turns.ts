import type { Socket as NetSocket } from 'node:net';
import type { Clock } from '../../shared/time.js';
import type { Counters } from '../telemetry/counters.js';
import { cutOff } from './engine-connection.js';
import { Pace, type PaceLimits } from './pace.js';
import { PACKET_BYTES, packetSize } from './packet-size.js';
import type { CoscribeIo } from './socket-types.js';
import { type Receiving, Unfinished } from './websocket/unfinished.js';

/** What a connection may send before others get their turn, in bytes. */
const REST_AFTER_BYTES = 64 * 1024;
/** What small packets may add to the largest request, in bytes: a thousand of them. */
const REQUEST_OVERHEAD_BYTES = 1000 * PACKET_BYTES;
/** Somebody who is too fast is not read for so long at least, in milliseconds: to stop and to go on costs, too. */
const LEAST_HOLD_MS = 50;
/** What a connection to a namespace costs, in packets: Socket.IO makes a socket before anybody is asked. */
const CONNECT_PACKETS = 20;
/** What a request of the polling transport costs beside what it brings, in packets. */
const REQUEST_PACKETS = 5;
/**
 * Who has sent so much more than he may that he would have to wait so long, in milliseconds, is no client of ours. What
 * one read from the network brings (64 KB) is dealt with before anybody can be held up; of updates that is a third of a
 * second's worth.
 */
const MAX_DEBT_MS = 3_000;
/** What may wait for a connection in answers to its WebSocket pings, in bytes: nobody else counts those. */
const MAX_PONG_BYTES = 256 * 1024;
/** Socket.IO's mark of a connection to a namespace, the first character of a packet. */
const CONNECT = 0x30;

/** The part of an engine.io socket that is used here; the typings call the WebSocket of its transport private. */
interface Connection extends Receiving {
  readonly transport: Transport;
  readonly readyState: string;
  on(event: 'packet', listener: (this: Connection, packet: { readonly data?: unknown }) => void): unknown;
  on(event: 'upgrade' | 'close', listener: (this: Connection) => void): unknown;
  close(discard: true): unknown;
  [PACE]?: Pace;
}

interface Transport {
  readonly name: string;
  readonly socket?: Line;
}

/** The part of a WebSocket of `ws` that is used here. */
interface Line {
  readonly _socket?: Wire | null;
  pause(): void;
  resume(): void;
  on(event: 'ping' | 'pong', listener: (this: Line, data: Buffer) => void): unknown;
  [CONNECTION]?: Connection;
}

type Wire = Pick<NetSocket, 'writableLength'> & {
  prependListener(event: 'data', listener: (this: Wire, chunk: Buffer) => void): unknown;
  [CONNECTION]?: Connection;
};

/** How a connection, and what belongs to it, find what they need: a property is the quickest way. */
const PACE = Symbol('pace');
const CONNECTION = Symbol('connection');

export interface FairTurnsOptions {
  /** The largest message that is taken, in bytes. */
  readonly maxRequestBytes: number;
  readonly pace: PaceLimits;
  readonly clock: Clock;
  readonly counters: Pick<Counters, 'count'>;
}

/**
 * Lets everybody else go on when somebody sends much.
 *
 * At once: Node reads up to 2 MB of one connection before it looks at the next (libuv's `uv__read`), in which there is
 * room for 25,000 messages. Here a WebSocket that has sent its share is not read on before the others had their turn. A
 * polling request cannot be interrupted: one that brings more packets than any client has to say ends its connection.
 * What belongs together comes in a row, so that one count does for all connections.
 *
 * For long: whoever goes on sending faster than he may is not read for a while, until the operating system holds him up.
 * To refuse what he sends costs, too, and all of it counts: packets that are none, control frames of WebSockets, and bytes
 * that never become a packet.
 */
export class FairTurns {
  private readonly maxPerTurn: number;
  private speaker: Connection | undefined;
  private spent = 0;
  private resting = false;
  private readonly unfinished = new Unfinished();

  constructor(
    io: CoscribeIo,
    private readonly options: FairTurnsOptions,
  ) {
    this.maxPerTurn = options.maxRequestBytes + REQUEST_OVERHEAD_BYTES;
    // Each of them is one function for all, which costs a connection nothing.
    const turns = this;
    function packet(this: Connection, { data }: { readonly data?: unknown }): void {
      turns.packet(this, data);
    }
    function ping(this: Line, { length }: Buffer): void {
      turns.control(this, length);
      turns.ping(this);
    }
    function pong(this: Line, { length }: Buffer): void {
      turns.control(this, length);
    }
    function chunk(this: Wire, { length }: Buffer): void {
      if (this[CONNECTION] !== undefined) turns.chunk(this[CONNECTION], length);
    }
    function gone(this: Connection): void {
      turns.unfinished.finish(this);
    }
    function watch(this: Connection): void {
      const line = this.transport.socket;
      const wire = line?._socket;
      if (!line || !wire) return;
      line[CONNECTION] = this;
      wire[CONNECTION] = this;
      line.on('ping', ping);
      line.on('pong', pong);
      // Before `ws`, which reads messages out of it.
      wire.prependListener('data', chunk);
      this.on('close', gone);
    }
    io.engine.on('connection', (connection: Connection) => {
      connection.unfinished = 0;
      connection.on('packet', packet);
      if (connection.transport.name === 'websocket') watch.call(connection);
      else connection.on('upgrade', watch);
    });
  }

  /** A request of the polling transport has come. @returns in how many milliseconds it may be read */
  request(connection: object): number {
    const pace = this.paceOf(connection as Connection);
    const now = this.options.clock.monotonic();
    pace.take(REQUEST_PACKETS, 0, now);
    return pace.wait(now);
  }

  /** Bytes have come over a WebSocket. */
  private chunk(connection: Connection, length: number): void {
    if (!this.unfinished.add(connection, length)) this.end(connection);
    this.take(connection, 0, length);
  }

  private packet(connection: Connection, data: unknown): void {
    this.unfinished.finish(connection);
    const size = packetSize({ data });
    const connects = typeof data === 'string' && data.charCodeAt(0) === CONNECT;
    const polls = connection.transport.name === 'polling';
    // The bytes of a WebSocket are counted as they come.
    this.take(connection, connects ? CONNECT_PACKETS : 1, polls ? size : 0);
    if (this.speaker !== connection) {
      this.speaker = connection;
      this.spent = 0;
      this.resting = false;
    }
    this.spent += size;
    if (this.spent <= REST_AFTER_BYTES) return;
    if (!this.resting) this.rest(connection);
    else if (polls && this.spent > this.maxPerTurn) connection.close(true);
  }

  private control(line: Line, length: number): void {
    const connection = line[CONNECTION];
    if (connection !== undefined) this.unfinished.finishControl(connection, length);
  }

  private ping(line: Line): void {
    const connection = line[CONNECTION];
    if (connection === undefined) return;
    this.take(connection, 1, 0);
    if ((line._socket?.writableLength ?? 0) > MAX_PONG_BYTES) setImmediate(() => cutOff(connection));
  }

  private take(connection: Connection, packets: number, bytes: number): void {
    const pace = this.paceOf(connection);
    const now = this.options.clock.monotonic();
    pace.take(packets, bytes, now);
    const wait = pace.wait(now);
    if (wait > MAX_DEBT_MS) this.end(connection);
    else if (wait > 0 && !pace.held) this.hold(connection, pace);
  }

  /** What else has come from it already is not looked at. */
  private end(connection: Connection): void {
    if (connection.readyState !== 'open') return;
    this.options.counters.count('flood-ended');
    cutOff(connection);
  }

  private hold(connection: Connection, pace: Pace): void {
    const { clock, counters } = this.options;
    const { socket: line } = connection.transport;
    // Requests of the polling transport are held up as they come.
    if (line === undefined) return;
    counters.count('connection-held');
    pace.held = true;
    line.pause();
    const lookAgain = (): void => {
      const wait = pace.wait(clock.monotonic());
      if (wait > 0) {
        clock.schedule(Math.max(wait, LEAST_HOLD_MS), lookAgain);
        return;
      }
      pace.held = false;
      line.resume();
    };
    lookAgain();
  }

  private rest(connection: Connection): void {
    this.resting = true;
    const { name, socket } = connection.transport;
    const line = name === 'websocket' ? socket : undefined;
    line?.pause();
    setImmediate(() => {
      if (!this.paceOf(connection).held) line?.resume();
      if (this.speaker === connection) this.speaker = undefined;
    });
  }

  private paceOf(connection: Connection): Pace {
    connection[PACE] ??= new Pace(this.options.pace);
    return connection[PACE];
  }
}
