/** Nobody is believed who wants to be left alone for longer, in milliseconds. */
const MAX_MS = 86_400_000;

const SECONDS = /^\s*\d+\s*$/;

/** `Date.parse` reads much else as dates. */
const DATE = /^\s*[A-Z][a-z]+, /;

/**
 * How long to wait, in milliseconds, by a `Retry-After` header (RFC 9110, 10.2.3): seconds, or a date. 0 if there is
 * none, or it makes no sense.
 *
 * @param now milliseconds since the Unix epoch
 */
export function readRetryAfter(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  const ms = SECONDS.test(header) ? Number(header) * 1000 : DATE.test(header) ? Date.parse(header) - now : 0;
  return ms > 0 ? Math.min(ms, MAX_MS) : 0;
}
