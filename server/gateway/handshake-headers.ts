/** Headers that say who opened a connection, and from where; nothing else of its request is of use later. */
const KEPT_HEADERS = ['authorization', 'cookie', 'origin'] as const;

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Those headers of a request that say who it comes from. */
export function handshakeHeaders(headers: Headers): Record<string, string> {
  const keep: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') keep[name] = value;
  }
  return keep;
}
