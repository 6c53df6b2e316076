import { isIP, isIPv4 } from 'node:net';

/**
 * An origin as browsers write it in the header of that name, or `*`. `undefined` for anything else: with a path, without a
 * scheme, `null` (which sandboxed pages and files have, whoever they belong to).
 */
export function readOrigin(raw: string): string | undefined {
  if (raw === '*') return raw;
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+$/i.test(raw) || !URL.canParse(raw)) return undefined;
  const { protocol, host, origin } = new URL(raw);
  // Of schemes that it does not know, such as those of apps, Node says "null".
  return origin === 'null' ? `${protocol}//${host}` : origin;
}

/** An IP address, or a range of them in CIDR form, as it was written. */
export function readAddressRange(raw: string): string | undefined {
  const [address = '', bits, ...rest] = raw.split('/');
  if (isIP(address) === 0 || rest.length > 0) return undefined;
  if (bits === undefined) return raw;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128) ? raw : undefined;
}

/** Whether who listens at this address is reached from the same machine only. A name other than `localhost` is not. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  if (isIPv4(host)) return host.startsWith('127.');
  if (isIP(host) === 0) return false;
  const { hostname } = new URL(`http://[${host.split('%')[0]}]/`);
  // IPv4 addresses in IPv6 form are written in hexadecimal: 7f is 127.
  return hostname === '[::1]' || /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/.test(hostname);
}
