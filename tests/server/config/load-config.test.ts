import { describe, expect, test } from '@jest/globals';
import { ConfigError, informationAsked, loadConfig } from '../../../server/config/load-config.js';
import type { OptionValue } from '../../../server/config/option.js';
import { OPTIONS } from '../../../server/config/options.js';

const DEFAULTS = {
  port: 8080,
  host: '127.0.0.1',
  store: 'sqlite:./data/coscribe.db',
  redisUrl: '',
  nodeName: '',
  logLevel: 'info',
  unloadAfterMs: 30_000,
  keepDeletedMs: 2_592_000_000,
  stopTimeoutMs: 25_000,
  offlinePages: 'yes',
  drainDelayMs: 0,
  tracesUrl: '',
  tracesPerMillion: 10_000,
  auth: 'open',
  openToAll: 'no',
  jwtAlgorithm: '',
  jwtKey: '',
  jwtJwksUrl: '',
  jwtIssuer: '',
  jwtAudience: '',
  operatorToken: '',
  allowedOrigins: [],
  trustedProxies: [],
  tlsCert: '',
  tlsKey: '',
  handshakeTimeoutMs: 10_000,
  joinTimeoutMs: 30_000,
  maxUpdateBytes: 262_144,
  maxDocumentBytes: 10_485_760,
  maxDeleteRanges: 10_000,
  maxStateVectorBytes: 65_536,
  maxPendingBytes: 8_388_608,
  maxUpdatesPerSecond: 500,
  updateBurst: 1000,
  maxBytesPerSecond: 1_048_576,
  bytesBurst: 16_777_216,
  maxAwarenessBytes: 16_384,
  maxAwarenessDepth: 16,
  maxAwarenessPerSecond: 25,
  awarenessBurst: 50,
  maxJoinsPerSecond: 20,
  joinBurst: 200,
  maxDocumentsPerConnection: 100,
  maxConnectionsPerUser: 100,
  maxConnectionsPerAddress: 1000,
  maxClientIds: 50_000,
  maxSessionsPerDocument: 10_000,
  maxFollowersPerDocument: 10_000,
  maxRequestsPerSecond: 50,
  requestBurst: 200,
  maxBodyBytes: 65_536,
  maxArchiveBytes: 268_435_456,
  maxLagMs: 200,
  webhookUrl: '',
  webhookSecret: [],
  webhookEvents: ['document.changed'],
};

