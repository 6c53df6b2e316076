import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { CoscribeError, toCoscribeError } from '../../../shared/errors.js';
import { Meter } from '../../documents/meter.js';
import type { Visit } from '../../edge/edge.js';
import { refuseUpgrade } from '../../edge/problem.js';
import type { ConnectionGroup } from '../../telemetry/node-sources.js';
import { Deadlines } from '../deadlines.js';
import type { GatewayServices } from '../gateway-services.js';
import { handshakeHeaders } from '../handshake-headers.js';
import { Pace, type PaceLimits, paceLimits } from '../pace.js';
import { PING_FRAME } from '../websocket-frames.js';
import { closeCodeOf } from './close-codes.js';
import { largestMessage, limitedWebSockets } from './limited-web-socket.js';
import { Line, type SharedByLines } from './line.js';
import { LineTurns } from './line-turns.js';
import { Unfinished } from './unfinished.js';
import type { LineTarget, WebSocketProtocol } from './web-socket-line.js';

/** What may wait for one line beside the answers to joins, in bytes. */
const MAX_QUEUED_BYTES = 4 * 1024 * 1024;
/** Who is asked whether he is there has so long, in milliseconds, until he is asked the next time. */
const PULSE_MS = 15_000;
/** Whoever is told that a connection is to end and does not agree within so long is cut off, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;

/** How the WebSocket, and the connection under it, find the line: a property is the quickest way. */
const LINE = Symbol('line');
/** Under which address a connection is counted. */
const COUNTED = Symbol('counted address');

type Found = WebSocket & { [LINE]?: Line };
type Wire = Socket & { [LINE]?: Line; [COUNTED]?: string };

/** What emits `upgrade` for requests to become a WebSocket: an HTTP server, or what stands for one. */
export type Upgrading = Pick<EventEmitter, 'on' | 'off'>;

/**
 * Lets WebSockets in that speak without Socket.IO, each under the path of its protocol. What may be asked before anybody is
 * known is asked before the WebSocket is there, and answered as HTTP; all the rest is the protocol's.
 */
export class WebSocketDoor {
  private readonly protocols: readonly WebSocketProtocol[];
  private readonly services: GatewayServices;
  private readonly server: WebSocketServer;
  private readonly lines = new Map<Line, WebSocketProtocol>();
  private readonly shared: SharedByLines;
  private readonly paceLimits: PaceLimits;
  private readonly pulses = new Map<WebSocketProtocol, Deadlines<Line>>();
  private readonly sources = new Set<Upgrading>();
  private closing: (() => void) | undefined;
  private isClosed = false;
  private readonly leaveAddress: (this: Wire) => void;

