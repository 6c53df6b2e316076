import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { Clock } from '../../shared/time.js';
import type { Edge, Visit } from '../edge/edge.js';
import { isPreflight } from '../edge/origins.js';
import { refuseRequest, refuseUpgrade } from '../edge/problem.js';
import { setTransportSecurity } from '../edge/transport-security.js';
import type { Counters } from '../telemetry/counters.js';
import type { FairTurns } from './fair-turns.js';
import type { CoscribeIo } from './socket-types.js';

/** engine.io's server; its typings call `clients` protected and take requests that it has prepared itself. */
interface Engine {
  readonly clients: Readonly<Record<string, Connection | undefined>>;
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  on(event: 'connection', listener: (connection: Connection) => void): unknown;
}

interface Connection {
  readonly request: object;
  /** What Socket.IO tells as the address of a client. */
  remoteAddress: string;
  on(event: 'close', listener: (this: Connection) => void): unknown;
  close(discard: true): unknown;
  [COUNTED]?: string;
}

/** Under what address a connection is counted. */
const COUNTED = Symbol('counted address');

/** A connection in the making. */
interface Entering {
  readonly address: string;
  counted: string | undefined;
  /** The connection is there, or will never be. */
  settle(): void;
}

/** For answers that no page may show or run; they hold what documents hold. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

interface GuardOptions {
  readonly edge: Edge;
  readonly turns: FairTurns;
  readonly clock: Clock;
  readonly counters: Counters;
}

/**
 * Stands before engine.io. Its own `allowRequest` is asked for handshakes only, not for the requests of a connection that
 * exists, and answers a refused WebSocket with 400. Every request is checked for its origin, every handshake for how many
 * connections its address has; too many requests of one polling connection are answered late.
 *
 * To be called before anything else listens to new connections.
 */
export function guardEngine(io: CoscribeIo, options: GuardOptions): void {
  const { edge, turns, clock, counters } = options;
  const engine = io.engine as unknown as Engine;
  const entering = new WeakMap<object, Entering>();
  const waiting = new WeakSet<Connection>();

  function leave(this: Connection): void {
    if (this[COUNTED] !== undefined) edge.counts.leaveAddress(this[COUNTED]);
    edge.counts.leaveUsers(this);
  }

  engine.on('connection', (connection) => {
    const entered = entering.get(connection.request);
    entered?.settle();
    connection.remoteAddress = entered?.address ?? connection.remoteAddress;
    if (entered?.counted !== undefined) connection[COUNTED] = entered.counted;
    connection.on('close', leave);
  });

  /** @throws CoscribeError `origin-refused` */
  function visit(request: IncomingMessage): Visit {
    const visited = edge.visit(request);
    // With `*` any page may come, but not with the cookies of whoever looks at it.
    if (visited.source === 'any') delete request.headers.cookie;
    return visited;
  }

  /** @throws CoscribeError `too-many-connections` */
  function enter(request: IncomingMessage, { client }: Visit, way: ServerResponse | Duplex): void {
    const counted = edge.countedAs(client);
    if (counted !== undefined) edge.counts.enterAddress(counted);
    const entry: Entering = {
      address: client.address,
      counted,
      settle: () => void way.off('close', giveUp),
    };
    const giveUp = (): void => {
      entry.settle();
      if (counted !== undefined) edge.counts.leaveAddress(counted);
      entry.counted = undefined;
    };
    way.on('close', giveUp);
    entering.set(request, entry);
  }

  function refusalOf(thrown: unknown): CoscribeError {
    const error = toCoscribeError(thrown);
    counters.refuse('connection', error.code);
    return error;
  }

  const { handleRequest, handleUpgrade } = engine;

  engine.handleRequest = (request, response) => {
    const pass = (): void => handleRequest.call(engine, request, response);
    try {
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
      const visited = visit(request);
      setTransportSecurity(response, visited.client);
      const cors = edge.origins.corsHeaders(visited.source, request.headers.origin);
      for (const [name, value] of Object.entries(cors)) response.setHeader(name, value);
      if (isPreflight(request.method, request.headers)) {
        response.writeHead(204, edge.origins.preflightHeaders()).end();
        return;
      }
      const sid = sidOf(request);
      if (sid === undefined) {
        enter(request, visited, response);
        pass();
        return;
      }
      const connection = Object.hasOwn(engine.clients, sid) ? engine.clients[sid] : undefined;
      const wait = connection === undefined ? 0 : turns.request(connection);
      if (connection === undefined || wait === 0 || request.method !== 'POST') pass();
      else if (waiting.has(connection)) {
        // Who does not wait for an answer is no Engine.IO client.
        connection.close(true);
        refuseRequest(response, refusalOf(new CoscribeError('too-many-requests')));
      } else {
        waiting.add(connection);
        clock.schedule(wait, () => {
          waiting.delete(connection);
          if (!response.destroyed) pass();
        });
      }
    } catch (error) {
      refuseRequest(response, refusalOf(error));
    }
  };

  engine.handleUpgrade = (request, socket, head) => {
    try {
      const visited = visit(request);
      if (sidOf(request) === undefined) enter(request, visited, socket);
    } catch (error) {
      refuseUpgrade(socket, refusalOf(error));
      return;
    }
    handleUpgrade.call(engine, request, socket, head);
  };
}

/** Of the connection that a request belongs to, as engine.io reads it. */
function sidOf({ url = '' }: IncomingMessage): string | undefined {
  // The last of several, as engine.io takes them; an empty one is none.
  return new URL(url, 'http://localhost').searchParams.getAll('sid').at(-1) || undefined;
}
