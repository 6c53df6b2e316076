import type { Target } from '../../plan.js';
import type { Address } from '../../wire/websocket-client.js';

/** Where a server listens, and what stands before the paths of its protocol. */
export interface TargetAddress extends Address {
  readonly url: string;
  readonly base: string;
}

/** @throws Error if it is no address of a server */
export function addressOf({ url }: Target): TargetAddress {
  const { protocol, hostname, port, pathname } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new Error(`${url} is no http:// or https:// address`);
  const tls = protocol === 'https:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const number = port === '' ? (tls ? 443 : 80) : Number(port);
  const base = pathname.replace(/\/+$/, '');
  return { url, host, port: number, base, ...(tls ? { tls } : {}) };
}

/** The path of a request: the target's own, then the protocol's. */
export function pathAt({ base }: TargetAddress, path: string): string {
  return path === '/' && base !== '' ? base : `${base}${path}`;
}