  constructor(protocols: readonly WebSocketProtocol[], services: GatewayServices) {
    const { limits, clock, counters, edge, ways } = services;
    this.protocols = protocols;
    this.services = services;
    this.paceLimits = paceLimits(limits);
    const unjoined = new Deadlines<Line>(clock, limits.joinTimeoutMs, (line) => {
      counters.count('never-joined');
      line.late();
    });
    this.shared = {
      counts: edge.counts,
      turns: new LineTurns(clock, counters),
      unfinished: new Unfinished(),
      unjoined,
      maxQueuedBytes: MAX_QUEUED_BYTES + 2 * limits.maxDocumentBytes,
    };
    for (const protocol of protocols) {
      const pulse = Buffer.concat([PING_FRAME, protocol.pulse ?? Buffer.of()]);
      const deadlines: Deadlines<Line> = new Deadlines(clock, PULSE_MS, (line) => {
        line.beat(pulse);
        if (line.isOpen) deadlines.start(line);
      });
      this.pulses.set(protocol, deadlines);
    }
    // `closeTimeout` is not in the typings.
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: largestMessage(limits),
      WebSocket: limitedWebSockets(services, (ws: Found) => this.tooLargeFor(ws)),
      closeTimeout: CLOSE_TIMEOUT_MS,
    };
    this.server = new WebSocketServer(options);
    this.server.on('wsClientError', ({ message }, socket) =>
      refuseUpgrade(socket, new CoscribeError('bad-request', message)),
    );
    ways?.watchWay(() => this.groups());
    // One function for all, which costs a connection nothing.
    this.leaveAddress = function leaveAddress(): void {
      if (this[COUNTED] !== undefined) edge.counts.leaveAddress(this[COUNTED]);
    };
  }

  private *groups(): Iterable<ConnectionGroup> {
    for (const protocol of this.protocols) {
      let count = 0;
      let queuedBytes = 0;
      for (const [line, spoken] of this.lines) {
        if (spoken !== protocol) continue;
        count++;
        queuedBytes += line.queuedBytes();
      }
      yield { protocol: protocol.name, transport: 'websocket', count, queuedBytes };
    }
  }

  /** Where it takes upgrades. */
  get paths(): readonly string[] {
    return this.protocols.map(({ path }) => path);
  }

  /** Number of WebSockets that are open. */
  get size(): number {
    return this.lines.size;
  }

  /** From now on upgrades under the paths of the protocols are taken from there. */
  listen(source: Upgrading): void {
    source.on('upgrade', this.upgrade);
    this.sources.add(source);
  }

  /** Closes every connection behind what waits for it, and lets nobody in any more. Fulfils when all are gone. */
  close(): Promise<void> {
    this.isClosed = true;
    const reason = new CoscribeError('shutting-down');
    return new Promise((resolve) => {
      this.closing = () => {
        for (const source of this.sources) source.off('upgrade', this.upgrade);
        this.sources.clear();
        resolve();
      };
      for (const line of this.lines.keys()) line.close(closeCodeOf(reason), reason.message);
      if (this.lines.size === 0) this.closing();
    });
  }

  private readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const found = this.find(request.url ?? '');
    if (found === undefined) return;
    try {
      const visit = this.visit(request, socket as Wire);
      this.server.handleUpgrade(request, socket, head, (ws) =>
        this.welcome(ws, socket as Wire, request, visit, found),
      );
    } catch (error) {
      refuseUpgrade(socket, this.refusalOf(error));
    }
  };

  private find(url: string): { protocol: WebSocketProtocol; target: LineTarget } | undefined {
    const end = url.indexOf('?');
    const path = end < 0 ? url : url.slice(0, end);
    const protocol = this.protocols.find((one) => path === one.path || path.startsWith(`${one.path}/`));
    if (protocol === undefined) return undefined;
    const query = new URLSearchParams(end < 0 ? '' : url.slice(end + 1));
    return { protocol, target: { rest: path.slice(protocol.path.length + 1), query } };
  }

  /** @throws CoscribeError `shutting-down`, `too-many-connections`, and as `Edge.visit` */
  private visit(request: IncomingMessage, wire: Wire): Visit {
    if (this.isClosed) throw new CoscribeError('shutting-down');
    const { edge } = this.services;
    const visit = edge.visit(request);
    // With `*` any page may come, but not with the cookies of whoever looks at it.
    if (visit.source === 'any') delete request.headers.cookie;
    const counted = edge.countedAs(visit.client);
    if (counted !== undefined) {
      edge.counts.enterAddress(counted);
      wire[COUNTED] = counted;
      wire.on('close', this.leaveAddress);
    }
    return visit;
  }

  private refusalOf(thrown: unknown): CoscribeError {
    const { counters, log } = this.services;
    const error = toCoscribeError(thrown);
    counters.refuse('connection', error.code);
    if (error.code === 'internal') log.error({ err: error.cause ?? error }, 'nobody could be let in');
    return error;
  }

  private welcome(
    ws: WebSocket,
    wire: Wire,
    { headers }: IncomingMessage,
    { client: { address } }: Visit,
    { protocol, target }: { protocol: WebSocketProtocol; target: LineTarget },
  ): void {
    const { limits, clock } = this.services;
    const line = new Line(
      {
        ws,
        wire,
        who: { headers: handshakeHeaders(headers), address },
        meter: new Meter(limits, clock),
        pace: new Pace(this.paceLimits),
      },
      this.shared,
    );
    (ws as Found)[LINE] = line;
    wire[LINE] = line;
    this.lines.set(line, protocol);
    this.pulses.get(protocol)?.start(line);
    // Before `ws`, which reads messages out of it.
    wire.prependListener('data', onData);
    ws.on('message', onMessage);
    ws.on('ping', onControl);
    ws.on('pong', onControl);
    // What is wrong with its frames ends it, and that is all there is to say.
    ws.on('error', ignore);
    ws.on('close', () => {
      this.lines.delete(line);
      this.pulses.get(protocol)?.done(line);
      line.leave();
      if (this.lines.size === 0) this.closing?.();
    });
    void this.open(line, protocol, target);
  }

  /** For a message that is too large: whose it is, and the code to close the WebSocket with. */
  private tooLargeFor({ [LINE]: line }: Found) {
    const protocol = line && this.lines.get(line);
    return { code: protocol?.tooLargeCode, facts: { protocol: protocol?.name, address: line?.address } };
  }

  private async open(line: Line, protocol: WebSocketProtocol, target: LineTarget): Promise<void> {
    try {
      line.listen(await protocol.open(line, target));
    } catch (error) {
      const refusal = this.refusalOf(error);
      line.close(closeCodeOf(refusal), refusal.message);
    }
  }
}

function onData(this: Wire, { length }: Buffer): void {
  this[LINE]?.chunk(length);
}

function onMessage(this: Found, data: RawData, isBinary: boolean): void {
  this[LINE]?.message(data as Buffer, isBinary);
}

function onControl(this: Found, { length }: Buffer): void {
  this[LINE]?.control(length);
}

function ignore(): void {}
