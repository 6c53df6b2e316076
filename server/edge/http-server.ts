import { createServer, type Server as HttpServer, type ServerOptions } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { countedAddress, isLoopbackAddress, normalAddress } from './addresses.js';
import type { TrustedProxies } from './client-address.js';
import { Tally } from './tally.js';
import { LEAST_TLS_VERSION, readTlsFiles } from './tls.js';
import { addTransportSecurity } from './transport-security.js';

export interface HttpServerOptions {
  /** Files of a certificate and its key; both empty for a server that does not speak TLS. */
  readonly tlsCert: string;
  readonly tlsKey: string;
  /** How long a connection may take for TLS, and for the head of each of its requests, in milliseconds. */
  readonly handshakeTimeoutMs: number;
  readonly maxConnectionsPerAddress: number;
}

/** Largest head of a request, in bytes: a token of 8 KB, and cookies. */
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
/** A request with its body may take this many times as long as its head. */
const BODY_FACTOR = 3;
/** Node looks this often at what takes too long, as a part of what it may take. */
const LOOK_SHARE = 0.25;

/** Browsers have up to six connections beside their WebSocket, for a moment each. */
const SOCKETS_PER_CONNECTION = 2;

/**
 * A server that lets go of connections which keep it waiting: with nothing at all, half a TLS handshake, half a head, half a
 * body. Nobody listens to its requests yet.
 *
 * @throws TlsError as `readTlsFiles`
 */
export function createHttpServer(
  options: HttpServerOptions,
  proxies: TrustedProxies,
): HttpServer | HttpsServer {
  const { tlsCert, tlsKey, handshakeTimeoutMs, maxConnectionsPerAddress } = options;
  const common: ServerOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: handshakeTimeoutMs,
    requestTimeout: handshakeTimeoutMs * BODY_FACTOR,
    connectionsCheckingInterval: Math.ceil(handshakeTimeoutMs * LOOK_SHARE),
  };
  const server =
    tlsCert === ''
      ? createServer(common)
      : createHttpsServer({
          ...common,
          ...readTlsFiles({ tlsCert, tlsKey }),
          minVersion: LEAST_TLS_VERSION,
          handshakeTimeout: handshakeTimeoutMs,
        });
  server.maxHeadersCount = MAX_HEADERS;
  limitSockets(server, maxConnectionsPerAddress * SOCKETS_PER_CONNECTION, exemptFrom(proxies));
  addTransportSecurity(server, proxies);
  return server;
}

/**
 * Limits how many connections one address has, whatever it does with them: a connection costs memory and a file descriptor
 * before it has said anything. What is beyond is closed without a word.
 */
export function limitSockets(
  server: HttpServer,
  maxPerAddress: number,
  isExempt: (address: string) => boolean,
): void {
  const counts = new Tally();
  function leave(this: Counted): void {
    counts.less(this[KEY] ?? '');
  }
  server.on('connection', (socket: Counted) => {
    const address = normalAddress(socket.remoteAddress ?? '');
    if (address === undefined || isExempt(address)) return;
    const key = countedAddress(address);
    if (counts.of(key) >= maxPerAddress) {
      socket.destroy();
      return;
    }
    counts.more(key);
    socket[KEY] = key;
    // One function for all, which costs a connection nothing.
    socket.on('close', leave);
  });
}

/** Under what a socket is counted. */
const KEY = Symbol('counted address');

type Counted = Socket & { [KEY]?: string };

/** Who is on the same machine, and proxies that bring others, are not counted. */
export function exemptFrom(proxies: TrustedProxies): (address: string) => boolean {
  return (address) => isLoopbackAddress(address) || proxies.trusts(address);
}
