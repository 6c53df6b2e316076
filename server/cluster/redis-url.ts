import { BusOpenError } from './bus-open-error.js';

/** Where a Redis server is, and how to log in. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Pub/sub is the same in all databases; some servers let a user into one only. */
  readonly database: number;
}

const FORMS =
  'Give "redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]", "rediss://…" for TLS, or several of them separated by commas for a Redis Cluster.';
const DEFAULT_PORT = 6379;

/**
 * Reads `COSCRIBE_REDIS_URL`: one address, or several nodes of one Redis Cluster.
 *
 * @throws BusOpenError with a sentence that names no password
 */
export function parseRedisUrls(text: string): readonly RedisAddress[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) throw new BusOpenError(`The address of Redis is empty. ${FORMS}`);
  const addresses = parts.map(parseRedisUrl);
  const [first] = addresses;
  for (const { tls, username, password, database } of addresses) {
    if (tls !== first?.tls || username !== first.username || password !== first.password) {
      throw new BusOpenError(
        'The addresses of Redis differ in more than host and port, but the nodes of a Redis Cluster share scheme, user and password. Make them alike.',
      );
    }
    if (addresses.length > 1 && database !== 0) {
      throw new BusOpenError('A Redis Cluster has database 0 only. Leave the database out of the addresses.');
    }
  }
  return addresses;
}

function parseRedisUrl(text: string): RedisAddress {
  // What is wrong is told without the text itself: it may hold a password.
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new BusOpenError(`The address of Redis is no URL. ${FORMS}`);
  }
  const { protocol, hostname, port, pathname } = url;
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    throw new BusOpenError(`The address of Redis begins with "${protocol}". ${FORMS}`);
  }
  if (hostname === '') throw new BusOpenError(`The address of Redis names no host. ${FORMS}`);
  if (url.search !== '' || url.hash !== '') {
    throw new BusOpenError(`The address of Redis has something after a "?" or "#". ${FORMS}`);
  }
  const database = /^\/?$/.test(pathname) ? '0' : /^\/(\d{1,5})$/.exec(pathname)?.[1];
  if (database === undefined) {
    throw new BusOpenError(`The address of Redis has a path that is no number of a database. ${FORMS}`);
  }
  return {
    host: decode(hostname.replace(/^\[(.*)\]$/, '$1')),
    port: port === '' ? DEFAULT_PORT : Number(port),
    tls: protocol === 'rediss:',
    username: url.username === '' ? undefined : decode(url.username),
    password: url.password === '' ? undefined : decode(url.password),
    database: Number(database),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new BusOpenError(`The address of Redis has a "%" that begins no "%XX" sequence. ${FORMS}`);
  }
}

/** What is wrong with a value of `COSCRIBE_REDIS_URL`, as a sentence for the operator; `undefined` if nothing is. */
export function checkRedisUrls(text: string): string | undefined {
  try {
    parseRedisUrls(text);
    return undefined;
  } catch (error) {
    if (error instanceof BusOpenError) return error.message;
    throw error;
  }
}

/** `redis://host:port`, without what is secret. */
export function describeAddress({ tls, host, port }: RedisAddress): string {
  return `${tls ? 'rediss' : 'redis'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
