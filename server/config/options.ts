/**
 * Every option of the server, declared once. The environment variable, the flag, the line of `--help`, the row of
 * the table in docs/OPERATIONS.md and the type in `Config` all come from here.
 */
export interface Option<T> {
  readonly env: string;
  /** Long flag, without the dashes. */
  readonly flag: string;
  /** What `--help` shows for the value: `BYTES`. */
  readonly placeholder: string;
  readonly default: T;
  readonly sentence: string;
  /** The value may hold a password: no message repeats it. */
  readonly secret?: true;
  /** The value, or a sentence's predicate saying what it must be: "must be a whole number from 1 to 9". */
  parse(raw: string): { readonly value: T } | { readonly problem: string };
}

type Declaration<T> = Omit<Option<T>, 'parse' | 'placeholder'>;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const DAY_MS = 86_400_000;
const GIGABYTE = 2 ** 30;

export const OPTIONS = {
  port: integer('PORT', {
    env: 'PORT',
    flag: 'port',
    default: 8080,
    min: 0,
    max: 65_535,
    sentence: 'TCP port to listen on; 0 takes any free one.',
  }),
  host: text({
    env: 'HOST',
    flag: 'host',
    default: '127.0.0.1',
    sentence: 'Address to listen on; 0.0.0.0 lets other machines in.',
  }),
  store: storeAddress({
    env: 'COSCRIBE_STORE',
    flag: 'store',
    default: 'sqlite:./data/coscribe.db',
    secret: true,
    sentence: 'Where documents are kept: sqlite:FILE, postgres://USER:PASSWORD@HOST/DATABASE, or memory:.',
  }),
  redisUrl: redisAddress({
    env: 'COSCRIBE_REDIS_URL',
    flag: 'redis-url',
    default: '',
    secret: true,
    sentence: 'Redis 7 between several nodes: redis://HOST:PORT, or nodes of a Redis Cluster with commas.',
  }),
  logLevel: oneOf(LOG_LEVELS, {
    env: 'COSCRIBE_LOG_LEVEL',
    flag: 'log-level',
    default: 'info',
    sentence: 'The least important messages that are logged: debug, info, warn or error.',
  }),
  maxUpdateBytes: integer('BYTES', {
    env: 'COSCRIBE_MAX_UPDATE_BYTES',
    flag: 'max-update-bytes',
    default: 262_144,
    min: 1024,
    max: GIGABYTE,
    sentence: 'Largest update that one message may carry, in bytes; clients split what is larger.',
  }),
  maxDocumentBytes: integer('BYTES', {
    env: 'COSCRIBE_MAX_DOCUMENT_BYTES',
    flag: 'max-document-bytes',
    default: 10_485_760,
    min: 1024,
    max: GIGABYTE,
    sentence: 'Largest document, in bytes of its stored state.',
  }),
  unloadAfterMs: integer('MS', {
    env: 'COSCRIBE_UNLOAD_AFTER_MS',
    flag: 'unload-after-ms',
    default: 30_000,
    min: 0,
    max: DAY_MS,
    sentence: 'How long a document that nobody has open stays in memory, in milliseconds.',
  }),
  stopTimeoutMs: integer('MS', {
    env: 'COSCRIBE_STOP_TIMEOUT_MS',
    flag: 'stop-timeout-ms',
    default: 25_000,
    min: 0,
    max: DAY_MS,
    sentence: 'How long a stop may take before the process ends with what is unfinished, in milliseconds.',
  }),
  drainDelayMs: integer('MS', {
    env: 'COSCRIBE_DRAIN_DELAY_MS',
    flag: 'drain-delay-ms',
    default: 0,
    min: 0,
    max: DAY_MS,
    sentence:
      'How long a node of several serves on when stopped, until load balancers notice, in milliseconds.',
  }),
} as const;

export type Options = typeof OPTIONS;

function integer(
  placeholder: string,
  declaration: Declaration<number> & { readonly min: number; readonly max: number },
): Option<number> {
  const { min, max, ...rest } = declaration;
  return {
    ...rest,
    placeholder,
    parse(raw) {
      const value = /^-?\d+$/.test(raw) ? Number(raw) : Number.NaN;
      if (value >= min && value <= max) return { value };
      return { problem: `must be a whole number from ${min} to ${max}` };
    },
  };
}

function text(declaration: Declaration<string>): Option<string> {
  return {
    ...declaration,
    placeholder: 'ADDRESS',
    parse: (raw) => (/\s/.test(raw) ? { problem: 'must not contain white space' } : { value: raw }),
  };
}

function oneOf<T extends string>(values: readonly T[], declaration: Declaration<T>): Option<T> {
  return {
    ...declaration,
    placeholder: 'LEVEL',
    parse(raw) {
      const value = values.find((candidate) => candidate === raw);
      return value === undefined ? { problem: `must be one of ${values.join(', ')}` } : { value };
    },
  };
}

function storeAddress(declaration: Declaration<string>): Option<string> {
  return {
    ...declaration,
    placeholder: 'STORE',
    parse: (raw) =>
      raw === 'memory:' || /^(sqlite:|postgres(ql)?:\/\/).+$/.test(raw)
        ? { value: raw }
        : {
            problem:
              'must be "memory:", "sqlite:" followed by a file name, or "postgres://USER:PASSWORD@HOST/DATABASE"',
          },
  };
}

function redisAddress(declaration: Declaration<string>): Option<string> {
  return {
    ...declaration,
    placeholder: 'URL',
    parse: (raw) =>
      raw.split(',').every((address) => /^rediss?:\/\/\S+$/.test(address.trim()))
        ? { value: raw }
        : { problem: 'must begin with "redis://" or "rediss://"' },
  };
}
