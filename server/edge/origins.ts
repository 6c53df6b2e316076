import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { CoscribeError } from '../../shared/errors.js';
import type { Client } from './client-address.js';

export interface OriginOptions {
  /** Origins whose pages may use the server beside its own; `*` allows all. */
  readonly allowedOrigins: readonly string[];
  /**
   * Pages of this server are believed only under `localhost` and IP addresses. For a server that lets everybody on its
   * machine in: a foreign page that has its own name resolve to 127.0.0.1 would look like one of this server's.
   */
  readonly localOnly: boolean;
}

/** Whose page a request comes from: of this server, of an origin that is listed, of any; or of no page, as far as one can see. */
export type Source = 'own' | 'listed' | 'any' | 'none';

type Headers = IncomingMessage['headers'];

const PREFLIGHT_SECONDS = '600';
/** Headers of answers that a page of another origin may read, beside those that every page may. */
const EXPOSED = [
  'Coscribe-Connection',
  'Retry-After',
  'ETag',
  'Location',
  'Idempotency-Replayed',
  'Content-Disposition',
  'X-Request-Id',
];
/** Headers that it may send, beside those that every page may. */
const ACCEPTED = [
  'Authorization',
  'Content-Type',
  'If-Match',
  'If-None-Match',
  'Idempotency-Key',
  'Last-Event-ID',
  'X-Request-Id',
];

/**
 * Says which pages may use this server.
 *
 * The server's own origin is the one in whose name the request came (`Host`). Its scheme counts only where it is known to
 * be `https`: behind a proxy that ends TLS and is not trusted, a request looks like `http`, while its page is `https`. What
 * this gives away is small: only who controls the network can make a page of the same name without TLS, and there HSTS
 * stands against it.
 *
 * Who sends no `Origin` is no page of another origin: browsers leave it out only for their users' navigations and for
 * `GET`s within one origin, or without CORS, which `Sec-Fetch-Site` tells apart. Programs send what they like; to keep
 * them out is what tokens are for. `Origin: null` is every sandboxed page and every local file.
 */
export class Origins {
  private readonly listed: ReadonlySet<string>;
  private readonly listedHosts: ReadonlySet<string>;
  private readonly all: boolean;

  constructor(private readonly options: OriginOptions) {
    this.listed = new Set(options.allowedOrigins);
    this.listedHosts = new Set(options.allowedOrigins.map((origin) => origin.replace(/^[^/]*\/\//, '')));
    this.all = this.listed.has('*');
  }

  /** @throws CoscribeError `origin-refused` */
  check(headers: Headers, client: Client): Source {
    const { origin } = headers;
    if (this.options.localOnly && !client.viaProxy && !this.isLocal(client.host))
      throw refused(`this server answers to localhost, not to ${quoted(client.host)}`);
    if (origin === undefined) {
      const site = headers['sec-fetch-site'];
      if (site !== 'cross-site' && site !== 'same-site') return 'none';
      if (this.all) return 'any';
      throw refused(quoted(site));
    }
    if (isOwn(origin, client)) return 'own';
    if (this.listed.has(origin)) return 'listed';
    if (this.all) return 'any';
    throw refused(quoted(origin));
  }

  /**
   * Headers with which a page of another origin may read the answer. Cookies only for origins that are listed by name: with
   * `*` any page could use the cookies of whoever looks at it.
   */
  corsHeaders(source: Source, origin: string | undefined): Readonly<Record<string, string>> {
    // Answers are kept apart in caches as soon as they could differ.
    const vary = this.listed.size > 0 ? { Vary: 'Origin' } : NOTHING;
    if (origin === undefined || source === 'own' || source === 'none') return vary;
    const common = { ...vary, 'Access-Control-Expose-Headers': EXPOSED.join(', ') };
    if (source === 'any') return { ...common, 'Access-Control-Allow-Origin': '*' };
    return {
      ...common,
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Credentials': 'true',
    };
  }

  /** What the answer to a preflight request (`isPreflight`) has beside `corsHeaders`. */
  preflightHeaders(): Readonly<Record<string, string>> {
    return {
      'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'Access-Control-Allow-Headers': ACCEPTED.join(', '),
      'Access-Control-Max-Age': PREFLIGHT_SECONDS,
    };
  }

  private isLocal(host: string | undefined): boolean {
    if (host === undefined || this.listedHosts.has(host.toLowerCase())) return true;
    const name = hostnameOf(host);
    if (name === undefined) return false;
    return name === 'localhost' || name.endsWith('.localhost') || name.startsWith('[') || isIPv4(name);
  }
}

const NOTHING: Readonly<Record<string, string>> = {};

/** A browser's question whether a page may send a request (Fetch Standard, "CORS-preflight request"). */
export function isPreflight(method: string | undefined, headers: Headers): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && 'access-control-request-method' in headers;
}

function isOwn(origin: string, { host, secure }: Client): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (page.origin !== origin || !(page.protocol === 'https:' || (page.protocol === 'http:' && !secure)))
    return false;
  // With the page's scheme, so that the port which goes without saying is the same.
  const server = `${page.protocol}//${host}`;
  return URL.canParse(server) && new URL(server).origin === origin;
}

function hostnameOf(host: string): string | undefined {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

function quoted(text: string | undefined): string {
  return JSON.stringify(text?.slice(0, 100) ?? '');
}

function refused(detail: string): CoscribeError {
  return new CoscribeError('origin-refused', detail);
}
