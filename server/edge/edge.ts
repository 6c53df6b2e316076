import type { IncomingMessage } from 'node:http';
import { CoscribeError } from '../../shared/errors.js';
import { countedAddress, isLoopbackAddress } from './addresses.js';
import { type Client, TrustedProxies } from './client-address.js';
import { ConnectionCounts, type ConnectionLimits } from './connection-counts.js';
import { exemptFrom } from './http-server.js';
import { Origins, type Source } from './origins.js';

export interface EdgeOptions extends ConnectionLimits {
  /** Origins whose pages may use the server beside its own; `*` allows all. */
  readonly allowedOrigins: readonly string[];
  /** Addresses and CIDR ranges of proxies whose `X-Forwarded-…` headers are believed. */
  readonly trustedProxies: readonly string[];
  /**
   * Whoever is not on this machine is not let in, and pages of this server are believed only under `localhost` and IP
   * addresses; see `OriginOptions`. What a trusted proxy brings is let in: whoever names one knows who can reach it.
   */
  readonly localOnly: boolean;
}

/** Where a request comes from, and from whose page. */
export interface Visit {
  readonly client: Client;
  readonly source: Source;
}

/** What is looked at before anybody is asked who he is: address, origin, how many connections there are already. */
export class Edge {
  readonly proxies: TrustedProxies;
  readonly origins: Origins;
  readonly counts: ConnectionCounts;
  private readonly isExempt: (address: string) => boolean;
  private readonly localOnly: boolean;

  constructor(options: EdgeOptions) {
    this.proxies = new TrustedProxies(options.trustedProxies);
    this.origins = new Origins(options);
    this.counts = new ConnectionCounts(options);
    this.localOnly = options.localOnly;
    this.isExempt = exemptFrom(this.proxies);
  }

  /** @throws CoscribeError `origin-refused`; `unauthenticated` for somebody who is not on this machine, where that counts */
  visit(request: IncomingMessage): Visit {
    const client = this.proxies.clientOf(request);
    if (this.localOnly && !client.viaProxy && !isLoopbackAddress(client.address))
      throw new CoscribeError(
        'unauthenticated',
        'this server knows nobody, and lets only its own machine in',
      );
    return { client, source: this.origins.check(request.headers, client) };
  }

  /**
   * Under what a client is counted for limits per address; `undefined` for those who are not: programs on this machine,
   * and proxies that are trusted and name nobody. Behind a proxy, `127.0.0.1` is an address like any other.
   */
  countedAs({ address, viaProxy, isProxy }: Client): string | undefined {
    if (address === '' || isProxy || (!viaProxy && this.isExempt(address))) return undefined;
    return countedAddress(address);
  }
}
