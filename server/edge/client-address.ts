import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4 } from 'node:net';
import { normalAddress } from './addresses.js';

/** What of a request says where it comes from. */
export interface Arrival {
  readonly headers: IncomingMessage['headers'];
  readonly socket: { readonly remoteAddress?: string | undefined; readonly encrypted?: boolean };
}

/** Where a request comes from, and which address of this server it was sent to. */
export interface Client {
  /** In its normal form; empty if the connection is gone already. */
  readonly address: string;
  /** A trusted proxy brought it, and `address` is what it names. */
  readonly viaProxy: boolean;
  /** The address is that of a trusted proxy, which named nobody. */
  readonly isProxy: boolean;
  /** It came by TLS, to this server or to a trusted proxy. */
  readonly secure: boolean;
  /** Name and port as the client knows them. */
  readonly host: string | undefined;
}

/** The proxies whose `X-Forwarded-…` headers are believed. Of everybody else these headers are ignored. */
export class TrustedProxies {
  private readonly list = new BlockList();

  /** @param ranges addresses, or ranges in CIDR form; they have to be well-formed */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const [address = '', bits] = range.split('/');
      // BlockList matches an IPv4 address that is written as IPv6 with IPv4 rules, too.
      const family = isIPv4(address) ? 'ipv4' : 'ipv6';
      if (bits === undefined) this.list.addAddress(address, family);
      else this.list.addSubnet(address, Number(bits), family);
    }
  }

  /**
   * Who sent a request. Of `X-Forwarded-For`, in which each proxy writes on the right from whom it had the request, what
   * stands left of the first address that is not trusted is hearsay. Never throws, whatever the headers hold.
   */
  clientOf({ headers, socket }: Arrival): Client {
    const peer = normalAddress(socket.remoteAddress ?? '') ?? '';
    const encrypted = socket.encrypted === true;
    if (!this.trusts(peer))
      return { address: peer, viaProxy: false, isProxy: false, secure: encrypted, host: headers.host };
    let address = peer;
    let viaProxy = false;
    const named = textOf(headers['x-forwarded-for']).split(',');
    while (this.trusts(address)) {
      const next = normalAddress(named.pop() ?? '');
      if (next === undefined) break;
      address = next;
      viaProxy = true;
    }
    // Of several values the last is the one that the nearest proxy wrote.
    const scheme = textOf(headers['x-forwarded-proto']).split(',').pop()?.trim().toLowerCase();
    const host = textOf(headers['x-forwarded-host']).split(',').pop()?.trim();
    return {
      address,
      viaProxy,
      isProxy: this.trusts(address),
      secure: encrypted || scheme === 'https',
      host: host || headers.host,
    };
  }

  /** Of a normal address. */
  trusts(address: string): boolean {
    return address !== '' && this.list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  }
}

function textOf(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' ? header : (header?.join(',') ?? '');
}
