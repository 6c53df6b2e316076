import { isIPv4, isIPv6 } from 'node:net';

/**
 * One spelling for each IP address: an IPv4 address that is written as IPv6 becomes IPv4, IPv6 is in its shortest form,
 * a zone and what proxies put around an address (a port, brackets) are left out. `undefined` for anything else.
 */
export function normalAddress(raw: string): string | undefined {
  const text = raw.trim();
  if (isIPv4(text)) return text;
  const bare = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return undefined;
  const { hostname } = new URL(`http://[${bare.split('%')[0]}]/`);
  const address = hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (mapped === null) return address;
  const [high, low] = [mapped[1], mapped[2]].map((group) => Number.parseInt(group ?? '', 16)) as [
    number,
    number,
  ];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Of a normal address. */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

/**
 * What is counted as one for limits per address. Of IPv6 that is the network of 64 bits: whoever has one address of it has
 * them all (RFC 6177).
 */
export function countedAddress(address: string): string {
  if (!isIPv6(address)) return address;
  const [front = [], behind = []] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = Array.from({ length: 8 - front.length - behind.length }, () => '0');
  const groups = [...front, ...zeros, ...behind];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
