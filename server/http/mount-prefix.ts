import type { IncomingMessage } from 'node:http';

/** Express and its kin leave the whole address here when they take a prefix away. */
interface Mounted {
  readonly originalUrl?: string;
}

/** The prefix under which the application has put this, without a slash at its end. */
export function prefixOf(request: IncomingMessage): string {
  const { originalUrl } = request as Mounted;
  const { url = '' } = request;
  return originalUrl?.endsWith(url) === true ? originalUrl.slice(0, -url.length).replace(/\/$/, '') : '';
}
