import { integer, oneOf, text } from './option.js';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const DAY_MS = 86_400_000;

/** Where a server listens, where it keeps documents, and how long it waits. */
export const SERVER_OPTIONS = {
  port: integer('PORT', {
    env: 'PORT',
    flag: 'port',
    default: 8080,
    min: 0,
    max: 65_535,
    sentence: 'TCP port to listen on; 0 takes any free one.',
  }),
  host: text('ADDRESS', (raw) => !/\s/.test(raw), 'must not contain white space', {
    env: 'HOST',
    flag: 'host',
    default: '127.0.0.1',
    sentence: 'Address to listen on; 0.0.0.0 lets other machines in.',
  }),
  store: text(
    'STORE',
    (raw) => raw === 'memory:' || /^(sqlite:|file:|postgres(ql)?:\/\/).+$/.test(raw),
    'must be "memory:", "sqlite:" followed by a file name, "postgres://USER:PASSWORD@HOST/DATABASE", or "file:" followed by the name of a file that holds that',
    {
      env: 'COSCRIBE_STORE',
      flag: 'store',
      default: 'sqlite:./data/coscribe.db',
      secret: true,
      sentence:
        'Where documents are kept: sqlite:FILE, postgres://USER:PASSWORD@HOST/DATABASE, memory:, or file:PATH with one of these.',
    },
  ),
  redisUrl: text(
    'URL',
    (raw) => raw.split(',').every((address) => /^rediss?:\/\/\S+$/.test(address.trim())),
    'must begin with "redis://" or "rediss://"',
    {
      env: 'COSCRIBE_REDIS_URL',
      flag: 'redis-url',
      default: '',
      secret: true,
      sentence: 'Redis 7 between several nodes: redis://HOST:PORT, or nodes of a Redis Cluster with commas.',
    },
  ),
  nodeName: text(
    'NAME',
    (raw) => /^[A-Za-z0-9._-]{1,64}$/.test(raw),
    'must have 1 to 64 characters of A-Z a-z 0-9 . _ -',
    {
      env: 'COSCRIBE_NODE_NAME',
      flag: 'node-name',
      default: '',
      sentence:
        'What this node is called in metrics, and its id on /admin begins with, at every start: node-1.',
    },
  ),
  logLevel: oneOf<LogLevel>('LEVEL', LOG_LEVELS, {
    env: 'COSCRIBE_LOG_LEVEL',
    flag: 'log-level',
    default: 'info',
    sentence: 'The least important messages that are logged: debug, info, warn or error; silent for none.',
  }),
  unloadAfterMs: integer('MS', {
    env: 'COSCRIBE_UNLOAD_AFTER_MS',
    flag: 'unload-after-ms',
    default: 30_000,
    min: 0,
    max: DAY_MS,
    sentence: 'How long a document that nobody has open stays in memory, in milliseconds.',
  }),
  keepDeletedMs: integer('MS', {
    env: 'COSCRIBE_KEEP_DELETED_MS',
    flag: 'keep-deleted-ms',
    default: 30 * DAY_MS,
    min: 0,
    max: 3650 * DAY_MS,
    sentence: 'How long a deleted document can be restored before it is erased, in milliseconds.',
  }),
  stopTimeoutMs: integer('MS', {
    env: 'COSCRIBE_STOP_TIMEOUT_MS',
    flag: 'stop-timeout-ms',
    default: 25_000,
    min: 0,
    max: DAY_MS,
    sentence: 'How long a stop may take before the process ends with what is unfinished, in milliseconds.',
  }),
  offlinePages: oneOf<'yes' | 'no'>('CHOICE', ['yes', 'no'], {
    env: 'COSCRIBE_OFFLINE_PAGES',
    flag: 'offline-pages',
    default: 'yes',
    sentence:
      'With yes, browsers keep the pages and the documents opened in them, to work without a network.',
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
  tracesUrl: text('URL', (raw) => /^https?:\/\/\S+$/.test(raw), 'must begin with "http://" or "https://"', {
    env: 'COSCRIBE_TRACES_URL',
    flag: 'traces-url',
    default: '',
    secret: true,
    sentence:
      "Where traces of edits are sent by OpenTelemetry's protocol (OTLP), such as http://HOST:4318/v1/traces.",
  }),
  tracesPerMillion: integer('N', {
    env: 'COSCRIBE_TRACES_PER_MILLION',
    flag: 'traces-per-million',
    default: 10_000,
    min: 1,
    max: 1_000_000,
    sentence: 'Of a million edits, how many are traced, if traces are sent.',
  }),
} as const;