const WEBHOOK_SECRETS = [1, 2].map((byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`);

/** For each option: a value that is not the default, as typed and as read. */
const VALUES = {
  port: ['9000', 9000],
  host: ['0.0.0.0', '0.0.0.0'],
  store: ['memory:', 'memory:'],
  redisUrl: ['redis://cache:6379', 'redis://cache:6379'],
  nodeName: ['web-2', 'web-2'],
  logLevel: ['debug', 'debug'],
  unloadAfterMs: ['0', 0],
  keepDeletedMs: ['1000', 1000],
  stopTimeoutMs: ['1000', 1000],
  offlinePages: ['no', 'no'],
  drainDelayMs: ['900', 900],
  tracesUrl: ['http://localhost:4318/v1/traces', 'http://localhost:4318/v1/traces'],
  tracesPerMillion: ['5', 5],
  auth: ['links', 'links'],
  openToAll: ['yes', 'yes'],
  jwtAlgorithm: ['EdDSA', 'EdDSA'],
  jwtKey: ['file:/run/secrets/jwt.pem', 'file:/run/secrets/jwt.pem'],
  jwtJwksUrl: ['https://id.example.com/jwks', 'https://id.example.com/jwks'],
  jwtIssuer: ['https://id.example.com/', 'https://id.example.com/'],
  jwtAudience: ['coscribe', 'coscribe'],
  operatorToken: ['0123456789abcdef', '0123456789abcdef'],
  allowedOrigins: [
    'https://Example.com:443, http://localhost:3000,app://desktop',
    ['https://example.com', 'http://localhost:3000', 'app://desktop'],
  ],
  trustedProxies: ['10.0.0.0/8, 192.0.2.1,fd00::/8', ['10.0.0.0/8', '192.0.2.1', 'fd00::/8']],
  tlsCert: ['/etc/ssl/one.pem', '/etc/ssl/one.pem'],
  tlsKey: ['/etc/ssl/one.key', '/etc/ssl/one.key'],
  handshakeTimeoutMs: ['5000', 5000],
  joinTimeoutMs: ['5000', 5000],
  maxUpdateBytes: ['65536', 65_536],
  maxDocumentBytes: ['1000000', 1_000_000],
  maxDeleteRanges: ['500', 500],
  maxStateVectorBytes: ['100000', 100_000],
  maxPendingBytes: ['1000000', 1_000_000],
  maxUpdatesPerSecond: ['100', 100],
  updateBurst: ['1000', 1000],
  maxBytesPerSecond: ['100000', 100_000],
  bytesBurst: ['2000000', 2_000_000],
  maxAwarenessBytes: ['2048', 2048],
  maxAwarenessDepth: ['6', 6],
  maxAwarenessPerSecond: ['40', 40],
  awarenessBurst: ['80', 80],
  maxJoinsPerSecond: ['5', 5],
  joinBurst: ['50', 50],
  maxDocumentsPerConnection: ['10', 10],
  maxConnectionsPerUser: ['10', 10],
  maxConnectionsPerAddress: ['10', 10],
  maxClientIds: ['10', 10],
  maxSessionsPerDocument: ['10', 10],
  maxFollowersPerDocument: ['20', 20],
  maxRequestsPerSecond: ['5', 5],
  requestBurst: ['60', 60],
  maxBodyBytes: ['2048', 2048],
  maxArchiveBytes: ['1000000', 1_000_000],
  maxLagMs: ['100', 100],
  webhookUrl: ['https://ada:x@example.com/hook?a=b', 'https://ada:x@example.com/hook?a=b'],
  webhookSecret: [WEBHOOK_SECRETS.join(', '), WEBHOOK_SECRETS],
  webhookEvents: ['document.created, *', ['document.created', '*']],
} as const satisfies Record<keyof typeof OPTIONS, readonly [string, OptionValue]>;

type Key = keyof typeof OPTIONS;

/** What an option needs beside it in order to make sense. */
const COMPANIONS: Partial<Record<Key, readonly Key[]>> = {
  jwtAlgorithm: ['jwtKey'],
  jwtKey: ['jwtAlgorithm'],
  jwtJwksUrl: ['jwtAlgorithm'],
  jwtIssuer: ['jwtAlgorithm', 'jwtKey'],
  jwtAudience: ['jwtAlgorithm', 'jwtKey'],
  tlsCert: ['tlsKey'],
  tlsKey: ['tlsCert'],
  webhookUrl: ['webhookSecret'],
  webhookSecret: ['webhookUrl'],
};

const KEYS = Object.keys(VALUES) as Key[];

function problems(argv: string[], env: Record<string, string> = {}): readonly string[] {
  try {
    loadConfig(argv, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  test('[CONF1] without flags and environment every option has its default', () => {
    expect(loadConfig([], {})).toEqual(DEFAULTS);
  });

  test.each(KEYS)('[CONF1] %s is set by its environment variable and by its flag', (key) => {
    const { env, flag } = OPTIONS[key];
    const [raw, value] = VALUES[key];
    const others = COMPANIONS[key] ?? [];
    const beside: Record<string, string> = Object.fromEntries(
      others.map((other) => [OPTIONS[other].env, VALUES[other][0]]),
    );
    const expected: Record<string, OptionValue> = { ...DEFAULTS, [key]: value };
    for (const other of others) expected[other] = VALUES[other][1];
    if (key.startsWith('jwt')) {
      beside.COSCRIBE_AUTH = 'jwt';
      expected.auth = 'jwt';
    }
    expect(loadConfig([], { ...beside, [env]: raw })).toEqual(expected);
    expect(loadConfig([`--${flag}`, raw], beside)).toEqual(expected);
    expect(loadConfig([`--${flag}=${raw}`], beside)).toEqual(expected);
  });

  test('[CONF2] a flag wins over the environment, the last flag over earlier ones', () => {
    expect(loadConfig(['--port', '1', '--port', '2'], { PORT: '3' }).port).toBe(2);
  });

  test('[CONF2] a variable that is set to nothing counts as not set', () => {
    expect(loadConfig([], { PORT: '', COSCRIBE_STORE: '' })).toEqual(DEFAULTS);
  });

  test.each([
    [['--port', 'eighty'], '--port must be a whole number from 0 to 65535, not "eighty".'],
    [['--port', '65536'], '--port must be a whole number from 0 to 65535, not "65536".'],
    [['--port', '-1'], '--port must be a whole number from 0 to 65535, not "-1".'],
    [['--port', '80.5'], '--port must be a whole number from 0 to 65535, not "80.5".'],
    [['--port', '0x50'], '--port must be a whole number from 0 to 65535, not "0x50".'],
    [['--port', '1e3'], '--port must be a whole number from 0 to 65535, not "1e3".'],
    [['--port'], '--port needs a value.'],
    [['--port='], '--port needs a value.'],
    [['--host', '--port'], '--host needs a value.'],
    [['--host', 'a b'], '--host must not contain white space, not "a b".'],
    [
      ['--store', 'mysql://root:hunter2@x'],
      '--store must be "memory:", "sqlite:" followed by a file name, "postgres://USER:PASSWORD@HOST/DATABASE", or "file:" followed by the name of a file that holds that.',
    ],
    [
      ['--store', 'sqlite:'],
      '--store must be "memory:", "sqlite:" followed by a file name, "postgres://USER:PASSWORD@HOST/DATABASE", or "file:" followed by the name of a file that holds that.',
    ],
    [['--log-level', 'loud'], '--log-level must be one of debug, info, warn, error, silent, not "loud".'],
    [
      ['--max-update-bytes', '1'],
      '--max-update-bytes must be a whole number from 1024 to 1073741824, not "1".',
    ],
    [['--auth', 'yes'], '--auth must be one of open, links, jwt, not "yes".'],
    [['--open-to-all', 'true'], '--open-to-all must be one of yes, no, not "true".'],
    [
      ['--jwt-algorithm', 'none'],
      '--jwt-algorithm must be one of HS256, RS256, PS256, ES256, ES384, EdDSA, not "none".',
    ],
    [['--jwt-key', 'file:'], '--jwt-key must be a key, or "file:" and a file name.'],
    [
      ['--jwt-jwks-url', 'https://user:hunter2@x'],
      '--jwt-jwks-url must be an address that begins with "https://" or "http://" and holds no password.',
    ],
    [['--webhook-url', 'ftp://hunter2'], '--webhook-url must begin with "https://" or "http://".'],
    [
      ['--webhook-secret', 'whsec_hunter2'],
      '--webhook-secret must be "whsec_" and 24 to 64 random bytes in base64: echo "whsec_$(openssl rand -base64 32)".',
    ],
    [
      ['--allowed-origins', 'https://a.example,b.example'],
      '--allowed-origins must be "*", or origins such as "https://www.example.com" with commas between them, not "https://a.example,b.example".',
    ],
    [
      ['--trusted-proxies', '10.0.0.0/33'],
      '--trusted-proxies must be addresses or ranges such as "10.0.0.0/8" with commas between them, not "10.0.0.0/33".',
    ],
    [['--frobnicate'], '--frobnicate is not an option; see --help.'],
    [['-x'], '-x is not an option; see --help.'],
    [['--__proto__', 'x'], '--__proto__ is not an option; see --help.'],
    [['start'], '"start" is not a flag; see --help.'],
  ])('[CONF3] %j is refused with a sentence', (argv, sentence) => {
    expect(problems(argv)).toContain(sentence);
  });

  test('[CONF3] a wrong variable is named as a variable', () => {
    expect(problems([], { PORT: 'x' })).toEqual(['PORT must be a whole number from 0 to 65535, not "x".']);
  });

  test('[CONF3] all problems are told at once', () => {
    expect(problems(['--nothing', '--port', 'x'], { COSCRIBE_LOG_LEVEL: 'loud' })).toEqual([
      '--nothing is not an option; see --help.',
      '--port must be a whole number from 0 to 65535, not "x".',
      'COSCRIBE_LOG_LEVEL must be one of debug, info, warn, error, silent, not "loud".',
    ]);
  });
});

test.each([
  [['--help'], 'help'],
  [['-h', '--nonsense'], 'help'],
  [['--port', '1', '--version'], 'version'],
  [['-v'], 'version'],
  [['--port', '1'], undefined],
  [[], undefined],
])('[CONF4] %j asks for: %s', (argv, asked) => {
  expect(informationAsked(argv)).toBe(asked);
});
